import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { Conflict, createApp, MetricsService, Redis, reply, route, stream, created, type App, type RouteTree } from 'glueful'
import { createMemoryDestination, createFrozenClock } from 'glueful/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

const apps: App[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

interface SendOptions {
  readonly key?: string
  readonly body?: unknown
  readonly as?: string
  readonly address?: string
  readonly method?: string
}

async function open(routes: RouteTree, env: Record<string, string> = {}) {
  const clock = createFrozenClock(Date.now())
  const destination = createMemoryDestination()
  const app = createApp({ name: `idempotency-${randomUUID()}`, routes }).with({ environment: 'test', env, clock, logDestination: destination })
  apps.push(app)
  await app.ready()
  const send = (path: string, { key, body, as, address = '192.0.2.1', method = 'POST' }: SendOptions = {}) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { ...(key === undefined ? {} : { 'idempotency-key': key }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
      { address, ...(as === undefined ? {} : { identity: { id: as, roles: [], scopes: [], strategy: 'test' } }) },
    )
  return { app, clock, send, logs: destination.lines }
}

function soldOut(): unknown {
  throw new Conflict('sold out')
}
function broken(): unknown {
  throw new TypeError('broken')
}
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]
const body = z.object({ sku: z.string(), amount: z.number().default(() => Math.ceil(Math.random() * 1e9)) })

function orders(mode: 'required' | 'optional' = 'required') {
  const state = { runs: 0 }
  const create = route.post('/orders', { idempotency: mode, body }, ({ body: order, setHeader }) => {
    setHeader('x-run', String(++state.runs))
    return created({ id: state.runs, sku: order.sku, text: 'ä€😀' }, `/orders/${state.runs}`)
  })
  return { routes: { create }, state }
}

describe('a request with a key', () => {
  test('runs once; copies get status, headers and body byte for byte, and a marker', async () => {
    const { routes, state } = orders()
    const { send, app } = await open(routes)
    const first = await send('/orders', { key: 'k-1', body: { sku: 'a' } })
    const copy = await send('/orders', { key: 'k-1', body: { sku: 'a' } })
    expect([first.status, first.headers.get('idempotency-replayed'), copy.status, copy.headers.get('idempotency-replayed')]).toEqual([201, null, 201, 'true'])
    expect(await copy.bytes()).toEqual(await first.bytes())
    for (const name of ['content-type', 'location', 'x-run', 'content-length']) expect(copy.headers.get(name)).toBe(first.headers.get(name))
    expect(state.runs).toBe(1)
    const counted = app
      .use(MetricsService)
      .snapshot()
      .find(({ name }) => name === 'glueful_idempotency_requests_total')
    expect(counted?.series.map(({ values, numbers }) => [...values, numbers[0]])).toEqual([
      ['/orders', 'first', 1],
      ['/orders', 'replayed', 1],
    ])
  })

  test('quotes of a structured string do not count, and neither does the order of members', async () => {
    const { routes, state } = orders()
    const { send } = await open(routes)
    await send('/orders', { key: '"k-1"', body: { sku: 'a', amount: 1 } })
    expect((await send('/orders', { key: 'k-1', body: { amount: 1, sku: 'a' } })).headers.get('idempotency-replayed')).toBe('true')
    expect(state.runs).toBe(1)
  })

  test('that asks for something else is refused: IDEMPOTENCY_KEY_REUSED', async () => {
    const { routes } = orders()
    const { send } = await open({ ...routes, other: route.patch('/orders/:id', { idempotency: 'optional' }, ({ params }) => params) })
    await send('/orders', { key: 'k', body: { sku: 'a' } })
    expect(await codeOf(await send('/orders', { key: 'k', body: { sku: 'b' } }))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    expect(await codeOf(await send('/orders?x=1', { key: 'k', body: { sku: 'a' } }))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    await send('/orders/1', { key: 'k', method: 'PATCH' })
    expect(await codeOf(await send('/orders/2', { key: 'k', method: 'PATCH' }))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  test('without a key is refused where one is required, and served where it is optional', async () => {
    const required = await open(orders().routes)
    expect(await codeOf(await required.send('/orders', { body: { sku: 'a' } }))).toEqual([400, 'IDEMPOTENCY_KEY_MISSING'])
    const { routes, state } = orders('optional')
    const optional = await open(routes)
    await optional.send('/orders', { body: { sku: 'a' } })
    await optional.send('/orders', { body: { sku: 'a' } })
    expect(state.runs).toBe(2)
  })

  test.each(['', ' ', '""', 'a b', 'a,b', 'a;b', 'a"b', 'a\\b', 'ä', 'x'.repeat(256), '"a", "b"'])('that is no key is refused: %j', async (key) => {
    const { send } = await open(orders().routes)
    expect(await codeOf(await send('/orders', { key, body: { sku: 'a' } }))).toEqual([400, 'IDEMPOTENCY_KEY_INVALID'])
  })

  test('belongs to who sent it: another user, or another address without one, has keys of their own', async () => {
    const { routes, state } = orders()
    const { send } = await open(routes)
    const from: SendOptions[] = [{ as: 'ann' }, { as: 'bob' }, { address: '192.0.2.1' }, { address: '192.0.2.2' }, { as: '192.0.2.1' }]
    for (const one of from) await send('/orders', { key: 'k', body: { sku: 'a' }, ...one })
    expect(state.runs).toBe(5)
    expect((await send('/orders', { key: 'k', body: { sku: 'a' }, as: 'ann', address: '192.0.2.9' })).headers.get('idempotency-replayed')).toBe('true')
  })

  test('that is not done is answered 409 with Retry-After; with wait, copies get the same answer', async () => {
    const slow = Promise.withResolvers<void>()
    let runs = 0
    const handler = async () => {
      runs++
      await slow.promise
      return { runs }
    }
    const { send } = await open({
      plain: route.post('/plain', { idempotency: 'required' }, handler),
      patient: route.post('/patient', { idempotency: { mode: 'required', wait: '10s' } }, handler),
    })
    const first = send('/plain', { key: 'k' })
    const patient = Array.from({ length: 20 }, () => send('/patient', { key: 'k' }))
    await vi.waitFor(() => expect(runs).toBe(2))
    const refused = await send('/plain', { key: 'k' })
    expect([refused.headers.get('retry-after'), ...(await codeOf(refused))]).toEqual(['1', 409, 'IDEMPOTENCY_IN_FLIGHT'])
    slow.resolve()
    expect((await first).status).toBe(200)
    const answers = await Promise.all(patient)
    expect(new Set(await Promise.all(answers.map((one) => one.text()))).size).toBe(1)
    expect(answers.filter((one) => one.headers.get('idempotency-replayed') === 'true')).toHaveLength(19)
    expect(runs).toBe(2)
  })

  test('is forgotten after its time', async () => {
    const { routes, state } = orders()
    const { send, clock } = await open(routes, { IDEMPOTENCY_TTL: '1h' })
    await send('/orders', { key: 'k', body: { sku: 'a' } })
    clock.advance(3_599_999)
    await send('/orders', { key: 'k', body: { sku: 'a' } })
    expect(state.runs).toBe(1)
    clock.advance(1)
    await send('/orders', { key: 'k', body: { sku: 'a' } })
    expect(state.runs).toBe(2)
  })

  test('a request that is not valid does not use its key up', async () => {
    const { routes, state } = orders()
    const { send } = await open(routes)
    expect((await send('/orders', { key: 'k', body: { sku: 1 } })).status).toBe(422)
    expect((await send('/orders', { key: 'k', body: { sku: 'a' } })).status).toBe(201)
    expect(state.runs).toBe(1)
  })

  const kept: [string, () => unknown, number][] = [
    ['a thrown 409', soldOut, 409],
    ['a returned 404', () => reply(404, { none: true }), 404],
    ['nothing', () => undefined, 204],
    ['bytes', () => new Uint8Array([0, 255, 10]), 200],
  ]
  test.each(kept)('%s is kept', async (_, handler, status) => {
    let runs = 0
    const { send } = await open({ x: route.post('/x', { idempotency: 'required' }, (): unknown => (runs++, handler())) })
    const [first, copy] = [await send('/x', { key: 'k' }), await send('/x', { key: 'k' })]
    expect([first.status, copy.status, runs]).toEqual([status, status, 1])
    expect(await copy.bytes()).toEqual(await first.bytes())
  })

  const notKept: [string, () => unknown][] = [
    ['a thrown error', broken],
    ['a returned 503', () => reply(503, {})],
    ['a returned 429', () => reply(429, {})],
  ]
  test.each(notKept)('%s is not kept: the next try runs again', async (_, handler) => {
    let runs = 0
    const { send } = await open({ x: route.post('/x', { idempotency: 'required' }, () => (++runs === 1 ? handler() : { runs })) })
    expect((await send('/x', { key: 'k' })).status).toBeGreaterThanOrEqual(429)
    expect(await (await send('/x', { key: 'k' })).json()).toEqual({ runs: 2 })
    expect(await (await send('/x', { key: 'k' })).json()).toEqual({ runs: 2 })
  })

  test('whose client left while the work was aborted with it is not kept: the next try runs again', async () => {
    let runs = 0
    const started = Promise.withResolvers<void>()
    const pay = route.post('/pay', { idempotency: 'required' }, async ({ signal }) => {
      if (++runs > 1) return 'paid'
      started.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      signal.throwIfAborted()
      return 'not reached'
    })
    const { app, send } = await open({ pay })
    const leaving = new AbortController()
    const first = app.fetch(new Request('http://localhost/pay', { method: 'POST', headers: { 'idempotency-key': 'k1' }, signal: leaving.signal }), {
      address: '192.0.2.1',
    })
    await started.promise
    leaving.abort()
    expect(await codeOf(await first)).toEqual([499, 'CLIENT_CLOSED_REQUEST'])
    expect(await (await send('/pay', { key: 'k1' })).json()).toBe('paid')
  })

  test('an answer that cannot be given again is a mistake: IDEMPOTENCY_ANSWER_INVALID', async () => {
    const { send, logs } = await open({
      stream: route.post('/stream', { idempotency: 'required' }, () => stream(Readable.from(['a']))),
      large: route.post('/large', { idempotency: 'required' }, () => 'x'.repeat(2_000_000)),
    })
    expect([(await send('/stream', { key: 'k' })).status, (await send('/large', { key: 'k' })).status]).toEqual([500, 500])
    expect(logs.filter((line) => line.includes('IDEMPOTENCY_ANSWER_INVALID'))).toHaveLength(2)
  })

  test('uploads and raw bodies are part of what is asked', async () => {
    let runs = 0
    const { app } = await open({ x: route.post('/x', { idempotency: 'required', accepts: ['multipart', 'raw'] }, () => ({ runs: ++runs })) })
    const send = async (content: string | FormData, headers: Record<string, string> = {}) =>
      (
        await app.fetch(
          new Request('http://localhost/x', {
            method: 'POST',
            body: content,
            headers: { 'idempotency-key': content instanceof FormData ? 'form' : 'raw', ...headers },
          }),
        )
      ).status
    const form = (text: string) => {
      const data = new FormData()
      data.set('file', new File([text], 'a.txt', { type: 'text/plain' }))
      return data
    }
    expect([await send(form('one')), await send(form('one')), await send(form('two'))]).toEqual([200, 200, 422])
    const binary = { 'content-type': 'application/octet-stream' }
    expect([await send('one', binary), await send('one', binary), await send('two', binary)]).toEqual([200, 200, 422])
    expect(runs).toBe(2)
  })

  test('GET in a group with it is served as ever; OpenAPI tells of the header', async () => {
    const { app, send } = await open({
      show: route.get('/x', { idempotency: 'required' }, () => 1),
      create: route.post('/x', { idempotency: 'required' }, () => 1),
    })
    expect((await send('/x', { method: 'GET' })).status).toBe(200)
    const { get, post } = app.openapi().paths['/x'] as Record<string, { parameters: { name: string; required?: boolean }[]; responses: object }>
    expect(get?.parameters).toEqual([])
    expect(post?.parameters).toMatchObject([{ name: 'Idempotency-Key', required: true }])
    expect(Object.keys(post?.responses ?? {})).toEqual(expect.arrayContaining(['400', '409', '422']))
  })
})

describe('a route that finds the key itself', () => {
  test('serves every copy by one run, whoever sends it and whatever else it says; other routes know nothing of it', async () => {
    let runs = 0
    const idempotency = { mode: 'required', key: ({ readBody }: { readBody: unknown }) => (readBody as { sku: string }).sku } as const
    const { send, app } = await open({
      one: route.post('/one', { idempotency, body }, () => created({ run: ++runs }, '/one/1')),
      other: route.post('/other', { idempotency, body }, () => created({ run: ++runs }, '/other/1')),
    })
    const ask = async (path: string, sku: string, options: SendOptions = {}) =>
      ((await (await send(path, { body: { sku }, ...options })).json()) as { run: number }).run
    expect(await ask('/one', 'a')).toBe(1)
    expect(await ask('/one', 'a', { as: 'ann', key: 'not-looked-at' })).toBe(1)
    expect(await ask('/one', 'a', { body: { sku: 'a', amount: 7 } })).toBe(1)
    expect(await ask('/one', 'b')).toBe(2)
    expect(await ask('/other', 'a')).toBe(3)
    expect(app.openapi().paths['/one']?.['post']?.parameters).toEqual([])
  })

  test('and keeps successes only runs again after any other answer', async () => {
    const answers = [400, 404, 302, 503, 201, 500]
    const { send } = await open({
      one: route.post('/one', { idempotency: { mode: 'required', keep: 'success' } }, () => reply(answers.shift() ?? 500, {})),
    })
    const seen = []
    for (let copy = 0; copy < 6; copy++) seen.push((await send('/one', { key: 'k' })).status)
    expect(seen).toEqual([400, 404, 302, 503, 201, 201])
  })
})

describe('at boot', () => {
  test('an unknown mode is refused: IDEMPOTENCY_INVALID', async () => {
    for (const idempotency of [
      'always' as 'required',
      true as unknown as false,
      { mode: 'required', ttk: '1h' } as { mode: 'required' },
      { mode: 'required', keep: 'all' as 'final' } as const,
    ])
      await expect(open({ x: route.post('/x', { idempotency }, () => 1) })).rejects.toMatchObject({ code: 'IDEMPOTENCY_INVALID' })
  })

  test('keys in memory with several workers are refused, and stores that are not there', async () => {
    await expect(open(orders().routes, { WORKERS: '2' })).rejects.toMatchObject({ code: 'STORE_NOT_SHARED' })
    await expect(open(orders().routes, { IDEMPOTENCY_STORE: 'redis' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(open(orders().routes, { IDEMPOTENCY_STORE: 'database' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('over Redis', () => {
  redisTest('two processes serve one key once; without Redis the request is refused, not run', async () => {
    const { routes, state } = orders()
    const name = `idempotency-${randomUUID()}`
    const make = async (url: string) => {
      const app = createApp({ name, routes }).with({ environment: 'test', env: { REDIS_URL: url }, logDestination: createMemoryDestination() })
      apps.push(app)
      await app.ready()
      return app
    }
    const request = () =>
      new Request('http://localhost/orders', { method: 'POST', body: '{"sku":"a"}', headers: { 'content-type': 'application/json', 'idempotency-key': 'k' } })
    const [one, two] = [await make(redisUrl), await make(redisUrl)]
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? one : two).fetch(request())))
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true)
    expect((await two.fetch(request())).headers.get('idempotency-replayed')).toBe('true')
    expect(state.runs).toBe(1)
    const { client, prefix } = one.use(Redis)
    await client.unlink(...(await client.keys(`${prefix}*`)), 'none')
    const away = await make('redis://127.0.0.1:1')
    const refused = await away.fetch(request())
    expect([refused.headers.get('retry-after'), ...(await codeOf(refused)), state.runs]).toEqual(['1', 503, 'IDEMPOTENCY_UNAVAILABLE', 1])
  })
})
