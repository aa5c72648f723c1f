import { createApp, group, route, strategy, type AppDefinition, type Identity, type RateLimitRule, type RouteOptions } from 'glueful'
import { createMemoryDestination, testApp, type TestAppOptions } from 'glueful/testing'
import { describe, expect, test } from 'vitest'

const identity = (id: string, more: object = {}) => ({ id, roles: [], scopes: [], strategy: 'given', ...more })

const open = async (routes: AppDefinition['routes'], options: TestAppOptions & { readonly defaults?: RouteOptions } = {}) => {
  const { defaults, ...rest } = options
  const app = await testApp(createApp({ name: 'shop', routes, ...(defaults === undefined ? {} : { defaults }) }), rest)
  const as = (identity: Identity, path: string) => app.app.fetch(new Request(`http://localhost${path}`), { address: '127.0.0.1', identity })
  return { ...app, as }
}
const limited = (rateLimit: NonNullable<RouteOptions['rateLimit']>) => open({ cars: route.get('/cars', { rateLimit }, () => 'ok') })

const headersOf = (answer: Response) =>
  Object.fromEntries(
    ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'ratelimit', 'ratelimit-policy', 'retry-after'].map((name) => [
      name,
      answer.headers.get(name),
    ]),
  )

/** Statuses of so many requests, one after the other. */
async function statuses(app: { fetch(path: string): Promise<Response> }, count: number, path = '/cars'): Promise<number[]> {
  const found: number[] = []
  for (let i = 0; i < count; i++) found.push((await app.fetch(path)).status)
  return found
}

describe('an answer', () => {
  test('says what is left, in the old headers and the standard ones', async () => {
    await using app = await limited({ attempts: 2, per: '1m' })
    expect(headersOf(await app.fetch('/cars'))).toEqual({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-reset': '60',
      ratelimit: '"2-per-1m";r=1;t=60',
      'ratelimit-policy': '"2-per-1m";q=2;w=60',
      'retry-after': null,
    })
  })

  test('above the limit is a problem document with Retry-After', async () => {
    await using app = await limited({ attempts: 1, per: '1m' })
    await app.fetch('/cars')
    app.clock.advance(17_500)
    const answer = await app.fetch('/cars')
    expect(answer.status).toBe(429)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(headersOf(answer)).toMatchObject({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '43', 'retry-after': '43', ratelimit: '"1-per-1m";r=0;t=43' })
    expect(await answer.json()).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS', detail: 'The limit 1-per-1m is used up; try again in 43 seconds.' })
  })

  for (const rule of [
    { attempts: 7, per: '1m' },
    { attempts: 7, per: '1m', algorithm: 'fixed' },
    { attempts: 7, per: '1m', algorithm: 'bucket' },
    { attempts: 3, per: '7s', burst: 5 },
    { attempts: 5, per: 'day' },
    { attempts: 5, per: 'month' },
  ] as const satisfies RateLimitRule[]) {
    test(`waiting as long as Retry-After says is always enough: ${JSON.stringify(rule)}`, async () => {
      await using app = await limited(rule)
      for (let round = 0; round < 40; round++) {
        const answer = await app.fetch('/cars')
        expect(Number(answer.headers.get('x-ratelimit-reset'))).toBeLessThanOrEqual(rule.per === 'month' ? 31 * 86_400 : rule.per === 'day' ? 86_400 : 60)
        if (answer.status === 200) {
          app.clock.advance(137.3)
          continue
        }
        const seconds = Number(answer.headers.get('retry-after'))
        expect(seconds).toBeGreaterThan(0)
        app.clock.advance(seconds * 1_000)
        expect((await app.fetch('/cars')).status).toBe(200)
      }
    })
  }
})

