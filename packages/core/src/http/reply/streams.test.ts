import { connect, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createApp, type App } from '../../app.ts'
import type { RequestTools } from '../context/context.ts'
import { route } from '../context/route.ts'
import { web } from '../../traffic/middleware/web.ts'
import { deferred } from './deferred.ts'
import { stream } from './stream.ts'

const logs: string[] = []
let app: App | undefined

afterEach(async () => {
  vi.useRealTimers()
  await app?.close()
  logs.length = 0
})

/** Serves one handler, and sends one request to it over a socket of its own. */
async function ask(handler: (ctx: RequestTools) => unknown, { method = 'GET', version = '1.1', timeout = 5_000 } = {}): Promise<Client> {
  app = createApp({ name: 'streams', routes: { x: route.get('/', { timeout }, handler) } }).with({
    environment: 'test',
    env: {},
    logDestination: { write: (line) => void logs.push(line), flush: () => {} },
  })
  const { port } = await app.listen({ port: 0, host: '127.0.0.1' })
  return new Client(connect(port, '127.0.0.1'), `${method} / HTTP/${version}\r\nhost: x\r\n${version === '1.1' ? 'connection: close\r\n' : ''}\r\n`)
}

class Client {
  readonly socket: Socket
  text = ''
  readonly closed: Promise<string>

  constructor(socket: Socket, request: string) {
    this.socket = socket
    this.closed = new Promise((resolve) => {
      let outcome = 'closed'
      socket.on('error', (error: NodeJS.ErrnoException) => (outcome = error.code ?? 'error'))
      socket.on('close', () => resolve(outcome))
    })
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (this.text += chunk))
    socket.write(request)
  }

  /** All that came until the server closed. */
  async all(): Promise<string> {
    await this.closed
    return this.text
  }

  until(text: string): Promise<void> {
    return vi.waitFor(() => expect(this.text).toContain(text), { interval: 5 })
  }
}

/** A source that tells how far it was read, and whether it was closed. */
function observed(chunk: string, most = Number.POSITIVE_INFINITY, pause = 0) {
  const closed = Promise.withResolvers<void>()
  const seen = { pulled: 0, closed: closed.promise, source: undefined as unknown as AsyncGenerator<string> }
  seen.source = (async function* () {
    try {
      while (seen.pulled < most) {
        if (pause > 0) await wait(pause)
        seen.pulled++
        yield chunk
      }
    } finally {
      closed.resolve()
    }
  })()
  return seen
}

describe('a source that gives everything', () => {
  test.each<[string, () => unknown]>([
    ['a Readable', () => stream(Readable.from(['a', Buffer.from('b')]))],
    ['a ReadableStream', () => stream(new Blob(['ab']).stream())],
    [
      'an async iterable',
      () =>
        stream(
          (async function* () {
            yield 'a'
            yield new Uint8Array([98])
          })(),
        ),
    ],
    ['a returned Readable', () => Readable.from(['ab'])],
  ])('%s is sent in chunks that end', async (_, handler) => {
    const text = await (await ask(handler)).all()
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(text).toMatch(/\r\n0\r\n\r\n$/)
    expect(text.slice(text.indexOf('\r\n\r\n') + 4).replace(/(^|\r\n)\d\r\n/g, '')).toBe('ab\r\n')
  })

  test('with a length it is sent as it is', async () => {
    const text = await (await ask(() => stream(Readable.from(['ab', 'ä']), { length: 4, type: 'text/plain' }))).all()
    expect(text).toMatch(/content-length: 4\r\n/)
    expect(text).toMatch(/\r\n\r\nabä$/)
  })

  test('the first chunk does not wait for the second', async () => {
    const more = Promise.withResolvers<void>()
    const client = await ask(() =>
      stream(
        (async function* () {
          yield 'first'
          await more.promise
          yield 'second'
        })(),
      ),
    )
    await client.until('first')
    more.resolve()
    expect(await client.all()).toContain('second')
  })
})

