import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { createJobId } from './job-id.ts'
import { job, type Job } from './job.ts'
import type { JobOptions } from './job-options.ts'
import { prepareJob } from './prepare-job.ts'
import { collectJobs } from '../queue/collect-jobs.ts'

const now = Date.UTC(2026, 0, 1)
const around = { now, payloadLimit: 1_000, origin: {} }
const prepare = (of: Job<never, unknown>, payload?: unknown, options = {}) => prepareJob(of.compiled, payload, options, around)
const plain = (options: JobOptions<undefined> = {}) => job('x', options, () => {})

test('types follow from the schema: input at dispatch, output in the handler, result of dispatchSync', () => {
  const schema = z.object({ id: z.string(), count: z.coerce.number().default(1) })
  const counted = job('count', { payload: schema, unique: ({ id }) => id }, async ({ payload, signal }) => {
    expectTypeOf(payload).toEqualTypeOf<{ id: string; count: number }>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    return payload.count
  })
  expectTypeOf(counted.dispatch).parameter(0).toEqualTypeOf<z.input<typeof schema>>()
  expectTypeOf(counted.dispatchSync).returns.toEqualTypeOf<Promise<number>>()
  expectTypeOf(plain().dispatch).toBeCallableWith()
  expect(counted.name).toBe('count')
})

test('what is stored is the input, with the defaults of the job', () => {
  const schema = z.object({ at: z.coerce.date() })
  const dated = job('dated', { payload: schema, queue: 'slow', priority: 7, tries: 9, delay: '5s', keep: '1h', tags: ['a'] }, () => {})
  const stored = prepare(dated, { at: new Date(now) })
  expect(stored).toMatchObject({
    job: 'dated',
    queue: 'slow',
    priority: 7,
    tries: 9,
    createdAt: now,
    runAt: now + 5_000,
    keepMs: 3_600_000,
    payload: '{"at":"2026-01-01T00:00:00.000Z"}',
    meta: { tags: ['a'] },
  })
})

test('a dispatch may say otherwise', () => {
  const at = new Date(now + 99)
  const [p, q] = [createJobId(1), createJobId(1)]
  expect(prepare(plain(), undefined, { queue: 'q', priority: -3, tries: 1, tags: ['t'], keep: 5, at, after: [p, { id: q }] })).toMatchObject({
    queue: 'q',
    priority: -3,
    tries: 1,
    keepMs: 5,
    runAt: now + 99,
    after: [p, q],
    meta: { tags: ['t'] },
    payload: '',
  })
  for (const wrong of ['p', '', undefined as never, { id: 7 } as never])
    expect(() => prepare(plain(), undefined, { after: [wrong] })).toThrow(expect.objectContaining({ code: 'JOB_OPTION_INVALID' }) as Error)
})

test('keys come from the payload as the handler sees it; long ones stay distinct', () => {
  const schema = z.object({ tenant: z.string().toLowerCase() })
  const limited = job('t', { payload: schema, unique: true, concurrency: { limit: 2, key: ({ tenant }) => tenant } }, () => {})
  expect(prepare(limited, { tenant: 'ACME' })).toMatchObject({ unique: { key: 't:{"tenant":"acme"}' }, group: { key: 't:acme', concurrency: 2 } })
  const byPayload = job(
    't',
    {
      payload: z.object({ places: z.number(), rate: z.number().optional() }),
      concurrency: { limit: ({ places }) => places },
      rateLimit: { limit: ({ rate }) => rate, per: ({ places }) => places * 1_000 },
    },
    () => {},
  )
  expect(prepare(byPayload, { places: 3, rate: 7 })).toMatchObject({ group: { key: 't', concurrency: 3, rate: { limit: 7, perMs: 3_000 } } })
  expect(prepare(byPayload, { places: 3 })).toMatchObject({ group: { concurrency: 3, rate: undefined } })
  expect(() => prepare(byPayload, { places: 0.5 })).toThrow(expect.objectContaining({ code: 'JOB_OPTION_INVALID' }) as Error)
  const keys = ['a', 'b'].map((end) => (prepare(limited, { tenant: 'x'.repeat(400) + end }) as { group: { key: string } }).group.key)
  expect(keys[0]).not.toBe(keys[1])
  expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(180)
})