describe('budgets', () => {
  test('health probes leave those of others alone, and are never limited themselves', async () => {
    const login = route.post('/login', { rateLimit: { attempts: 5, per: '1m', by: 'ip', onStoreLoss: 'closed' } }, () => 'ok')
    await using app = await open({ login, cars: route.get('/cars', () => 'ok') }, { defaults: { rateLimit: { attempts: 5, per: '1m', by: 'ip' } } })
    for (let i = 0; i < 60; i++) for (const path of ['/health/live', '/health/ready', '/metrics']) expect((await app.fetch(path)).status).toBe(200)
    await statuses(app, 5)
    expect((await app.fetch('/login', { method: 'POST' })).headers.get('x-ratelimit-remaining')).toBe('4')
  })

  test('two routes share one only where its rule has a name', async () => {
    const own = { attempts: 1, per: '1m' } as const
    const shared = { attempts: 3, per: '1m', name: 'search' } as const
    await using app = await open({
      a: route.get('/a', { rateLimit: own }, () => 'a'),
      b: route.get('/b', { rateLimit: own }, () => 'b'),
      c: route.get('/c', { rateLimit: shared }, () => 'c'),
      d: route.get('/d', { rateLimit: shared }, () => 'd'),
    })
    expect([await statuses(app, 1, '/a'), await statuses(app, 1, '/b')]).toEqual([[200], [200]])
    expect([await statuses(app, 2, '/c'), await statuses(app, 2, '/d')]).toEqual([
      [200, 200],
      [200, 429],
    ])
  })

  test('a request that one rule refuses takes nothing from the others', async () => {
    await using app = await limited([
      { attempts: 1, per: '1s', by: 'ip' },
      { attempts: 3, per: '1h', by: 'ip' },
    ])
    expect(await statuses(app, 10)).toEqual([200, ...Array.from({ length: 9 }, () => 429)])
    app.clock.advance(1_000)
    const answer = await app.fetch('/cars')
    expect(answer.status).toBe(200)
    app.clock.advance(1_000)
    expect((await app.fetch('/cars')).headers.get('ratelimit')).toBe('"3-per-1h";r=0;t=3600')
  })

  test('of several rules the strictest is reported, and all are listed', async () => {
    await using app = await limited([
      { attempts: 10, per: '1s', by: 'ip' },
      { attempts: 4, per: '1h', by: 'user' },
      { attempts: 100, per: 'month', by: 'route', name: 'budget' },
    ])
    const answer = await app.fetch('/cars')
    expect(answer.headers.get('ratelimit')).toBe('"4-per-1h";r=3;t=3600')
    expect(answer.headers.get('ratelimit-policy')).toBe('"10-per-1s";q=10;w=1, "budget";q=100, "4-per-1h";q=4;w=3600')
  })

  test('a refusal of a later rule tells to wait for the earlier ones as well', async () => {
    await using app = await limited([
      { attempts: 2, per: '1m', by: 'ip' },
      { attempts: 1, per: '10s', by: 'user' },
    ])
    await app.fetch('/cars')
    const refused = await app.fetch('/cars')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    app.clock.advance(60_000)
    expect((await app.fetch('/cars')).status).toBe(200)
  })

  test('a cost takes as much; one that is computed sees what was read', async () => {
    await using app = await open({
      report: route.get('/report', { rateLimit: { attempts: 25, per: '1m', cost: 10 } }, () => 'ok'),
      batch: route.get('/batch', { rateLimit: { attempts: 10, per: '1m', cost: ({ query }) => Number((query as { n: string }).n) } }, () => 'ok'),
    })
    expect((await app.fetch('/report')).headers.get('x-ratelimit-remaining')).toBe('15')
    expect(await statuses(app, 2, '/report')).toEqual([200, 429])
    expect((await app.fetch('/batch?n=4')).headers.get('x-ratelimit-remaining')).toBe('6')
    expect((await app.fetch('/batch?n=7')).status).toBe(429)
    expect((await app.fetch('/batch?n=0')).status).toBe(200)
    expect((await app.fetch('/batch?n=x')).status).toBe(500)
    app.clock.advance(60_000)
    // More than there ever is: all of it, rather than never.
    expect((await app.fetch('/batch?n=99')).headers.get('x-ratelimit-remaining')).toBe('0')
  })

  test('a group or the application may have limits, and a route may lift them', async () => {
    await using app = await open(
      {
        a: group({ rateLimit: { attempts: 1, per: '1m' } }, { one: route.get('/one', () => '1'), free: route.get('/free', { rateLimit: false }, () => 'f') }),
        b: route.get('/two', () => '2'),
      },
      { defaults: { rateLimit: { attempts: 2, per: '1m' } } },
    )
    expect(await statuses(app, 2, '/one')).toEqual([200, 429])
    expect(await statuses(app, 3, '/two')).toEqual([200, 200, 429])
    expect(await statuses(app, 5, '/free')).toEqual([200, 200, 200, 200, 200])
  })

  test('quotas begin anew with the day and the month in UTC', async () => {
    await using app = await open({
      day: route.get('/day', { rateLimit: { attempts: 1, per: 'day' } }, () => 'd'),
      month: route.get('/month', { rateLimit: { attempts: 1, per: 'month' } }, () => 'm'),
    })
    app.clock.set(Date.UTC(2026, 1, 27, 23, 59, 58))
    expect([await statuses(app, 2, '/day'), await statuses(app, 2, '/month')]).toEqual([
      [200, 429],
      [200, 429],
    ])
    expect((await app.fetch('/day')).headers.get('retry-after')).toBe('2')
    expect((await app.fetch('/month')).headers.get('retry-after')).toBe(String(86_400 + 2))
    app.clock.advance(2_000)
    expect([await statuses(app, 2, '/day'), await statuses(app, 1, '/month')]).toEqual([[200, 429], [429]])
    app.clock.advance(86_400_000)
    expect(await statuses(app, 2, '/month')).toEqual([200, 429])
  })
})

