import { Readable } from 'node:stream'
import { assertPreconditions, noContent, reply, route, stream } from 'glueful'
import { describe, expect, test } from 'vitest'
import { doorNames, openDoor } from './doors.ts'

interface Car {
  readonly id: number
  readonly version: number
  readonly changedAt: Date
}

const changedAt = new Date('2026-03-01T10:00:00.500Z')

describe.each(doorNames)('entity tags through the %s door', (door) => {
  test('true tags what is sent by its bytes, weak says so', async () => {
    let value = { a: 1 }
    await using app = await openDoor(door, {
      routes: {
        strong: route.get('/strong', { etag: true }, () => value),
        weak: route.get('/weak', { etag: 'weak' }, () => value),
        none: route.get('/none', () => value),
      },
    })
    const tag = async (path: string) => (await app.send('GET', path)).headers.get('etag')
    const first = await tag('/strong')
    expect(first).toMatch(/^"[\w-]{27}"$/)
    expect([await tag('/strong'), await tag('/weak'), await tag('/none')]).toEqual([first, `W/${first}`, null])
    value = { a: 2 }
    expect(await tag('/strong')).not.toBe(first)
  })

  test('a current copy is answered by 304 without content, through GET and HEAD', async () => {
    await using app = await openDoor(door, {
      routes: { x: route.get('/x', { etag: true }, () => reply(200, { a: 1 }, { vary: 'accept', 'cache-control': 'max-age=5' })) },
    })
    const etag = (await app.send('GET', '/x')).headers.get('etag') as string
    for (const method of ['GET', 'HEAD']) {
      const answer = await app.send(method, '/x', { headers: { 'if-none-match': `"x", W/${etag}` } })
      expect([answer.status, answer.text, answer.headers.get('etag'), answer.headers.get('vary'), answer.headers.get('cache-control')]).toEqual([
        304,
        '',
        etag,
        'accept',
        'max-age=5',
      ])
      expect([answer.headers.get('content-type'), answer.headers.get('content-length')]).toEqual([null, null])
    }
    expect((await app.send('GET', '/x', { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  test('errors and streams have no tag', async () => {
    await using app = await openDoor(door, {
      routes: {
        missing: route.get('/missing', { etag: true }, () => reply(404, {})),
        stream: route.get('/stream', { etag: true }, () => stream(Readable.from(['a']))),
      },
    })
    expect((await app.send('GET', '/missing', { headers: { 'if-none-match': '*' } })).status).toBe(404)
    const answer = await app.send('GET', '/stream', { headers: { 'if-none-match': '*' } })
    expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([200, 'a', null])
  })

  test('what the handler sets itself goes before', async () => {
    await using app = await openDoor(door, {
      routes: {
        x: route.get('/x', { etag: true }, ({ setHeader }) => {
          setHeader('etag', '"own"')
          return 1
        }),
      },
    })
    expect((await app.send('GET', '/x')).headers.get('etag')).toBe('"own"')
    expect((await app.send('GET', '/x', { headers: { 'if-none-match': '"own"' } })).status).toBe(304)
  })

  test('versions and times of change come from the answer', async () => {
    await using app = await openDoor(door, {
      routes: {
        x: route.get('/x', { etag: { version: (car: Car) => car.version, lastModified: (car: Car) => car.changedAt } }, () => ({
          id: 1,
          version: 12,
          changedAt,
        })),
        text: route.get('/text', { etag: { version: () => 'a "quoted" text' } }, () => 1),
      },
    })
    const answer = await app.send('GET', '/x')
    expect([answer.headers.get('etag'), answer.headers.get('last-modified')]).toEqual(['"12"', 'Sun, 01 Mar 2026 10:00:00 GMT'])
    const ask = async (headers: Record<string, string>) => (await app.send('GET', '/x', { headers })).status
    expect(await ask({ 'if-modified-since': 'Sun, 01 Mar 2026 10:00:00 GMT' })).toBe(304)
    expect(await ask({ 'if-modified-since': 'Sun, 01 Mar 2026 09:59:59 GMT' })).toBe(200)
    expect(await ask({ 'if-modified-since': 'Sun, 01 Mar 2026 10:00:00 GMT', 'if-none-match': '"11"' })).toBe(200)
    expect(await ask({ 'if-unmodified-since': 'Sun, 01 Mar 2026 09:59:59 GMT' })).toBe(412)
    expect(await ask({ 'if-match': '"12"' })).toBe(200)
    expect((await app.send('GET', '/text')).headers.get('etag')).toMatch(/^"[\w-]{27}"$/)
  })

  test('a change is held to the state that the client has seen: 412 when it is another, 428 when it says none', async () => {
    let version = 1
    await using app = await openDoor(door, {
      routes: {
        update: route.patch('/x', { etag: { current: async () => ({ version }), required: true, version: () => version } }, () => ({ version: ++version })),
        missing: route.put('/missing', { etag: { current: () => undefined } }, () => noContent()),
        inside: route.delete('/x', { etag: { required: true } }, (ctx) => {
          assertPreconditions(ctx, { version })
          return noContent()
        }),
      },
    })
    const send = async (method: string, path: string, headers: Record<string, string> = {}) => {
      const answer = await app.send(method, path, { headers })
      return [answer.status, answer.status >= 400 ? answer.json()['code'] : answer.headers.get('etag')]
    }
    expect(await send('PATCH', '/x')).toEqual([428, 'PRECONDITION_REQUIRED'])
    expect(await send('PATCH', '/x', { 'if-match': '"1"' })).toEqual([200, '"2"'])
    expect(await send('PATCH', '/x', { 'if-match': '"1"' })).toEqual([412, 'PRECONDITION_FAILED'])
    expect((await app.send('PATCH', '/x', { headers: { 'if-match': '"1"' } })).headers.get('etag')).toBe('"2"')
    expect(await send('PATCH', '/x', { 'if-match': 'W/"2"' })).toEqual([412, 'PRECONDITION_FAILED'])
    expect(await send('PATCH', '/x', { 'if-none-match': '*' })).toEqual([412, 'PRECONDITION_FAILED'])
    expect(await send('PUT', '/missing', { 'if-match': '*' })).toEqual([412, 'PRECONDITION_FAILED'])
    expect(await send('PUT', '/missing', { 'if-none-match': '*' })).toEqual([204, null])
    expect(await send('DELETE', '/x')).toEqual([428, 'PRECONDITION_REQUIRED'])
    expect(await send('DELETE', '/x', { 'if-match': '"1"' })).toEqual([412, 'PRECONDITION_FAILED'])
    expect(await send('DELETE', '/x', { 'if-match': '"2"' })).toEqual([204, null])
  })

  test('a state known by its time of change alone is compared by time', async () => {
    await using app = await openDoor(door, { routes: { x: route.put('/x', { etag: { current: () => ({ version: changedAt }) } }, () => noContent()) } })
    const put = async (date: string) => (await app.send('PUT', '/x', { headers: { 'if-unmodified-since': date } })).status
    expect([await put('Sun, 01 Mar 2026 10:00:00 GMT'), await put('Sun, 01 Mar 2026 09:00:00 GMT')]).toEqual([204, 412])
  })

  test('OpenAPI describes conditions and their answers', async () => {
    await using app = await openDoor(door, {
      routes: {
        show: route.get('/x', { etag: true }, () => 1),
        update: route.put('/x', { etag: { current: () => ({ version: 1 }), required: true } }, () => 1),
      },
    })
    const { get, put } = app.app.openapi().paths['/x'] as Record<string, { parameters: { name: string }[]; responses: object }>
    expect([get?.parameters.map(({ name }) => name), Object.keys(get?.responses ?? {})]).toEqual([['If-None-Match'], expect.arrayContaining(['304', '412'])])
    expect([put?.parameters.map(({ name }) => name), Object.keys(put?.responses ?? {})]).toEqual([['If-Match'], expect.arrayContaining(['412', '428'])])
  })
})

test('a value that nothing reads is refused at boot: ETAG_INVALID', async () => {
  for (const etag of ['strnog' as 'strong', { versoin: () => 1 } as object]) {
    await expect(openDoor('fetch', { routes: { x: route.get('/x', { etag }, () => 1) } }).then(({ app }) => app.ready())).rejects.toMatchObject({
      code: 'ETAG_INVALID',
    })
  }
})
