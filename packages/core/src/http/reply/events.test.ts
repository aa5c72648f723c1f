import { connect, type Socket } from 'node:net'
import { on, EventEmitter } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createApp, type App } from '../../app.ts'
import type { RequestTools } from '../context/context.ts'
import { route } from '../context/route.ts'
import { events } from './events.ts'

const logs: string[] = []
let app: App | undefined

afterEach(async () => {
  vi.useRealTimers()
  await app?.close()
  logs.length = 0
})

async function serve(handler: (ctx: RequestTools) => unknown): Promise<number> {
  app = createApp({ name: 'events', routes: { x: route.get('/', handler) } }).with({
    environment: 'test',
    env: {},
    logDestination: { write: (line) => void logs.push(line), flush: () => {} },
  })
  return (await app.listen({ port: 0, host: '127.0.0.1' })).port
}

/** Answers of an open connection, as they come. */
class Subscriber {
  readonly socket: Socket
  readonly closed: Promise<void>
  text = ''

  constructor(port: number, headers = '', method = 'GET') {
    this.socket = connect(port, '127.0.0.1').setEncoding('utf8')
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()))
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk: string) => (this.text += chunk))
    this.socket.write(`${method} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`)
  }

  async until(text: string): Promise<void> {
    for (let turn = 0; turn < 2_000 && !this.text.includes(text); turn++) await turnOfTheLoop()
    expect(this.text).toContain(text)
  }

  /** The frames without head and chunk sizes. */
  get frames(): string {
    return this.text
      .slice(this.text.indexOf('\r\n\r\n') + 4)
      .replace(/(^|\r\n)[\da-f]+\r\n/g, '')
      .replace(/\r\n$/, '')
  }
}

// Timers may be stopped in a test; the event loop goes on.
const turnOfTheLoop = () => new Promise<void>((resolve) => setImmediate(resolve))

const never = (signal: AbortSignal) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))

describe('a stream of events', () => {
  test('has the headers that keep caches and proxies out of the way', async () => {
    const subscriber = new Subscriber(
      await serve(() =>
        events(
          (async function* () {
            yield 1
          })(),
        ),
      ),
    )
    await subscriber.closed
    for (const header of ['content-type: text/event-stream; charset=utf-8', 'cache-control: no-cache, no-transform', 'x-accel-buffering: no'])
      expect(subscriber.text).toContain(`${header}\r\n`)
  })

  test('is open at once, and each frame leaves when it is there', async () => {
    const source = new EventEmitter()
    const port = await serve(({ signal }) =>
      events(
        (async function* () {
          for await (const [value] of on(source, 'tick', { signal })) yield { id: String(value), data: { tick: value as number } }
        })(),
        { retry: 500 },
      ),
    )
    const subscriber = new Subscriber(port)
    await subscriber.until('retry: 500\n\n')
    await vi.waitFor(() => expect(source.listenerCount('tick')).toBe(1))
    source.emit('tick', 1)
    await subscriber.until('id: 1\ndata: {"tick":1}\n\n')
    source.emit('tick', 2)
    await subscriber.until('id: 2\ndata: {"tick":2}\n\n')
    subscriber.socket.destroy()
    await vi.waitFor(() => expect(source.listenerCount('tick')).toBe(0))
  })

  test('ends well when its source does, and does not abort the signal', async () => {
    let aborted = false
    const port = await serve(({ signal }) => {
      signal.addEventListener('abort', () => (aborted = true))
      return events(
        (async function* () {
          yield 'a'
          yield 'b'
        })(),
      )
    })
    const subscriber = new Subscriber(port)
    await subscriber.closed
    expect(subscriber.text).toMatch(/\r\n0\r\n\r\n$/)
    expect(subscriber.frames).toBe(':\n\ndata: a\n\ndata: b\n\n')
    expect(aborted).toBe(false)
  })

  test('is told where the client left off, in UTF-8', async () => {
    const port = await serve(() =>
      events(async function* (lastEventId) {
        yield { after: lastEventId ?? null }
      }),
    )
    const [fresh, back] = [new Subscriber(port), new Subscriber(port, 'Last-Event-ID: 7-ü\r\n')]
    await Promise.all([fresh.closed, back.closed])
    expect([fresh.frames, back.frames]).toEqual([':\n\ndata: {"after":null}\n\n', ':\n\ndata: {"after":"7-ü"}\n\n'])
  })

  test('may refuse the client before it starts', async () => {
    const subscriber = new Subscriber(
      await serve(() =>
        events(() => {
          throw new TypeError('no feed')
        }),
      ),
    )
    await subscriber.closed
    expect(subscriber.text).toMatch(/^HTTP\/1\.1 500 /)
  })

  test('is not started for HEAD, and a source that is open already is closed', async () => {
    let closed = false
    const source: AsyncIterableIterator<unknown> = {
      next: () => Promise.reject(new TypeError('pulled')),
      return: () => {
        closed = true
        return Promise.resolve({ done: true, value: undefined })
      },
      [Symbol.asyncIterator]: () => source,
    }
    const subscriber = new Subscriber(await serve(() => events(source)), '', 'HEAD')
    await subscriber.closed
    expect(subscriber.text).toContain('text/event-stream')
    expect(subscriber.text).not.toContain('content-length')
    expect(closed).toBe(true)
  })
})

