import { route } from 'glueful'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openDoor } from './doors.ts'

const Body = z.object({
  name: z.string(),
  list: z.array(z.object({ a: z.number() })).optional(),
  either: z.union([z.object({ x: z.string() }), z.object({ y: z.string() })]).optional(),
  any: z.record(z.string(), z.object({ v: z.number() })).optional(),
  loose: z.looseObject({ a: z.number() }).optional(),
})
const extra = { name: 'n', more: 1, list: [{ a: 1, b: 2 }], either: { x: '1', z: 2 }, any: { k: { v: 1, w: 2 } }, loose: { a: 1, free: true } }
const headers = { 'content-type': 'application/json' }

describe('fields that the schema does not name', () => {
  test('are refused by name, at any depth, with reject', async () => {
    await using door = await openDoor('fetch', { routes: { x: route.post('/x', { body: Body, strict: 'reject' }, ({ body }) => body) } })
    const answer = await door.send('POST', '/x', { headers, body: JSON.stringify(extra) })
    const errors = answer.json()['errors'] as { path: string[]; code: string }[]
    expect(errors.map((error) => error.path.join('.')).sort()).toEqual(['body.any.k.w', 'body.either.z', 'body.list.0.b', 'body.more'])
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['unrecognized_keys']))
    expect((await door.send('POST', '/x', { headers, body: '{"name":"n"}' })).status).toBe(200)
  })

  test('are accepted, counted and left to the schema with report', async () => {
    await using door = await openDoor('fetch', { routes: { x: route.post('/x', { body: Body, strict: 'report' }, ({ body }) => body) } })
    const answer = await door.send('POST', '/x', { headers, body: JSON.stringify(extra) })
    expect(answer.json()).toEqual({ name: 'n', list: [{ a: 1 }], either: { x: '1' }, any: { k: { v: 1 } }, loose: { a: 1, free: true } })
    expect((await door.send('GET', '/metrics')).text).toContain('glueful_http_unknown_fields_total{route="/x"} 1')
    expect(door.logs.join('')).toContain('"fields":["more","list.0.b","either.z","any.k.w"]')
  })

  test('are dropped with strip, even where the schema is strict', async () => {
    await using door = await openDoor('fetch', {
      routes: { x: route.post('/x', { body: z.strictObject({ a: z.number() }), strict: 'strip' }, ({ body }) => body) },
    })
    expect((await door.send('POST', '/x', { headers, body: '{"a":1,"b":2}' })).json()).toEqual({ a: 1 })
  })

  test('of the query are refused too', async () => {
    await using door = await openDoor('fetch', { routes: { x: route.get('/x', { query: z.object({ a: z.string() }), strict: true }, () => 1) } })
    expect((await door.send('GET', '/x?a=1&b=2')).status).toBe(422)
  })

  test('cannot be found in schemas of other vendors, which is STRICT_UNSUPPORTED', async () => {
    const foreign = { '~standard': { version: 1 as const, vendor: 'other', validate: (value: unknown) => ({ value }) } }
    await expect(openDoor('socket', { routes: { x: route.post('/x', { body: foreign, strict: true }, () => 1) } })).rejects.toMatchObject({
      code: 'STRICT_UNSUPPORTED',
    })
  })
})

test('any Standard Schema validates, asynchronous ones too', async () => {
  const even = {
    '~standard': {
      version: 1 as const,
      vendor: 'other',
      validate: async (value: unknown) =>
        typeof value === 'number' && value % 2 === 0 ? { value: value / 2 } : { issues: [{ message: 'not even', path: ['deep', { key: 0 }] }] },
    },
  }
  await using door = await openDoor('fetch', { routes: { x: route.post('/x', { body: even }, ({ body }) => body) } })
  expect((await door.send('POST', '/x', { headers, body: '4' })).json()).toBe(2)
  expect((await door.send('POST', '/x', { headers, body: '3' })).json()['errors']).toEqual([
    { path: ['body', 'deep', 0], code: 'invalid', message: 'not even' },
  ])
})

test('strict changes nothing for values that only have known fields', async () => {
  await using door = await openDoor('fetch', {
    routes: {
      loose: route.post('/loose', { body: Body }, ({ body }) => body),
      strict: route.post('/strict', { body: Body, strict: true }, ({ body }) => body),
    },
  })
  const value = fc.record({ name: fc.oneof(fc.string(), fc.integer()), list: fc.array(fc.record({ a: fc.oneof(fc.integer(), fc.string()) })) })
  await fc.assert(
    fc.asyncProperty(value, async (body) => {
      const [loose, strict] = await Promise.all(['/loose', '/strict'].map((path) => door.send('POST', path, { headers, body: JSON.stringify(body) })))
      expect(strict?.status).toBe(loose?.status)
      const { requestId: _, ...a } = strict?.json() ?? {}
      const { requestId: __, ...b } = loose?.json() ?? {}
      expect(a).toEqual(b)
    }),
    { numRuns: 50 },
  )
})