describe('a source that fails', () => {
  test('before the first chunk is answered as any error', async () => {
    const text = await (
      await ask(() =>
        stream(
          (async function* (): AsyncGenerator<string> {
            throw new TypeError('no rows')
          })(),
        ),
      )
    ).all()
    expect(text).toMatch(/^HTTP\/1\.1 500 /)
    expect(text).toContain('"code":"INTERNAL_ERROR"')
    expect(logs.join('')).toContain('no rows')
  })

  test.each<[string, () => unknown]>([
    ['that was closed', () => stream(Readable.from(['a']).destroy())],
    [
      'that closes before it gives anything',
      () => {
        const source = new PassThrough()
        setImmediate(() => source.destroy())
        return stream(source)
      },
    ],
    [
      'that somebody has read',
      async () => {
        const source = Readable.from(['a'])
        await source.toArray()
        return stream(source)
      },
    ],
  ])('a source %s is a STREAM_BROKEN of status 500', async (_, handler) => {
    const text = await (await ask(handler)).all()
    expect(text).toMatch(/^HTTP\/1\.1 500 /)
    expect(text + logs.join('')).toContain('STREAM_BROKEN')
  })

  test.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () =>
        stream(
          (async function* () {
            yield 'half'
            throw new TypeError('lost rows')
          })(),
        ),
      /lost rows/,
    ],
    [
      'is destroyed',
      () => {
        const source = new PassThrough()
        source.write('half')
        setTimeout(() => source.destroy(), 20)
        return stream(source)
      },
      /STREAM_BROKEN/,
    ],
    [
      'is cancelled',
      () =>
        stream(
          new ReadableStream({
            start(controller) {
              controller.enqueue(Buffer.from('half'))
              setTimeout(() => controller.error(new TypeError('lost rows')), 20)
            },
          }),
        ),
      /lost rows/,
    ],
    ['gives an object', () => stream(Readable.from(['half', { a: 1 }])), /neither text nor bytes/],
    ['gives less than announced', () => stream(Readable.from(['half']), { length: 10 }), /after 4 of 10 bytes/],
    ['gives more than announced', () => stream(Readable.from(['half', 'more']), { length: 5 }), /more than the 5 bytes/],
    [
      'is the body of a Response and throws',
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(Buffer.from('half'))
              setTimeout(() => controller.error(new TypeError('lost rows')), 20)
            },
          }),
        ),
      /lost rows/,
    ],
  ])('later, because it %s, cuts the connection and is reported', async (_, handler, report) => {
    const text = await (await ask(handler)).all()
    // What goes wrong at once cuts the connection before anything has left.
    expect(text).toMatch(/^(HTTP\/1\.1 200 OK\r\n|$)/)
    expect(text).not.toContain('\r\n0\r\n\r\n')
    expect(text).not.toMatch(/\r\n\r\nhalfm$/)
    expect(logs.join('')).toMatch(report)
    expect(logs.filter((line) => line.includes('A stream failed'))).toHaveLength(1)
  })

  test('resets an HTTP/1.0 connection, where closing would be the end of the message', async () => {
    const client = await ask(
      () =>
        stream(
          (async function* () {
            yield 'half'
            await wait(20)
            throw new TypeError('lost')
          })(),
        ),
      { version: '1.0' },
    )
    expect(await client.closed).toBe('ECONNRESET')
  })
})