describe('heartbeats', () => {
  test('are sent when nothing else was for the interval, and only then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const source = new EventEmitter()
    const port = await serve(({ signal }) =>
      events(
        (async function* () {
          for await (const [value] of on(source, 'tick', { signal })) yield value
        })(),
      ),
    )
    const subscriber = new Subscriber(port)
    await subscriber.until(':\n\n')
    for (let turn = 0; turn < 2_000 && source.listenerCount('tick') === 0; turn++) await turnOfTheLoop()

    await vi.advanceTimersByTimeAsync(14_000)
    source.emit('tick', 'one')
    await subscriber.until('data: one')
    await vi.advanceTimersByTimeAsync(14_999)
    for (let turn = 0; turn < 20; turn++) await turnOfTheLoop()
    expect(subscriber.frames).toBe(':\n\ndata: one\n\n')
    await vi.advanceTimersByTimeAsync(1)
    await subscriber.until('data: one\n\n\r\n3\r\n:\n\n')
    await vi.advanceTimersByTimeAsync(15_000)
    source.emit('tick', 'two')
    await subscriber.until('data: two')
    expect(subscriber.frames).toBe(':\n\ndata: one\n\n:\n\n:\n\ndata: two\n\n')

    subscriber.socket.destroy()
    for (let turn = 0; turn < 2_000 && source.listenerCount('tick') > 0; turn++) await turnOfTheLoop()
    expect(source.listenerCount('tick')).toBe(0)
  })

  test.each([0, 0.5, '2d', -1] as const)('every %j are refused', (heartbeat) => {
    expect(() => events([] as never, { heartbeat })).toThrow(expect.objectContaining({ code: expect.stringMatching(/^INVALID_(NUMBER|DURATION)$/) as string }))
  })

  test('may be turned off', () => {
    expect(events([] as never, { heartbeat: false }).body.heartbeat).toBeUndefined()
  })
})

test.each([-1, 1.5, Number.NaN])('a retry of %j ms is refused', (retry) => {
  expect(() => events([] as never, { retry })).toThrow(expect.objectContaining({ code: 'INVALID_NUMBER' }))
})

describe('a client that leaves', () => {
  test.each(['function', 'iterable'])('ends the source of a %s that waits, and aborts the signal', async (form) => {
    const ended = Promise.withResolvers<boolean>()
    async function* wait(signal: AbortSignal) {
      try {
        yield 'first'
        await never(signal)
      } finally {
        ended.resolve(signal.aborted)
      }
    }
    const subscriber = new Subscriber(await serve(({ signal }) => (form === 'function' ? events((_, own) => wait(own)) : events(wait(signal)))))
    await subscriber.until('first')
    subscriber.socket.destroy()
    expect(await ended.promise).toBe(true)
    expect(logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([])
  })

  test('has return called on an iterator that knows no signal', async () => {
    const returned = Promise.withResolvers<void>()
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<unknown>>(() => {}),
        return: () => {
          returned.resolve()
          return Promise.resolve({ done: true as const, value: undefined })
        },
      }),
    }
    const subscriber = new Subscriber(await serve(() => events(source)))
    await subscriber.until(':\n\n')
    subscriber.socket.destroy()
    await returned.promise
  })

  test('leaves a report when the source cannot be closed', async () => {
    async function* source(signal: AbortSignal) {
      try {
        yield 'first'
        await never(signal)
      } finally {
        throw new TypeError('unsubscribe failed')
      }
    }
    const subscriber = new Subscriber(await serve(() => events((_, signal) => source(signal))))
    await subscriber.until('first')
    subscriber.socket.destroy()
    await vi.waitFor(() => expect(logs.join('')).toContain('unsubscribe failed'))
  })
})

test('the source is pulled only as the client reads', async () => {
  let pulled = 0
  const closed = Promise.withResolvers<void>()
  const port = await serve(() =>
    events(
      (async function* () {
        try {
          for (; pulled < 5_000; pulled++) yield 'x'.repeat(65_536)
        } finally {
          closed.resolve()
        }
      })(),
    ),
  )
  const subscriber = new Subscriber(port)
  subscriber.socket.pause()
  await vi.waitFor(() => expect(pulled).toBeGreaterThan(2))
  let before = -1
  await vi.waitFor(
    () => {
      const grown = pulled !== before
      before = pulled
      expect(grown).toBe(false)
    },
    { interval: 100, timeout: 10_000 },
  )
  expect(pulled).toBeLessThan(500)
  subscriber.socket.destroy()
  await closed.promise
})

describe('a source that fails', () => {
  test.each<[string, () => AsyncIterable<unknown>, string]>([
    [
      'throws',
      async function* () {
        yield 'first'
        throw new TypeError('feed lost')
      },
      'feed lost',
    ],
    [
      'gives an id with a line break',
      async function* () {
        yield 'first'
        yield { id: 'a\nb', data: 1 }
      },
      'EVENT_INVALID',
    ],
    [
      'gives what JSON cannot express',
      async function* () {
        yield 'first'
        yield { data: 1n }
      },
      'RESPONSE_NOT_JSON',
    ],
  ])('because it %s cuts the connection, is closed and reported once', async (_, source, report) => {
    const subscriber = new Subscriber(await serve(() => events(source())))
    await subscriber.closed
    expect(subscriber.text).toContain('data: first')
    expect(subscriber.text).not.toContain('\r\n0\r\n')
    expect(logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([expect.stringContaining(report)])
  })
})

test('a fetch client that cancels the body closes a source that waits', async () => {
  const closed = Promise.withResolvers<void>()
  await serve(() =>
    events(async function* (_, signal) {
      try {
        yield 'first'
        await never(signal)
      } finally {
        closed.resolve()
      }
    }),
  )
  const response = await (app as App).fetch(new Request('http://localhost/'))
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe(':\n\n')
  expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe('data: first\n\n')
  const third = reader.read()
  await turnOfTheLoop()
  await reader.cancel()
  expect(await third).toMatchObject({ done: true })
  await closed.promise
})