describe('subjects', () => {
  const from = async (rule: RateLimitRule, addresses: readonly string[]) => {
    const app = createApp({ name: 'shop', routes: { cars: route.get('/cars', { rateLimit: rule }, () => 'ok') } }).with({
      environment: 'test',
      env: {},
      logDestination: createMemoryDestination(),
    })
    try {
      const found: number[] = []
      for (const address of addresses) found.push((await app.fetch(new Request('http://localhost/cars'), { address })).status)
      return found
    } finally {
      await app.close()
    }
  }

  test('addresses of one /64 are one, and so are the spellings of an IPv4 address', async () => {
    const one = { attempts: 1, per: '1m', by: 'ip' } as const
    expect(await from(one, ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:3::1'])).toEqual([200, 429, 200])
    expect(await from(one, ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '0:0:0:0:0:ffff:192.0.2.1', '192.0.2.2'])).toEqual([200, 429, 429, 429, 200])
  })

  test('no address is exempt, not even this machine or one that is not known', async () => {
    const one = { attempts: 1, per: '1m', by: 'ip' } as const
    expect(await from(one, ['127.0.0.1', '127.0.0.1', '::1', '::1', '', ''])).toEqual([200, 429, 200, 429, 200, 429])
  })

  test('callers are counted wherever they are, strangers by address', async () => {
    const app = createApp({ name: 'shop', routes: { cars: route.get('/cars', { rateLimit: { attempts: 1, per: '1m' } }, () => 'ok') } }).with({
      environment: 'test',
      env: {},
      logDestination: createMemoryDestination(),
    })
    const ask = async (address: string, id?: string) =>
      (await app.fetch(new Request('http://localhost/cars'), { address, ...(id === undefined ? {} : { identity: identity(id) }) })).status
    expect([
      await ask('192.0.2.1', 'ada'),
      await ask('192.0.2.2', 'ada'),
      await ask('192.0.2.1', 'bob'),
      await ask('192.0.2.1'),
      await ask('192.0.2.1'),
    ]).toEqual([200, 429, 200, 200, 429])
    await app.close()
  })

  test('a forged token does not make a new budget', async () => {
    const strategy = {
      name: 'jwt',
      scheme: { type: 'http', scheme: 'bearer' },
      authenticate: ({ header }: { header: (name: string) => string | undefined }) =>
        header('authorization') === 'Bearer good' ? identity('ada', { strategy: 'jwt' }) : undefined,
    }
    const cars = route.get('/cars', { auth: 'jwt', rateLimit: { attempts: 3, per: '1m' } }, () => 'ok')
    await using app = await testApp(createApp({ name: 'shop', strategies: [strategy] as never, routes: { cars } }))
    const found: number[] = []
    for (let i = 0; i < 5; i++) found.push((await app.fetch('/cars', { headers: { authorization: `Bearer forged-${i}` } })).status)
    expect(found).toEqual([401, 401, 401, 429, 429])
    expect((await app.fetch('/cars', { headers: { authorization: 'Bearer good' } })).status).toBe(200)
  })

  test('a header, a function, an API key or the route itself', async () => {
    await using app = await open({
      header: route.get('/header', { rateLimit: { attempts: 1, per: '1m', by: { header: 'X-Tenant' } } }, () => 'h'),
      own: route.get('/own', { rateLimit: { attempts: 1, per: '1m', by: ({ search }) => (search === '' ? undefined : search) } }, () => 'f'),
      route: route.get('/route', { rateLimit: { attempts: 1, per: '1m', by: 'route' } }, () => 'r'),
      key: route.get('/key', { rateLimit: { attempts: 1, per: '1m', by: 'key' } }, () => 'k'),
    })
    const tenant = async (name?: string) => (await app.fetch('/header', name === undefined ? {} : { headers: { 'x-tenant': name } })).status
    expect([await tenant('a'), await tenant('a'), await tenant('b'), await tenant(), await tenant(), await tenant('x'.repeat(5_000))]).toEqual([
      200, 429, 200, 200, 429, 200,
    ])
    expect([await statuses(app, 2, '/own?a'), await statuses(app, 1, '/own?b'), await statuses(app, 2, '/own')]).toEqual([[200, 429], [200], [200, 429]])
    const as = async (path: string, id: string, credential?: string) =>
      (await app.as(identity(id, credential === undefined ? {} : { credential }), `/${path}`)).status
    expect([await as('route', 'ada'), await as('route', 'bob')]).toEqual([200, 429])
    expect([await as('key', 'ada', 'k1'), await as('key', 'ada', 'k2'), await as('key', 'ada', 'k1'), await as('key', 'ada')]).toEqual([200, 200, 429, 200])
  })

  test('plans have limits of their own, or none', async () => {
    await using app = await limited([
      { attempts: 1, per: '1m' },
      { attempts: 100, per: '1h' },
      { tier: ['pro', 'trial'], attempts: 3, per: '1m' },
      { tier: 'enterprise', attempts: 'unlimited' },
      { attempts: 50, per: '1m', by: 'ip' },
    ])
    const as = async (plan: string | undefined, times: number) => {
      const caller = identity(plan ?? 'none', plan === undefined ? {} : { plan })
      const found: number[] = []
      for (let i = 0; i < times; i++) found.push((await app.as(caller, '/cars')).status)
      return found
    }
    expect(await as(undefined, 2)).toEqual([200, 429])
    expect(await as('free', 2)).toEqual([200, 429])
    expect(await as('pro', 4)).toEqual([200, 200, 200, 429])
    expect(await as('enterprise', 8)).toEqual(Array.from({ length: 8 }, () => 200))
    const answer = await app.as(identity('z', { plan: 'trial' }), '/cars')
    expect(answer.headers.get('ratelimit-policy')).toBe('"50-per-1m";q=50;w=60, "pro-3-per-1m";q=3;w=60')
  })

  test('credentials may carry a limit of their own, which holds for all routes', async () => {
    const strategy = { name: 'key', scheme: {}, authenticate: () => identity('ada', { strategy: 'key', credential: 'k1', rateLimit: 3 }) }
    const routes = { a: route.get('/a', { auth: 'key' }, () => 'a'), b: route.get('/b', { auth: 'key', rateLimit: { attempts: 100, per: '1m' } }, () => 'b') }
    await using app = await testApp(createApp({ name: 'shop', strategies: [strategy] as never, routes }))
    expect([await statuses(app, 2, '/a'), await statuses(app, 2, '/b')]).toEqual([
      [200, 200],
      [200, 429],
    ])
  })
})

test('credentials that allow nothing are a mistake, and not without a limit', async () => {
  const key = strategy('key', { authenticate: () => identity('ada', { strategy: 'key', rateLimit: 0 }) })
  await using app = await testApp(createApp({ name: 'shop', strategies: [key], routes: { a: route.get('/a', { auth: 'key' }, () => 'a') } }))
  const answer = await app.fetch('/a')
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([500, 'RATE_LIMIT_INVALID'])
})

describe('a rule that cannot be meant keeps the application from starting', () => {
  for (const [rule, reason] of [
    [{ attempts: 0, per: '1m' }, 'at least 1'],
    [{ attempts: 1.5, per: '1m' }, 'whole number'],
    [{ attempts: 5, per: '0s' }, 'no time'],
    [{ attempts: 5, per: '1m', cost: 6 }, 'never admitted'],
    [{ attempts: 5, per: '1m', cost: -1 }, 'never admitted'],
    [{ attempts: 5, per: '1m', burst: 2, algorithm: 'fixed' }, 'bucket'],
    [{ attempts: 5, per: '1m', burst: 0 }, 'burst is 0'],
    [{ attempts: 5, per: 'day', algorithm: 'fixed' }, 'neither'],
    [{ attempts: 5, per: '1m', algorithm: 'leaky' }, 'expected sliding'],
    [{ attempts: 5, per: '1m', name: 'a"b' }, 'header'],
    [{ attempts: 5, per: '1m', adaptive: 0 }, 'adaptive'],
    [{ attempts: 5, per: '1m', onStoreLoss: 'maybe' }, 'onStoreLoss'],
    [{ attempts: 'unlimited', per: '1m' }, 'tier'],
    [
      [
        { attempts: 5, per: '1m' },
        { attempts: 9, per: '60s' },
      ],
      'same by',
    ],
  ] as const) {
    test(JSON.stringify(rule), async () => {
      await expect(limited(rule as never)).rejects.toMatchObject({ code: 'RATE_LIMIT_INVALID', message: expect.stringContaining(reason) })
    })
  }

  test('several workers that share no store', async () => {
    await expect(open({ a: route.get('/a', { rateLimit: { attempts: 1 } }, () => 'a') }, { env: { WORKERS: '2' } })).rejects.toMatchObject({
      code: 'STORE_NOT_SHARED',
    })
    await using fine = await open({ a: route.get('/a', () => 'a') }, { env: { WORKERS: '2' } })
    expect((await fine.fetch('/a')).status).toBe(200)
  })
})

test('OpenAPI tells of limits and of 429', async () => {
  await using app = await limited({ attempts: 60, per: '1m', by: 'ip' })
  const operation = app.app.openapi().paths['/cars']?.['get'] as unknown as Record<string, unknown>
  expect(operation['x-rate-limit']).toEqual([{ name: '60-per-1m', by: 'ip', attempts: 60, per: '60s', algorithm: 'sliding' }])
  expect(operation['responses']).toHaveProperty('429')
})

test('refusals are counted by route and rule', async () => {
  await using app = await limited({ attempts: 1, per: '1m', name: 'search' })
  await statuses(app, 3)
  const metrics = await (await app.fetch('/metrics')).text()
  expect(metrics).toContain('glueful_rate_limited_total{route="/cars",rule="search"} 2')
  expect(metrics).toContain('glueful_rate_limit_subjects 1')
})
