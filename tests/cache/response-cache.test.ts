import { Readable } from 'node:stream'
import { Cache, Redis, createApp, html, noContent, redirect, reply, route, stream, type App, type Context, type RouteOptions, type RouteTree } from 'glueful'
import { createFrozenClock, createMemoryDestination, type FrozenClock } from 'glueful/testing'
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

const apps: App[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

interface Opened {
  readonly app: App
  readonly clock: FrozenClock
  readonly logs: readonly string[]
  send(path: string, init?: RequestInit & { readonly as?: string }): Promise<Response & { readonly body: unknown }>
}

async function open(routes: RouteTree, env: Record<string, string> = {}, name = 'response-cache'): Promise<Opened> {
  const clock = createFrozenClock()
  const destination = createMemoryDestination()
  const app = createApp({ name, routes }).with({ environment: 'test', env, clock, logDestination: destination })
  apps.push(app)
  await app.ready()
  return {
    app,
    clock,
    logs: destination.lines,
    send: (path, { as, ...init } = {}) =>
      app.fetch(new Request(`http://localhost${path}`, init), {
        address: '127.0.0.1',
        ...(as === undefined ? {} : { identity: { id: as, roles: [], scopes: [], strategy: 'test' } }),
      }),
  }
}

/** A handler that counts its runs and answers with the count. */
function counting(options: RouteOptions, answer: (n: number, ctx: Context) => unknown = (n) => ({ n }), path: `/${string}` = '/x') {
  const state = { runs: 0 }
  const routes: RouteTree = { x: route.get(path, options, (ctx) => answer(++state.runs, ctx as unknown as Context)) }
  return { routes, state }
}

const minute = { cache: { ttl: '1m' } } as const
const status = (response: Response) => response.headers.get('cache-status')

describe('a cached route', () => {
  test('keeps paths apart that differ only in what is encoded: a slash, and the text %2F', async () => {
    const { routes } = counting(minute, (_, ctx) => ctx.params, '/items/:id')
    const { send } = await open(routes)
    for (const id of ['a/b', 'a%2Fb', 'a%252Fb', 'a%25252Fb', '100%', 'a%25b', 'a?b'])
      for (let round = 0; round < 2; round++) expect(await (await send(`/items/${encodeURIComponent(id)}`)).json()).toEqual({ id })
  })

  test('answers again from the store, with Age, the same headers and a marker', async () => {
    const { routes, state } = counting(minute, (n, ctx) => {
      ctx.setHeader('x-run', String(n))
      return reply(200, { n }, { 'x-own': 'yes' })
    })
    const { send, clock } = await open(routes)
    const first = await send('/x')
    clock.advance(7_000)
    const second = await send('/x')
    expect([await first.text(), await second.text()]).toEqual(['{"n":1}', '{"n":1}'])
    expect(state.runs).toBe(1)
    expect([status(first), status(second)]).toEqual(['Glueful; fwd=uri-miss; stored', 'Glueful; hit; ttl=53'])
    expect([first.headers.get('age'), second.headers.get('age')]).toEqual([null, '7'])
    for (const name of ['content-type', 'etag', 'x-run', 'x-own', 'cache-control', 'x-content-type-options'])
      expect([name, second.headers.get(name)]).toEqual([name, first.headers.get(name)])
    expect(first.headers.get('cache-control')).toBe('public, no-cache')
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
    clock.advance(53_000)
    expect(await (await send('/x')).json()).toEqual({ n: 2 })
  })

  test('a thousand simultaneous misses run the handler once', async () => {
    const slow = Promise.withResolvers<void>()
    const { routes, state } = counting(minute, async (n) => {
      await slow.promise
      return { n }
    })
    const { send } = await open(routes)
    const asked = Array.from({ length: 1_000 }, () => send('/x'))
    await vi.waitFor(() => expect(state.runs).toBe(1))
    slow.resolve()
    const answers = await Promise.all(asked)
    expect(new Set(await Promise.all(answers.map((one) => one.text())))).toEqual(new Set(['{"n":1}']))
    expect(state.runs).toBe(1)
    expect(answers.filter((one) => status(one)?.includes('collapsed'))).toHaveLength(999)
  })

  test('the one who made the handler run may leave: the others are answered all the same', async () => {
    const slow = Promise.withResolvers<void>()
    const { routes, state } = counting(minute, async (n, ctx) => {
      await slow.promise
      ctx.signal.throwIfAborted()
      return { n }
    })
    const { app, send } = await open(routes)
    const leaving = new AbortController()
    void app.fetch(new Request('http://localhost/x', { signal: leaving.signal })).catch(() => undefined)
    await vi.waitFor(() => expect(state.runs).toBe(1))
    const staying = send('/x')
    leaving.abort()
    slow.resolve()
    expect([await (await staying).text(), state.runs]).toEqual(['{"n":1}', 1])
  })

  test('after its time a stale answer is given at once, with exactly one run behind it', async () => {
    const renewed = Promise.withResolvers<void>()
    const { routes, state } = counting({ cache: { ttl: '10s', staleWhileRevalidate: '1m' } }, async (n) => {
      if (n === 2) await renewed.promise
      return { n }
    })
    const { send, clock } = await open(routes)
    await send('/x')
    clock.advance(10_000)
    const stale = await Promise.all(Array.from({ length: 100 }, () => send('/x')))
    expect(new Set(await Promise.all(stale.map((one) => one.text())))).toEqual(new Set(['{"n":1}']))
    expect(status(stale[0] as Response)).toBe('Glueful; hit; ttl=0; detail=stale-while-revalidate')
    expect(state.runs).toBe(2)
    renewed.resolve()
    await vi.waitFor(async () => expect(await (await send('/x')).text()).toBe('{"n":2}'))
    expect(state.runs).toBe(2)
    clock.advance(70_000)
    expect(await (await send('/x')).text()).toBe('{"n":3}')
  })

  test('a failing handler gives way to the stale answer for as long as the route says', async () => {
    const { routes } = counting({ cache: { ttl: '10s', staleIfError: '1m' } }, (n) => {
      if (n > 1) throw new TypeError('the source is away')
      return { n }
    })
    const { send, clock, logs } = await open(routes)
    await send('/x')
    clock.advance(30_000)
    const stale = await send('/x')
    expect([stale.status, await stale.text(), status(stale)]).toEqual([200, '{"n":1}', 'Glueful; hit; ttl=-20; detail=stale-if-error'])
    expect(stale.headers.get('age')).toBe('30')
    expect(logs.some((line) => line.includes('the source is away'))).toBe(true)
    clock.advance(40_000)
    expect((await send('/x')).status).toBe(500)
  })

  test('the order of query parameters does not matter, their values do, and so do host and path', async () => {
    const { routes, state } = counting(minute, undefined, '/x/:id')
    const { send, app } = await open(routes)
    for (const path of ['/x/1?a=1&b=2', '/x/1?b=2&a=1', '/x/1?a=1&b=3', '/x/2?a=1&b=2', '/x/1?a=1&a=2', '/x/1?a=2&a=1']) await send(path)
    expect(state.runs).toBe(5)
    await app.fetch(new Request('http://other.example/x/1?a=1&b=2'))
    expect(state.runs).toBe(6)
  })

  test('HEAD is answered from what GET stored, and stores nothing itself', async () => {
    const { routes, state } = counting(minute)
    const { send } = await open(routes)
    await send('/x', { method: 'HEAD' })
    expect(await (await send('/x')).text()).toBe('{"n":2}')
    const head = await send('/x', { method: 'HEAD' })
    expect([await head.text(), head.headers.get('content-length'), status(head)]).toEqual(['', '7', 'Glueful; hit; ttl=60'])
    expect(state.runs).toBe(2)
  })

  test('a copy that is current is answered by 304 with the same ETag, Vary and Cache-Control', async () => {
    const { routes, state } = counting({ cache: { ttl: '1m', vary: ['Accept-Language'] } })
    const { send } = await open(routes)
    const whole = await send('/x')
    const etag = whole.headers.get('etag') as string
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await send('/x', { headers: { 'if-none-match': header } })
      expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([304, '', null])
      for (const name of ['etag', 'vary', 'cache-control']) expect(answer.headers.get(name)).toBe(whole.headers.get(name))
    }
    expect((await send('/x', { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    expect((await send('/x', { headers: { 'if-match': '"other"' } })).status).toBe(412)
    expect(state.runs).toBe(1)
  })

  test('a condition on a miss does not keep the whole answer from being stored', async () => {
    const { routes, state } = counting(minute, () => ({ same: true }))
    const { send, app } = await open(routes)
    const etag = (await send('/x')).headers.get('etag') as string
    await app.use(Cache).named('responses').clear()
    expect((await send('/x', { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect([await (await send('/x')).text(), state.runs]).toEqual(['{"same":true}', 2])
  })

  test('one range of a stored answer is served, one beyond it refused', async () => {
    const { routes, state } = counting(minute, () => html('0123456789'))
    const { send } = await open(routes)
    const etag = (await send('/x')).headers.get('etag') as string
    const part = await send('/x', { headers: { range: 'bytes=2-4', 'if-range': etag } })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10'])
    expect((await send('/x', { headers: { range: 'bytes=20-' } })).status).toBe(416)
    expect(await (await send('/x', { headers: { range: 'bytes=2-4', 'if-range': '"old"' } })).text()).toBe('0123456789')
    expect(await (await send('/x', { headers: { range: 'bytes=0-1,3-4' } })).text()).toBe('0123456789')
    expect(state.runs).toBe(1)
  })
})

describe('what is not stored', () => {
  const cases: [string, RouteOptions, (ctx: Context) => unknown][] = [
    ['no-store', minute, () => reply(200, {}, { 'cache-control': 'no-store' })],
    ['no-cache', minute, () => reply(200, {}, { 'cache-control': 'no-cache' })],
    ['private', minute, () => reply(200, {}, { 'cache-control': 'private, max-age=60' })],
    ['max-age=0', minute, () => reply(200, {}, { 'cache-control': 'max-age=0' })],
    ['an Expires in the past', minute, () => reply(200, {}, { expires: '0' })],
    ['no-store that is set beside the answer', minute, (ctx) => (ctx.setHeader('cache-control', 'no-store'), {})],
    ['Vary: *', minute, () => reply(200, {}, { vary: '*' })],
    ['a cookie', minute, () => reply(200, {}, { 'set-cookie': 'a=1' })],
    ['a stream', minute, () => stream(Readable.from(['a']))],
    ['a server error', minute, () => reply(503, {})],
    ['a client error', minute, () => reply(404, {})],
    ['a partial answer', minute, () => reply(206, 'x')],
    ['a redirect for now', minute, () => redirect('/elsewhere')],
  ]
  test.each(cases)('%s', async (_, options, answer) => {
    const { routes, state } = counting(options, (_n, ctx) => answer(ctx))
    const { send } = await open(routes)
    await (await send('/x')).text()
    const second = await send('/x')
    expect([state.runs, second.headers.get('age')]).toEqual([2, null])
    expect(status(second)).not.toContain('hit')
  })

  const stored: [string, RouteOptions, () => unknown][] = [
    ['nothing', minute, () => noContent()],
    ['a permanent redirect', minute, () => redirect('/elsewhere', 308)],
    ['a 404 that says how long', minute, () => reply(404, {}, { 'cache-control': 'max-age=60' })],
    ['an answer whose s-maxage is longer than its max-age', minute, () => reply(200, {}, { 'cache-control': 'max-age=0, s-maxage=60' })],
    ['private, by user', { cache: { ttl: '1m', by: 'user' } }, () => reply(200, {}, { 'cache-control': 'private' })],
    ['bytes', minute, () => new Uint8Array([0, 255, 10])],
  ]
  test.each(stored)('but stored is: %s', async (_, options, answer) => {
    const { routes, state } = counting(options, answer)
    const { send } = await open(routes)
    const [first, second] = [await send('/x', { redirect: 'manual' }), await send('/x', { redirect: 'manual' })]
    expect([state.runs, second.status, second.headers.get('age')]).toEqual([1, first.status, '0'])
    expect(await second.bytes()).toEqual(await first.bytes())
  })

  test('with allowSetCookie an answer is stored without its cookies', async () => {
    const { routes, state } = counting({ cache: { ttl: '1m', allowSetCookie: true } }, () => reply(200, {}, { 'set-cookie': ['a=1', 'b=2'] }))
    const { send } = await open(routes)
    expect((await send('/x')).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect([(await send('/x')).headers.getSetCookie(), state.runs]).toEqual([[], 1])
  })
})

describe('what a request says', () => {
  const ask = async (cacheControl: string, wait = 0, options: RouteOptions = { cache: { ttl: '10s', staleIfError: '1m' } }) => {
    const { routes, state } = counting(options)
    const { send, clock } = await open(routes)
    await send('/x')
    clock.advance(wait)
    const answer = await send('/x', { headers: { 'cache-control': cacheControl } })
    const after = await send('/x')
    return {
      answer: answer.status === 200 ? ((await answer.json()) as { n: number }).n : answer.status,
      next: ((await after.json()) as { n: number }).n,
      runs: state.runs,
    }
  }

  test('no-cache runs the handler and stores what it answers; no-store stores nothing', async () => {
    expect(await ask('no-cache')).toEqual({ answer: 2, next: 2, runs: 2 })
    expect(await ask('max-age=0', 1_000)).toEqual({ answer: 2, next: 2, runs: 2 })
    expect(await ask('no-store')).toEqual({ answer: 2, next: 1, runs: 2 })
  })

  test('max-age and min-fresh bound the age, max-stale extends it, only-if-cached never runs the handler', async () => {
    expect((await ask('max-age=5', 5_000)).answer).toBe(1)
    expect((await ask('max-age=5', 6_000)).answer).toBe(2)
    expect((await ask('min-fresh=5', 5_000)).answer).toBe(1)
    expect((await ask('min-fresh=5', 6_000)).answer).toBe(2)
    expect((await ask('max-stale=5', 15_000)).answer).toBe(1)
    expect((await ask('max-stale', 60_000)).answer).toBe(1)
    expect((await ask('max-stale=5', 16_000)).answer).toBe(2)
    expect((await ask('only-if-cached', 9_000)).answer).toBe(1)
    const { routes, state } = counting(minute)
    const { send } = await open(routes)
    const answer = await send('/x', { headers: { 'cache-control': 'only-if-cached' } })
    expect([answer.status, ((await answer.json()) as { code: string }).code, state.runs]).toEqual([504, 'NOT_CACHED', 0])
  })

  test('nothing, where the route does not listen', async () => {
    expect(await ask('no-cache', 0, { cache: { ttl: '1m', clientDirectives: false } })).toEqual({ answer: 1, next: 1, runs: 1 })
  })

  test('Pragma: no-cache counts where there is no Cache-Control', async () => {
    const { routes, state } = counting(minute)
    const { send } = await open(routes)
    await send('/x')
    await send('/x', { headers: { pragma: 'no-cache' } })
    await send('/x', { headers: { pragma: 'no-cache', 'cache-control': 'max-age=60' } })
    expect(state.runs).toBe(2)
  })
})

describe('variants', () => {
  test('answers differ by the headers that the route names, and by those that they name themselves', async () => {
    for (const [options, headers] of [
      [{ cache: { ttl: '1m', vary: ['Accept-Language'] } }, {}],
      [minute, { vary: 'accept-language' }],
    ] as const) {
      const { routes, state } = counting(options, (n, ctx) => reply(200, { n, language: ctx.header('accept-language') ?? 'none' }, headers))
      const { send } = await open(routes)
      const ask = async (language?: string) => {
        const answer = await send('/x', language === undefined ? {} : { headers: { 'accept-language': language } })
        expect(answer.headers.get('vary')?.toLowerCase()).toContain('accept-language')
        return ((await answer.json()) as { language: string }).language
      }
      const all = ['de', 'fr', undefined, 'de', 'fr', undefined]
      expect(await Promise.all(all.map(ask))).toEqual(all.map((language) => language ?? 'none'))
      const runs = state.runs
      for (const language of all) expect(await ask(language)).toBe(language ?? 'none')
      expect(state.runs).toBe(runs)
    }
  })
})

describe('removal', () => {
  const make = (options: { failing?: boolean; location?: string } = {}) => {
    const state = { runs: 0 }
    const routes = {
      list: route.get('/cars', { cache: { ttl: '1h', tags: ['cars'] } }, () => ({ n: ++state.runs })),
      show: route.get('/cars/:id', { cache: { ttl: '1h', tags: ({ params }) => [`car:${params['id']}`] } }, () => ({ n: ++state.runs })),
      create: route.post('/cars', () => reply(options.failing === true ? 409 : 201, {}, options.location === undefined ? {} : { location: options.location })),
      update: route.patch('/cars/:carId', () => noContent()),
      flush: route.post('/flush/:tag', ({ use, params }) => use(Cache).flush(params.tag)),
    }
    return { routes, state }
  }

  test('a flush of a tag makes the handler run again', async () => {
    const { routes } = make()
    const { send } = await open(routes)
    const n = async (path: string) => ((await (await send(path)).json()) as { n: number }).n
    expect([await n('/cars'), await n('/cars/1'), await n('/cars/2')]).toEqual([1, 2, 3])
    await send('/flush/car:1', { method: 'POST' })
    expect([await n('/cars'), await n('/cars/1'), await n('/cars/2')]).toEqual([1, 4, 3])
    await send('/flush/cars', { method: 'POST' })
    expect([await n('/cars'), await n('/cars/1'), await n('/cars/2')]).toEqual([5, 4, 3])
  })

  test('a successful change of the path removes its answers, whatever their query, and those that Location names', async () => {
    const { routes } = make({ location: '/cars/2' })
    const { send } = await open(routes)
    const n = async (path: string) => ((await (await send(path)).json()) as { n: number }).n
    expect([await n('/cars'), await n('/cars?page=2'), await n('/cars/1'), await n('/cars/2')]).toEqual([1, 2, 3, 4])
    await send('/cars/1', { method: 'PATCH' })
    expect([await n('/cars'), await n('/cars?page=2'), await n('/cars/1'), await n('/cars/2')]).toEqual([1, 2, 5, 4])
    await send('/cars', { method: 'POST' })
    expect([await n('/cars'), await n('/cars?page=2'), await n('/cars/1'), await n('/cars/2')]).toEqual([6, 7, 5, 8])
  })

  test('a change that fails removes nothing', async () => {
    const { routes, state } = make({ failing: true })
    const { send } = await open(routes)
    await send('/cars')
    await send('/cars', { method: 'POST' })
    await send('/cars')
    expect(state.runs).toBe(1)
  })

  test('an answer worked out from what was there before a flush is not stored after it', async () => {
    const slow = Promise.withResolvers<void>()
    const { routes, state } = counting({ cache: { ttl: '1m', tags: ['t'] } }, async (n) => {
      if (n === 1) await slow.promise
      return { n }
    })
    const { send, app } = await open(routes)
    const first = send('/x')
    await vi.waitFor(() => expect(state.runs).toBe(1))
    await app.use(Cache).flush('t')
    slow.resolve()
    expect([await (await first).text(), await (await send('/x')).text()]).toEqual(['{"n":1}', '{"n":2}'])
  })
})

describe('what is refused at boot', () => {
  const refused: [string, RouteTree][] = [
    ['no ttl', { x: route.get('/x', { cache: {} as { ttl: '1m' } }, () => 1) }],
    ['true', { x: route.get('/x', { cache: true as unknown as false }, () => 1) }],
    ['an unknown member', { x: route.get('/x', { cache: { ttl: '1m', tag: ['a'] } as { ttl: '1m' } }, () => 1) }],
    ['by something else', { x: route.get('/x', { cache: { ttl: '1m', by: 'role' as 'user' } }, () => 1) }],
    ['a header that is none', { x: route.get('/x', { cache: { ttl: '1m', vary: ['a b'] } }, () => 1) }],
    ['another method', { x: route.head('/x', { cache: { ttl: '1m' } }, () => 1) }],
  ]
  test.each(refused)('%s: CACHE_INVALID', async (_, routes) => {
    await expect(open(routes)).rejects.toMatchObject({ code: 'CACHE_INVALID' })
  })

  test('a cache in memory with several workers', async () => {
    await expect(open(counting(minute).routes, { WORKERS: '2' })).rejects.toMatchObject({ code: 'STORE_NOT_SHARED' })
  })
})

describe('over Redis', () => {
  redisTest('processes share answers and flushes; while it is away routes answer without', async () => {
    const name = `responses-${randomUUID()}`
    const { routes, state } = counting({ cache: { ttl: '1m', tags: ['t'] } })
    const [one, two] = [await open(routes, { REDIS_URL: redisUrl }, name), await open(routes, { REDIS_URL: redisUrl }, name)]
    await one.send('/x')
    expect(status(await two.send('/x'))).toContain('hit')
    await two.app.use(Cache).flush('t')
    expect(await (await one.send('/x')).text()).toBe('{"n":2}')
    const { client, prefix } = one.app.use(Redis)
    await client.unlink(...(await client.keys(`${prefix}*`)), 'none')
    const away = await open(routes, { REDIS_URL: 'redis://127.0.0.1:1' }, name)
    expect([(await away.send('/x')).status, (await away.send('/x')).status, state.runs]).toEqual([200, 200, 4])
    expect(status(await away.send('/x'))).toBe('Glueful; fwd=miss; detail=store-unavailable')
  })
})