test('a payload that does not fit is refused at dispatch, with every fault and its place', () => {
  const typed = job('typed', { payload: z.object({ id: z.uuid(), n: z.number() }) }, () => {})
  expect(() => prepare(typed, { id: 'no', n: 'x' })).toThrow(
    expect.objectContaining({ code: 'JOB_PAYLOAD_INVALID', message: expect.stringMatching(/typed.*id: .*n: /) }),
  )
})

test('a payload is judged as it will be read: a date that the schema wants as a date is refused, because JSON has none', () => {
  const dated = job('dated', { payload: z.object({ at: z.date() }) }, () => {})
  expect(() => prepare(dated, { at: new Date(now) })).toThrow(expect.objectContaining({ code: 'JOB_PAYLOAD_INVALID' }))
})

test('a payload that is no JSON, or too much of it, is refused', () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  for (const payload of [circular, () => 1, Symbol('x'), 10n]) {
    expect(() => prepare(plain(), payload)).toThrow(expect.objectContaining({ code: 'JOB_PAYLOAD_UNSERIALIZABLE' }))
  }
  expect(() => prepare(plain(), 'ä'.repeat(600))).toThrow(expect.objectContaining({ code: 'JOB_PAYLOAD_TOO_LARGE' }))
  expect(prepare(plain(), 'a'.repeat(900))).toMatchObject({ job: 'x' })
})

test.for([
  ['name', () => job('bad name', {}, () => {})],
  ['queue', () => plain({ queue: 'a:b' })],
  ['tries', () => plain({ tries: 0 })],
  ['priority', () => plain({ priority: 1.5 })],
  ['timeout', () => plain({ timeout: 0 })],
  ['concurrency', () => plain({ concurrency: 0 })],
  ['rateLimit.per', () => plain({ rateLimit: { limit: 1, per: 0 } })],
  ['rateLimit.key', () => plain({ concurrency: { limit: 1, key: () => 'a' }, rateLimit: { limit: 1, per: 1, key: () => 'b' } })],
  ['unique.onConflict', () => plain({ unique: { onConflict: 'panic' as never } })],
  ['retries', () => plain({ retries: 3 } as never)],
  ['tags', () => prepare(plain({ tags: Array.from({ length: 11 }, String) }))],
  ['at', () => prepare(plain(), undefined, { at: new Date(Number.NaN) })],
] as const)('a wrong %s is refused by name', ([option, declare]) => {
  expect(declare).toThrow(expect.objectContaining({ code: 'JOB_OPTION_INVALID', message: expect.stringContaining(option) }))
})

test('a dispatch where nothing is booted says so', async () => {
  await expect(plain().dispatch()).rejects.toMatchObject({ code: 'QUEUE_NOT_BOOTED' })
})

test('jobs are found in modules, groups and lists; two of one name are refused', () => {
  const [a, b] = [job('a', {}, () => {}), job('b', {}, () => {})]
  expect([...collectJobs({ a, group: { b, schema: z.string() }, text: 'x', again: a }).keys()]).toEqual(['a', 'b'])
  expect([...collectJobs([a, b]).keys()]).toEqual(['a', 'b'])
  expect(() => collectJobs([a, job('a', {}, () => {})])).toThrow(expect.objectContaining({ code: 'JOB_NAME_TAKEN' }))
})

test('ids are UUIDs of version 7 in the order in which they were made, even when the clock goes back', () => {
  const list = [now, now, now - 5_000, ...Array.from({ length: 10_000 }, () => now), now + 1].map(createJobId)
  expect(new Set(list).size).toBe(list.length)
  expect(list.toSorted()).toEqual(list)
  for (const id of list) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
