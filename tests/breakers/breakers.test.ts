import { randomUUID } from 'node:crypto'
import * as fc from 'fast-check'
import {
  AuditLog,
  Authorizer,
  Breakers,
  createApp,
  createHttpClient,
  provide,
  route,
  strategy,
  type AuditEntry,
  type BreakerOptions,
  type Identity,
} from 'glueful'
import { createFakeHttp, testApp } from 'glueful/testing'
import { describe, expect, test, vi } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

const open = () => testApp(createApp({ name: 'shop', routes: {} }))
const broken = () => Promise.reject(new RangeError('no answer'))
const fine = () => 'ok'
const codeOf = (result: PromiseSettledResult<unknown>) => (result.status === 'fulfilled' ? 'ok' : ((result.reason as { code?: string }).code ?? 'failed'))

async function withBreaker(options: BreakerOptions = {}) {
  const app = await open()
  const breakers = app.app.use(Breakers)
  const breaker = breakers.breaker('payments', options)
  const call = async (work: () => unknown) => codeOf((await Promise.allSettled([breaker.run(work)]))[0] as PromiseSettledResult<unknown>)
  return { app, breakers, breaker, call, [Symbol.asyncDispose]: () => app.close() }
}

describe('a breaker', () => {
  test('opens after failures in a row, is tried again after its pause, and closes when that succeeds', async () => {
    await using one = await withBreaker({ failures: 3, pause: '10s' })
    const { breaker, call } = one
    expect([await call(broken), await call(broken), await call(fine), await call(broken), await call(broken)]).toEqual([
      'failed',
      'failed',
      'ok',
      'failed',
      'failed',
    ])
    expect(breaker.state).toBe('closed')
    await call(broken)
    expect(breaker.state).toBe('open')
    one.app.clock.advance(7_500)
    await expect(breaker.run(fine)).rejects.toMatchObject({ code: 'BREAKER_OPEN', status: 503, headers: ['retry-after', '3'] })
    one.app.clock.advance(2_500)
    expect(await call(broken)).toBe('failed')
    expect([breaker.state, await call(fine)]).toEqual(['open', 'BREAKER_OPEN'])
    one.app.clock.advance(10_000)
    expect([await call(fine), breaker.state]).toEqual(['ok', 'closed'])
  })

  test('opens by share of failures where it is told to', async () => {
    await using one = await withBreaker({ failureRate: { share: 0.5, within: '10s', calls: 10 } })
    for (let i = 0; i < 9; i++) await one.call(i % 3 === 0 ? fine : broken)
    expect(one.breaker.state).toBe('closed')
    await one.call(broken)
    expect(one.breaker.state).toBe('open')
  })

  test('forgets failures that lie longer back than the time it looks at', async () => {
    await using one = await withBreaker({ failureRate: { share: 0.5, within: '10s', calls: 10 } })
    const { breaker, call, app } = one
    for (let i = 0; i < 9; i++) await call(broken)
    app.clock.advance(11_000)
    for (let i = 0; i < 9; i++) await call(broken)
    expect(breaker.state).toBe('closed')
    for (let i = 0; i < 10; i++) await call(fine)
    expect(breaker.state).toBe('closed')
    await call(broken)
    await call(broken)
    expect(breaker.state).toBe('open')
    app.clock.advance(10_000)
    // What was counted before it opened is forgotten once it closes.
    expect([await call(fine), breaker.state, await call(broken), breaker.state]).toEqual(['ok', 'closed', 'failed', 'closed'])
  })

  test.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('does not care when the wall clock is set %s by a day', async (_, jump) => {
    await using one = await withBreaker({ failures: 1, pause: '10s' })
    const { breaker, call, app } = one
    await call(broken)
    app.clock.set(app.clock.now() + jump)
    app.clock.advance(9_999)
    expect([await call(fine), breaker.status().retryMs]).toEqual(['BREAKER_OPEN', 1])
    app.clock.advance(1)
    expect([await call(fine), breaker.state]).toEqual(['ok', 'closed'])

    const byShare = app.app.use(Breakers).breaker('shares', { failureRate: { share: 0.5, within: '10s', calls: 4 } })
    for (let i = 0; i < 3; i++) await byShare.run(broken).catch(() => undefined)
    app.clock.set(app.clock.now() + jump)
    await byShare.run(broken).catch(() => undefined)
    expect(byShare.state).toBe('open')
  })

  test('does not count what was wrong with the request, nor calls that were given up', async () => {
    await using one = await withBreaker({ failures: 1 })
    const wrong = () => Promise.reject(Object.assign(new RangeError('wrong'), { status: 404 }))
    const givenUp = new AbortController()
    const hanging = one.breaker.run((signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), {
      signal: givenUp.signal,
    })
    givenUp.abort(new RangeError('gone'))
    await expect(hanging).rejects.toThrow('gone')
    expect([await one.call(wrong), one.breaker.state]).toEqual(['failed', 'closed'])
    await one.call(broken)
    expect(one.breaker.state).toBe('open')
  })

  test('half open, lets exactly as many calls through as there are probes, however many come at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 }), fc.boolean(), async (probes, callers, succeed) => {
        await using one = await withBreaker({ failures: 1, pause: 1_000, probes })
        await one.call(broken)
        one.app.clock.advance(1_000)
        let asked = 0
        const answer = Promise.withResolvers<void>()
        const calls = Promise.allSettled(
          Array.from({ length: callers }, () =>
            one.breaker.run(async () => {
              asked++
              await answer.promise
              if (!succeed) throw new RangeError('still no answer')
            }),
          ),
        )
        await vi.waitFor(() => expect(asked).toBe(Math.min(probes, callers)))
        answer.resolve()
        const results = (await calls).map(codeOf)
        expect(asked).toBe(Math.min(probes, callers))
        expect(results.filter((code) => code === 'BREAKER_OPEN')).toHaveLength(Math.max(0, callers - probes))
        expect(one.breaker.state).toBe(succeed ? (callers < probes ? 'half-open' : 'closed') : 'open')
      }),
      { numRuns: 30 },
    )
  })

  test('a probe that is given up does not close it', async () => {
    await using one = await withBreaker({ failures: 1, pause: 1_000 })
    await one.call(broken)
    one.app.clock.advance(1_000)
    const givenUp = new AbortController()
    const probe = one.breaker.run((signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), {
      signal: givenUp.signal,
    })
    await vi.waitFor(() => expect(one.breaker.state).toBe('half-open'))
    givenUp.abort(new RangeError('gone'))
    await expect(probe).rejects.toThrow('gone')
    expect(one.breaker.state).toBe('open')
  })

  test('bounds how many calls run and wait, and how long each may take', async () => {
    await using one = await withBreaker({ concurrency: 2, queue: 3, timeout: 20 })
    let [running, most] = [0, 0]
    const work = async () => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
    }
    const results = (await Promise.allSettled(Array.from({ length: 9 }, () => one.breaker.run(work)))).map(codeOf)
    expect(most).toBe(2)
    expect(results).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'BULKHEAD_FULL', 'BULKHEAD_FULL', 'BULKHEAD_FULL', 'BULKHEAD_FULL'])
    expect(await one.call(() => new Promise(() => {}))).toBe('TIMED_OUT')
  })

  test('who waits for a turn and is called off does not wait until it comes', async () => {
    await using one = await withBreaker({ concurrency: 1, queue: 1 })
    const first = Promise.withResolvers<void>()
    const running = one.breaker.run(() => first.promise)
    const calledOff = new AbortController()
    const waiting = one.breaker.run(fine, { signal: calledOff.signal })
    calledOff.abort(new RangeError('enough'))
    await expect(waiting).rejects.toThrow('enough')
    first.resolve()
    await running
    expect(await one.call(fine)).toBe('ok')
  })

  test('tries again what failed, and not what was refused', async () => {
    await using one = await withBreaker({ attempts: 3, failures: 4 })
    let asked = 0
    const second = () => {
      if (++asked % 2 === 1) throw new RangeError('once')
      return 'ok'
    }
    expect([await one.call(second), asked]).toEqual(['ok', 2])
    asked = 0
    const never = () => {
      asked++
      return broken()
    }
    await one.call(never)
    expect([await one.call(never), asked, one.breaker.state]).toEqual(['BREAKER_OPEN', 4, 'open'])
  })

  test('options that cannot be meant are refused', async () => {
    await using one = await withBreaker({ failures: 3 })
    const { breakers, breaker } = one
    expect(breakers.breaker('payments')).toBe(breaker)
    expect(breakers.breaker('payments', { failures: 3 })).toBe(breaker)
    const invalid = [
      ['payments', { failures: 4 }, 'other options'],
      ['', {}, 'a name has'],
      ['a', { failures: 0 }, 'failures is 0'],
      ['a', { probes: 1.5 }, 'probes is 1.5'],
      ['a', { pause: 0 }, 'no time'],
      ['a', { queue: 5 }, 'no concurrency'],
      ['a', { failures: 1, failureRate: { share: 0.5, within: '1s', calls: 5 } }, 'one of them'],
      ['a', { failureRate: { share: 1, within: '1s', calls: 5 } }, 'between 0 and 1'],
    ] as const
    for (const [name, options, reason] of invalid)
      expect(() => breakers.breaker(name, options)).toThrow(expect.objectContaining({ code: 'BREAKER_INVALID', message: expect.stringContaining(reason) }))
  })
})

