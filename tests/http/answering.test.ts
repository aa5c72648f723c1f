import { Readable } from 'node:stream'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { NotFound, accepted, bytes, created, deferred, events, file, html, noContent, redirect, reply, route, stream, text, type Reply } from 'glueful'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { doorNames, openDoor, sendRaw } from './doors.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glueful-files-'))
  await writeFile(join(folder, 'ten.txt'), '0123456789')
  await symlink('/etc/hostname', join(folder, 'outside.txt'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.each(doorNames)('an answer through the %s door', (name) => {
  const answers: [string, () => unknown, number, string | null, string][] = [
    ['an object', () => ({ a: 1 }), 200, 'application/json; charset=utf-8', '{"a":1}'],
    ['null', () => null, 200, 'application/json; charset=utf-8', 'null'],
    ['a string', () => 'x', 200, 'application/json; charset=utf-8', '"x"'],
    ['a promise', () => Promise.resolve([1]), 200, 'application/json; charset=utf-8', '[1]'],
    ['nothing', () => undefined, 204, null, ''],
    ['created', () => created({ id: 1 }, '/cars/1'), 201, 'application/json; charset=utf-8', '{"id":1}'],
    ['accepted', () => accepted(), 202, null, ''],
    ['noContent', () => noContent(), 204, null, ''],
    ['redirect', () => redirect('/elsewhere?a=1'), 302, null, ''],
    ['reply', () => reply(418, { teapot: true }, { 'X-Kind': 'short' }), 418, 'application/json; charset=utf-8', '{"teapot":true}'],
    ['text', () => text('héllo'), 200, 'text/plain; charset=utf-8', 'héllo'],
    ['html', () => html('<p>'), 200, 'text/html; charset=utf-8', '<p>'],
    ['bytes', () => bytes(new Uint8Array([65, 66]), 'image/x'), 200, 'image/x', 'AB'],
    ['a stream', () => stream(Readable.from(['a', 'b']), { type: 'text/csv' }), 200, 'text/csv', 'ab'],
    ['a Response', () => new Response('web', { status: 203, headers: { 'content-type': 'text/x' } }), 203, 'text/x', 'web'],
  ]
  test.each(answers)('%s', async (_, handler, status, type, body) => {
    await using door = await openDoor(name, { routes: { x: route.get('/x', handler) } })
    const answer = await door.send('GET', '/x')
    expect([answer.status, answer.headers.get('content-type'), answer.text]).toEqual([status, type, body])
  })

  test('HEAD has the headers of GET and no body', async () => {
    await using door = await openDoor(name, { routes: { x: route.get('/x', () => ({ a: 'ä' })) } })
    const [get, head] = [await door.send('GET', '/x'), await door.send('HEAD', '/x')]
    expect(head.text).toBe('')
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
    expect(head.headers.get('content-length')).toBe('10')
  })

  test('headers of the handler are sent, and each Set-Cookie stays a line of its own', async () => {
    const x = route.get('/x', ({ setHeader }) => {
      setHeader('set-cookie', 'a=1')
      setHeader('set-cookie', 'b=2')
      return 1
    })
    await using door = await openDoor(name, { routes: { x } })
    expect((await door.send('GET', '/x')).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  test.each([
    [
      'a cycle',
      () => {
        const a: Record<string, unknown> = {}
        a['a'] = a
        return a
      },
    ],
    ['a bigint', () => ({ a: 1n })],
  ])('%s is a RESPONSE_NOT_JSON', async (_, handler) => {
    await using door = await openDoor(name, { routes: { x: route.get('/x', handler) } })
    const answer = await door.send('GET', '/x')
    expect([answer.status, answer.json()['code']]).toEqual([500, 'RESPONSE_NOT_JSON'])
  })

  test.each(['/x\r\nset-cookie: a=1', 'http://', '/ä'])('a redirect to %j is refused with REDIRECT_INVALID', async (target) => {
    await using door = await openDoor(name, { routes: { x: route.get('/x', () => redirect(target)) } })
    expect((await door.send('GET', '/x')).json()['code']).toBe('REDIRECT_INVALID')
  })

  describe('a file', () => {
    const routes = () => ({ files: route.get('/files/*path', ({ params }) => file(params.path, { root: folder, download: 'zehn "ü".txt' })) })

    test('has type, validators, length and a name to save it under', async () => {
      await using door = await openDoor(name, { routes: routes() })
      const answer = await door.send('GET', '/files/ten.txt')
      expect([answer.status, answer.text, answer.headers.get('content-length')]).toEqual([200, '0123456789', '10'])
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(answer.headers.get('accept-ranges')).toBe('bytes')
      expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="zehn ___.txt"; filename*=UTF-8''zehn%20%22%C3%BC%22.txt`)
      expect(Date.parse(answer.headers.get('last-modified') as string)).not.toBeNaN()
    })

    test.each([
      ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=-2', 206, '89', 'bytes 8-9/10'],
      ['bytes=5-500', 206, '56789', 'bytes 5-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
      ['bytes=-0', 416, '', 'bytes */10'],
      ['bytes=3-1', 200, '0123456789', null],
      ['lines=1-2', 200, '0123456789', null],
    ])('answers Range: %s with %i', async (range, status, body, contentRange) => {
      await using door = await openDoor(name, { routes: routes() })
      const answer = await door.send('GET', '/files/ten.txt', { headers: { range } })
      expect([answer.status, answer.headers.get('content-range')]).toEqual([status, contentRange])
      if (status === 416) expect(answer.json()['code']).toBe('RANGE_NOT_SATISFIABLE')
      else expect(answer.text).toBe(body)
    })

    test('answers several ranges as parts', async () => {
      await using door = await openDoor(name, { routes: routes() })
      const answer = await door.send('GET', '/files/ten.txt', { headers: { range: 'bytes=0-1, 8-9' } })
      expect(answer.status).toBe(206)
      expect(answer.text.match(/content-range: bytes (\S+)\r\n\r\n(\d+)/g)).toHaveLength(2)
      expect(answer.headers.get('content-length')).toBe(String(answer.text.length))
    })

    test('is not sent again to who has it', async () => {
      await using door = await openDoor(name, { routes: routes() })
      const first = await door.send('GET', '/files/ten.txt')
      const [etag, date] = [first.headers.get('etag') as string, first.headers.get('last-modified') as string]
      const ask = async (headers: Record<string, string>) => (await door.send('GET', '/files/ten.txt', { headers })).status
      expect(await ask({ 'if-none-match': `"other", W/${etag}` })).toBe(304)
      expect(await ask({ 'if-modified-since': date })).toBe(304)
      expect(await ask({ 'if-none-match': '"other"', 'if-modified-since': date })).toBe(200)
      expect(await ask({ 'if-match': '"other"' })).toBe(412)
      expect(await ask({ 'if-match': '*' })).toBe(200)
      expect(await ask({ 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(412)
      expect(await ask({ range: 'bytes=0-0', 'if-range': etag })).toBe(206)
      expect(await ask({ range: 'bytes=0-0', 'if-range': '"other"' })).toBe(200)
    })

    test.each(['missing.txt', 'outside.txt', '..%2f..%2fetc%2fhostname', '%2e%2e/hostname', 'sub/../../x', ''])(
      '%j is not found with FILE_NOT_FOUND or refused',
      async (path) => {
        await using door = await openDoor(name, { routes: routes() })
        expect([400, 404]).toContain((await door.send('GET', `/files/${path}`)).status)
      },
    )
  })
})

describe('over a socket', () => {
  test('a stream that fails cuts the connection instead of ending well', async () => {
    async function* broken() {
      yield 'half'
      throw new Error('gone')
    }
    await using door = await openDoor('socket', { routes: { x: route.get('/x', () => stream(broken())) } })
    await expect(door.send('GET', '/x')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('a client that leaves closes the source and aborts the signal', async () => {
    const closed = Promise.withResolvers<string>()
    const aborted = Promise.withResolvers<void>()
    async function* endless() {
      try {
        while (true) {
          yield 'x'.repeat(10_000)
          await wait(1)
        }
      } finally {
        closed.resolve('closed')
      }
    }
    const x = route.get('/x', ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve())
      return stream(endless())
    })
    await using door = await openDoor('socket', { routes: { x } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n'))
    socket.once('data', () => socket.destroy())
    expect(await closed.promise).toBe('closed')
    await aborted.promise
  })

  test('aborted downloads leave no descriptors behind', async () => {
    await writeFile(join(folder, 'large.bin'), Buffer.alloc(4_000_000))
    await using door = await openDoor('socket', { routes: { x: route.get('/x', () => file('large.bin', { root: folder })) } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const download = () =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n'))
        socket.once('data', () => socket.destroy())
        socket.once('close', () => resolve())
      })
    await download()
    const open = () => readdirSync('/proc/self/fd').length
    const before = open()
    for (let i = 0; i < 50; i++) await download()
    await expect.poll(open).toBeLessThanOrEqual(before + 3)
  })
})

describe('server-sent events', () => {
  test('are frames with id, event and data on lines of their own', async () => {
    const x = route.get('/x', () =>
      events(
        async function* (lastEventId) {
          yield { id: '7', event: 'car', data: { after: lastEventId ?? null } }
          yield 'two\nlines'
        },
        { retry: 500 },
      ),
    )
    await using door = await openDoor('fetch', { routes: { x } })
    const answer = await door.send('GET', '/x', { headers: { 'last-event-id': '6' } })
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-transform')
    expect(answer.text).toBe('retry: 500\n\nevent: car\nid: 7\ndata: {"after":"6"}\n\ndata: two\ndata: lines\n\n')
  })

  test('an async iterable is a stream of events', async () => {
    await using door = await openDoor('fetch', {
      routes: {
        x: route.get('/x', async function* () {
          yield { n: 1 }
        }),
      },
    })
    expect((await door.send('GET', '/x')).text).toContain('data: {"n":1}\n\n')
  })

  test('a comment keeps a silent connection alive, and leaving ends the source', async () => {
    const ended = Promise.withResolvers<boolean>()
    const x = route.get('/x', () =>
      events(
        async function* (_, signal) {
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
          ended.resolve(signal.aborted)
          yield 'never'
        },
        { heartbeat: 5 },
      ),
    )
    await using door = await openDoor('socket', { routes: { x } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n'))
    let seen = ''
    socket.on('data', (chunk) => {
      seen += chunk.toString()
      if ((seen.match(/\n:\n\n/g) ?? []).length >= 1 && seen.includes(':\n\n')) socket.destroy()
    })
    expect(await ended.promise).toBe(true)
  })

  test('a line break in an id is refused with EVENT_INVALID and logged', async () => {
    await using door = await openDoor('socket', {
      routes: {
        x: route.get('/x', () =>
          events(
            (async function* () {
              yield { id: 'a\nb', data: 1 }
            })(),
          ),
        ),
      },
    })
    await expect(door.send('GET', '/x')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(door.logs.join('')).toContain('EVENT_INVALID')
  })
})

describe('deferred answers', () => {
  test('wait for news', async () => {
    let give: (value: { news: number }) => void = () => {}
    const x = route.get('/x', ({ signal }) => {
      const { answer, resolve } = deferred<{ news: number }>({ signal })
      give = resolve
      return answer
    })
    await using door = await openDoor('fetch', { routes: { x } })
    const pending = door.send('GET', '/x')
    await expect
      .poll(() => {
        give({ news: 1 })
        return true
      })
      .toBe(true)
    const answer = await Promise.race([
      pending,
      wait(1_000).then(() => {
        give({ news: 1 })
        return pending
      }),
    ])
    expect(answer.json()).toEqual({ news: 1 })
  })

  test('are 204 when nothing came', async () => {
    let settled = 0
    const x = route.get('/x', ({ signal }): Promise<number | Reply> => deferred<number>({ signal, timeout: 5, onSettled: () => void settled++ }).answer)
    await using door = await openDoor('fetch', { routes: { x } })
    expect((await door.send('GET', '/x')).status).toBe(204)
    expect(settled).toBe(1)
  })
})

test('pipelined requests are answered in order', async () => {
  const x = route.get('/x/:n', async ({ params }) => {
    await wait(params.n === '1' ? 30 : 1)
    return params.n
  })
  await using door = await openDoor('socket', { routes: { x } })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await sendRaw(port, 'GET /x/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /x/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect(answer.indexOf('"1"')).toBeLessThan(answer.indexOf('"2"'))
  expect(answer).toContain('"2"')
})

test('an error after the answer has begun does not end the process', async () => {
  const x = route.get('/x', () => {
    setImmediate(() => {})
    throw new NotFound('no')
  })
  await using door = await openDoor('socket', { routes: { x } })
  expect((await door.send('GET', '/x')).status).toBe(404)
})
