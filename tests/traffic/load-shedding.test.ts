import { createApp, LoadMonitor, route, type LoadShedding } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'

const load = { lagMs: 0, latencyMs: 0, observe: () => {} }
const routes = (loadShedding: LoadShedding | boolean) => ({
  normal: route.get('/normal', { loadShedding }, () => 'ok'),
  low: route.get('/low', { loadShedding: { ...(typeof loadShedding === 'object' ? loadShedding : {}), priority: 'low' } }, () => 'ok'),
  high: route.get('/high', { loadShedding: { ...(typeof loadShedding === 'object' ? loadShedding : {}), priority: 'high' } }, () => 'ok'),
})

async function shares(now: Partial<typeof load>, option: LoadShedding | boolean = true) {
  await using app = await testApp(createApp({ name: 'shop', routes: routes(option) }))
  app.swap(LoadMonitor, { ...load, ...now })
  const refused: Record<string, number> = { normal: 0, low: 0, high: 0 }
  for (const path of Object.keys(refused))
    for (let i = 0; i < 1_000; i++) if ((await app.fetch(`/${path}`)).status === 503) refused[path] = (refused[path] as number) + 1
  return refused
}

describe('load shedding', () => {
  test('turns nobody away while all is well', async () => {
    expect(await shares({ lagMs: 99 })).toEqual({ normal: 0, low: 0, high: 0 })
  })

  test('turns away the more the more there is to do; what matters less first, what matters most never', async () => {
    const { normal, low, high } = await shares({ lagMs: 400 })
    expect(high).toBe(0)
    // One half and three quarters, by chance.
    expect(normal).toBeGreaterThan(400)
    expect(normal).toBeLessThan(600)
    expect(low).toBeGreaterThan(650)
    expect(low).toBeLessThan(850)
    const extreme = await shares({ lagMs: 1e6 })
    expect(extreme['normal']).toBeGreaterThan(900)
    expect(extreme['normal']).toBeLessThan(1_000)
  })

  test('looks at the time that answers take, where it is told to', async () => {
    expect((await shares({ latencyMs: 10_000 }))['normal']).toBe(0)
    expect((await shares({ latencyMs: 4_000 }, { latency: '2s' }))['normal']).toBeGreaterThan(300)
  })

  test('answers 503 with Retry-After, without reporting a failure; health is spared', async () => {
    const reported: unknown[] = []
    await using app = await testApp(createApp({ name: 'shop', routes: routes(true), reportError: (report) => void reported.push(report) }), {
      env: { LOAD_SHEDDING: 'true' },
    })
    app.swap(LoadMonitor, { ...load, lagMs: 1e9 })
    let refused: Response | undefined
    for (let i = 0; i < 200 && refused === undefined; i++) {
      const answer = await app.fetch('/normal')
      if (answer.status === 503) refused = answer
    }
    expect(await refused?.json()).toMatchObject({ code: 'OVERLOADED' })
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    for (let i = 0; i < 200; i++) expect((await app.fetch('/health/live')).status).toBe(200)
    expect(reported).toEqual([])
    expect(await (await app.fetch('/metrics')).text()).toMatch(/glueful_requests_shed_total\{route="\/normal"\} [1-9]/)
  })

  test('a loop that is held up is noticed', async () => {
    await using app = await testApp(createApp({ name: 'shop', routes: routes({ lag: '5ms' }) }))
    const monitor = app.app.use(LoadMonitor)
    const holdUp = () => {
      const until = performance.now() + 60
      while (performance.now() < until);
      return monitor.lagMs
    }
    await expect.poll(holdUp, { interval: 1 }).toBeGreaterThan(20)
  })

  test('the limit of an adaptive rule shrinks under load', async () => {
    const rateLimit = { attempts: 10, per: '1m', adaptive: 0.2 } as const
    await using app = await testApp(createApp({ name: 'shop', routes: { cars: route.get('/cars', { rateLimit }, () => 'ok') } }))
    const limit = async (lagMs: number) => {
      app.swap(LoadMonitor, { ...load, lagMs })
      return (await app.fetch('/cars')).headers.get('x-ratelimit-limit')
    }
    expect([await limit(0), await limit(200), await limit(300), await limit(1e9)]).toEqual(['10', '10', '5', '2'])
  })

  for (const value of [{ lag: 0 }, { latency: 0 }, { priority: 'urgent' }] as unknown as LoadShedding[]) {
    test(`${JSON.stringify(value)} keeps the application from starting`, async () => {
      await expect(testApp(createApp({ name: 'shop', routes: { a: route.get('/a', { loadShedding: value }, () => 'a') } }))).rejects.toMatchObject({
        code: 'LOAD_SHEDDING_INVALID',
      })
    })
  }
})