describe('around an HTTP client', () => {
  test('bad answers open it and are still answers; then nothing is sent any more', async () => {
    await using one = await withBreaker({ failures: 3 })
    const http = createFakeHttp()
      .on('GET /rates', new Response('no', { status: 503 }))
      .on('GET /wrong', new Response('no', { status: 404 }))
    const client = createHttpClient({ name: 'payments', baseUrl: 'https://pay.example.com', fetch: http.fetch, around: one.breaker.around, attempts: 1 })
    for (let i = 0; i < 5; i++) await expect(client.get('/wrong')).rejects.toMatchObject({ code: 'OUTGOING_STATUS' })
    for (let i = 0; i < 3; i++) await expect(client.get('/rates')).rejects.toMatchObject({ code: 'OUTGOING_STATUS' })
    await expect(client.get('/rates')).rejects.toMatchObject({ code: 'BREAKER_OPEN' })
    expect(http.requests).toHaveLength(8)
  })

  test('a service that is too slow is one that fails, and a refusal is not tried again', async () => {
    await using one = await withBreaker({ failures: 2 })
    const http = createFakeHttp().on(
      'GET /slow',
      (request) => new Promise<Response>((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason))),
    )
    const client = createHttpClient({
      name: 'payments',
      baseUrl: 'https://pay.example.com',
      fetch: http.fetch,
      around: one.breaker.around,
      timeout: 10,
      attempts: 5,
    })
    await expect(client.get('/slow')).rejects.toMatchObject({ code: 'BREAKER_OPEN' })
    expect(http.requests).toHaveLength(2)
  })
})