describe('a client', () => {
  test('that reads slowly is not read ahead for', async () => {
    const source = observed('x'.repeat(65_536), 2_000)
    const client = await ask(() => stream(source.source))
    client.socket.pause()
    await vi.waitFor(() => expect(source.pulled).toBeGreaterThan(2))
    let before = -1
    // Until what the sockets of both sides buffer is full.
    await vi.waitFor(
      () => {
        const grown = source.pulled !== before
        before = source.pulled
        expect(grown).toBe(false)
      },
      { interval: 100, timeout: 10_000 },
    )
    expect(source.pulled).toBeLessThan(500)
    client.socket.destroy()
    await source.closed
  })

  test('that reads nothing for two minutes is cut', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const source = observed('x'.repeat(65_536), 2_000)
    const client = await ask(() => stream(source.source), { timeout: 0x7fffffff })
    client.socket.pause()
    const turns = async () => {
      for (let i = 0; i < 200; i++) await new Promise<void>((resolve) => setImmediate(resolve))
    }
    await turns()
    await vi.advanceTimersByTimeAsync(119_000)
    await turns()
    expect(client.socket.destroyed).toBe(false)
    await vi.advanceTimersByTimeAsync(121_000)
    await source.closed
  })

  test.each(['stream', 'response', 'web stream'])(
    'that leaves closes the source of a %s and aborts the signal, and nothing is logged as an error',
    async (kind) => {
      const source = observed('x'.repeat(1_000), undefined, 1)
      const aborted = Promise.withResolvers<void>()
      const client = await ask(({ signal }) => {
        signal.addEventListener('abort', () => aborted.resolve())
        if (kind === 'stream') return stream(source.source)
        const web = Readable.toWeb(Readable.from(source.source, { objectMode: false })) as ReadableStream<Uint8Array<ArrayBuffer>>
        return kind === 'response' ? new Response(web) : web
      })
      await client.until('xxx')
      client.socket.destroy()
      await Promise.all([source.closed, aborted.promise])
      expect(logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([])
    },
  )

  test('that leaves before the first chunk closes the source', async () => {
    const asked = Promise.withResolvers<void>()
    const source = new Readable({ read: () => asked.resolve() })
    const client = await ask(() => stream(source))
    await asked.promise
    client.socket.destroy()
    await vi.waitFor(() => expect(source.destroyed).toBe(true))
  })

  test('that asks with HEAD does not start the source', async () => {
    const source = observed('x')
    const text = await (await ask(() => stream(source.source, { length: 7, type: 'text/plain' }), { method: 'HEAD' })).all()
    expect(text).toMatch(/content-length: 7\r\n/)
    expect(source.pulled).toBe(0)
  })
})

test('a source that comes after the route has timed out is closed', async () => {
  const source = new PassThrough()
  const text = await (
    await ask(
      async () => {
        await wait(60)
        return stream(source)
      },
      { timeout: 20 },
    )
  ).all()
  expect(text).toMatch(/^HTTP\/1\.1 504 /)
  await vi.waitFor(() => expect(source.destroyed).toBe(true))
})

test('a source whose answer a middleware replaced is closed with the request', async () => {
  const source = observed('x')
  const other = web(async (_, next) => {
    await next()
    return new Response('other')
  })
  app = createApp({ name: 'streams', routes: { x: route.get('/', { use: [other] }, () => stream(source.source)) } }).with({
    environment: 'test',
    env: {},
    logDestination: { write: () => {}, flush: () => {} },
  })
  const { url } = await app.listen({ port: 0, host: '127.0.0.1' })
  expect(await (await fetch(url)).text()).toBe('other')
  await source.closed
})

test('a stream that does not start in time is a 504, and is closed', async () => {
  const source = new PassThrough()
  const text = await (await ask(() => stream(source), { timeout: 20 })).all()
  expect(text).toMatch(/^HTTP\/1\.1 504 /)
  await vi.waitFor(() => expect(source.destroyed).toBe(true))
})

test('the access log counts the bytes that were sent', async () => {
  await (await ask(() => stream(Readable.from(['a', 'ä'])))).all()
  await vi.waitFor(() => expect(logs.join('')).toMatch(/"bytes":3\b|"size":3\b/))
})

describe('a deferred answer', () => {
  test('is given when there is news', async () => {
    const waiting = new Set<{ resolve(value: object): void }>()
    const client = await ask(({ signal }) => {
      const next = deferred<object>({ signal, onSettled: () => waiting.delete(next) })
      waiting.add(next)
      return next.answer
    })
    await vi.waitFor(() => expect(waiting.size).toBe(1))
    for (const next of waiting) next.resolve({ news: 1 })
    expect(await client.all()).toMatch(/\r\n\r\n\{"news":1\}$/)
    expect(waiting.size).toBe(0)
  })

  test('is 204 when nothing came', async () => {
    expect(await (await ask(({ signal }) => deferred({ signal, timeout: 10 }).answer)).all()).toMatch(/^HTTP\/1\.1 204 /)
  })

  test('is forgotten when the client leaves', async () => {
    const waiting = new Set<object>()
    const client = await ask(({ signal }) => {
      const next = deferred<object>({ signal, onSettled: () => waiting.delete(next) })
      waiting.add(next)
      return next.answer
    })
    await vi.waitFor(() => expect(waiting.size).toBe(1))
    client.socket.destroy()
    await vi.waitFor(() => expect(waiting.size).toBe(0))
  })
})
