import { createApp, route, type RouteOptions } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'

const routes = {
  fine: route.get('/fine', () => 'ok'),
  guess: route.get('/guess', () => {
    throw Object.assign(new RangeError('no'), { toProblem: () => ({ status: 401, code: 'UNAUTHENTICATED', title: 'Unauthorized', detail: '' }) })
  }),
  free: route.get('/free', { errorThrottle: false }, () => 'ok'),
  broken: route.get('/broken', () => {
    throw new RangeError('x')
  }),
}
const open = (errorThrottle: NonNullable<RouteOptions['errorThrottle']>) => testApp(createApp({ name: 'shop', defaults: { errorThrottle }, routes }))

describe('errorThrottle', () => {
  test('keeps an address out that causes errors, on all routes and at unknown paths', async () => {
    await using app = await open({ attempts: 3, per: '1m' })
    const status = async (path: string) => (await app.fetch(path)).status
    expect([await status('/guess'), await status('/nothing'), await status('/fine'), await status('/guess')]).toEqual([401, 404, 200, 401])
    const refused = await app.fetch('/fine')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_ERRORS' })
    expect([await status('/nothing'), await status('/free'), await status('/health/live')]).toEqual([429, 200, 200])
    const elsewhere = await app.app.fetch(new Request('http://localhost/fine'), { address: '192.0.2.7' })
    expect(elsewhere.status).toBe(200)

    app.clock.advance(60_000)
    expect(await status('/fine')).toBe(200)
    expect(await (await app.fetch('/metrics')).text()).toContain('glueful_error_throttled_total 2')
  })

  test('counts neither successes, nor failures of the server, nor what has been refused', async () => {
    await using app = await open({ attempts: 2, per: '1m' })
    for (let i = 0; i < 5; i++) {
      expect((await app.fetch('/fine')).status).toBe(200)
      expect((await app.fetch('/broken')).status).toBe(500)
    }
    for (let i = 0; i < 20; i++) await app.fetch('/nothing')
    app.clock.advance(60_000)
    expect((await app.fetch('/fine')).status).toBe(200)
  })

  test('counts the statuses that it is told to', async () => {
    await using app = await open({ attempts: 1, per: '1m', statuses: [401] })
    for (let i = 0; i < 5; i++) expect((await app.fetch('/nothing')).status).toBe(404)
    await app.fetch('/guess')
    expect((await app.fetch('/nothing')).status).toBe(429)
  })

  test('is on in production and off elsewhere, unless ERROR_THROTTLE says otherwise', async () => {
    const blocked = async (environment: 'production' | 'development', env: Record<string, string> = {}) => {
      await using app = await testApp(createApp({ name: 'shop', routes }), { environment, env })
      for (let i = 0; i < 1_000; i++) await app.fetch('/nothing')
      return (await app.fetch('/fine')).status === 429
    }
    expect([await blocked('production'), await blocked('development')]).toEqual([true, false])
    expect([await blocked('production', { ERROR_THROTTLE: 'false' }), await blocked('development', { ERROR_THROTTLE: 'true' })]).toEqual([false, true])
  })

  for (const [value, reason] of [
    [{ attempts: 0 }, 'attempts is 0'],
    [{ statuses: [500] }, 'client errors'],
    [{ statuses: [429] }, 'other than 429'],
    [{ per: '0s' }, 'no time'],
  ] as const) {
    test(`${JSON.stringify(value)} keeps the application from starting`, async () => {
      await expect(open(value)).rejects.toMatchObject({ code: 'ERROR_THROTTLE_INVALID', message: expect.stringContaining(reason) })
    })
  }
})