describe('operators', () => {
  const operator: Identity = { id: 'ada', roles: ['operator'], scopes: [], strategy: 'given' }

  async function openAdmin() {
    const entries: AuditEntry[] = []
    const app = await testApp(
      createApp({
        name: 'shop',
        routes: { home: route.get('/', () => 'home') },
        strategies: [strategy('staff', { authenticate: () => undefined })],
        services: [
          provide(Authorizer, () => ({ can: (identity, permission) => identity?.roles.includes('operator') === true && permission === 'breakers.manage' })),
          provide(AuditLog, () => ({ record: async (entry) => void entries.push(entry) })),
        ],
      }),
    )
    const ask = (method: string, path: string, identity?: Identity) =>
      app.app.fetch(new Request(`http://localhost${path}`, { method }), { address: '127.0.0.1', ...(identity === undefined ? {} : { identity }) })
    return { ...app, ask, entries }
  }

  test('see the state of breakers in metrics, health and an admin route, and may close them', async () => {
    await using app = await openAdmin()
    const breakers = app.app.use(Breakers)
    await breakers.breaker('mail').run(fine)
    await breakers
      .breaker('payments', { failures: 1 })
      .run(broken)
      .catch(() => undefined)
    const metrics = async () => (await app.fetch('/metrics')).text()
    expect(await metrics()).toContain('glueful_breaker_state{breaker="payments"} 2')
    expect(await metrics()).toContain('glueful_breaker_calls_total{breaker="payments",outcome="failed"} 1')
    expect(await metrics()).toContain('glueful_breaker_opened_total{breaker="payments"} 1')
    expect(await (await app.fetch('/health/detailed')).json()).toMatchObject({
      status: 'degraded',
      checks: { breakers: { status: 'degraded', detail: 'payments is open' } },
    })

    expect(await (await app.ask('GET', '/admin/breakers', operator)).json()).toMatchObject({
      breakers: [
        { name: 'mail', state: 'closed', succeeded: 1 },
        { name: 'payments', state: 'open', failed: 1, lastFailure: 'no answer' },
      ],
    })
    const reset = await app.ask('POST', '/admin/breakers/reset', operator)
    expect([reset.status, await reset.json()]).toEqual([200, { resetCount: 1 }])
    expect(await breakers.breaker('payments').run(fine)).toBe('ok')
    expect(await metrics()).toContain('glueful_breaker_state{breaker="payments"} 0')
    expect(await metrics()).toContain('glueful_breaker_resets_total 1')
    expect(app.entries).toMatchObject([{ actor: 'ada', action: 'breakers.reset', after: { resetCount: 1 }, result: 'ok' }])
    expect(await (await app.ask('POST', '/admin/breakers/reset', operator)).json()).toEqual({ resetCount: 0 })
  })

  test('are the only ones', async () => {
    await using app = await openAdmin()
    expect((await app.ask('GET', '/admin/breakers')).status).toBe(401)
    expect((await app.ask('POST', '/admin/breakers/reset', { ...operator, roles: [] })).status).toBe(403)
    await using without = await open()
    expect((await without.fetch('/admin/breakers')).status).toBe(404)
  })

  redisTest('with Redis a reset reaches the other processes', async () => {
    const name = `test-${randomUUID()}`
    const start = () => testApp(createApp({ name, routes: {} }), { env: { REDIS_URL: redisUrl } })
    await using one = await start()
    await using other = await start()
    const breaker = other.app.use(Breakers).breaker('payments', { failures: 1, pause: '1h' })
    await breaker.run(broken).catch(() => undefined)
    expect(breaker.state).toBe('open')
    await expect.poll(() => (one.app.use(Breakers).resetAll(), breaker.state)).toBe('closed')
  })
})
