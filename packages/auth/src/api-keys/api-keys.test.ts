import { Database, sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { route } from 'glueful'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApiKeyChanged } from '../events.ts'
import { authUnderTest, type AuthUnderTest } from '../testing/auth-under-test.fixture.ts'
import { ApiKeys, type NewApiKey } from './api-keys.ts'
import { KeyUsage } from './key-usage.ts'
import { isNetwork, isWithin } from './networks.ts'

const routes = {
  any: route.get('/any', { auth: 'apiKey' }, ({ user }) => ({ ...user })),
  read: route.get('/orders', { auth: ['jwt', 'apiKey'], scopes: 'orders:read' }, ({ user }) => ({ by: user.strategy })),
  sell: route.post('/sell', { auth: 'apiKey', can: 'cars.sell' }, () => 'sold'),
}

await describeDialects(describe, (target) => {
  const start = () => authUnderTest(target, { routes, auth: { roles: { seller: ['cars.sell'] } } })
  const create = (it: AuthUnderTest, key: Partial<NewApiKey> = {}) => it.test.app.use(ApiKeys).create({ userId: '2', name: 'import', ...key }, '1')
  const ask = (it: AuthUnderTest, path: string, text: string, from?: string) =>
    it.send('GET', path, { headers: { 'x-api-key': text }, ...(from === undefined ? {} : { from }) })

  test('a key acts for its user, with the user’s roles and plan and its own scopes and limit', async () => {
    await using it = await start()
    const { key, text } = await create(it, { scopes: ['orders:*'], rateLimit: 120 })
    expect(text).toMatch(/^gf_test_/)
    expect((await ask(it, '/any', text)).body).toEqual({
      id: '2',
      roles: ['seller'],
      scopes: ['orders:*'],
      plan: 'pro',
      strategy: 'apiKey',
      credential: key.id,
      rateLimit: 120,
    })
    expect((await it.send('POST', '/sell', { headers: { 'x-api-key': text } })).status).toBe(200)
    expect(it.test.emitted(ApiKeyChanged)).toMatchObject([{ change: 'created', key: { id: key.id } }])
  })

  test('it comes in X-API-Key or Authorization, and never in the query', async () => {
    await using it = await start()
    const { text } = await create(it)
    for (const authorization of [`ApiKey ${text}`, `apikey ${text}`, `Bearer ${text}`])
      expect((await it.send('GET', '/any', { headers: { authorization } })).status).toBe(200)
    for (const path of [`/any?api_key=${text}`, `/any?access_token=${text}`]) expect((await it.send('GET', path)).status).toBe(401)
    expect((await it.send('GET', '/any')).headers.get('www-authenticate')).toBe('ApiKey realm="shop"')
  })

  test('a key without scopes reaches no route that asks for some; nor does one with others', async () => {
    await using it = await start()
    const scoped = async (scopes: string[]) => (await ask(it, '/orders', (await create(it, { scopes })).text)).status
    expect(await Promise.all([scoped([]), scoped(['cars:read']), scoped(['orders']), scoped(['orders:readx'])])).toEqual([403, 403, 403, 403])
    expect(await Promise.all([scoped(['orders:read']), scoped(['orders:*']), scoped(['*'])])).toEqual([200, 200, 200])
    const { accessToken } = await it.tokens()
    expect((await it.send('GET', '/orders', { headers: { authorization: `Bearer ${accessToken}` } })).body).toEqual({ by: 'jwt' })
  })

  test('it works from its networks only, of either family', async () => {
    await using it = await start()
    const { text } = await create(it, { networks: ['192.0.2.0/24', '2001:db8:1::/48', '198.51.100.7'] })
    for (const from of ['192.0.2.200', '2001:db8:1:2::3', '198.51.100.7']) expect((await ask(it, '/any', text, from)).status).toBe(200)
    for (const from of ['192.0.3.1', '2001:db8:2::1', '198.51.100.8', '::1', ''])
      expect((await ask(it, '/any', text, from)).body['code']).toBe('API_KEY_ADDRESS')
  })

  test('it is refused when it is unknown, misspelled, revoked, expired, of another environment, or its user was switched off', async () => {
    await using it = await start()
    const keys = it.test.app.use(ApiKeys)
    const { key, text } = await create(it, { expiresAt: it.test.clock.now() + 60_000 })
    const refused = async (one: string) => (await ask(it, '/any', one)).body['code']
    expect(await refused(text.slice(0, -1) + (text.endsWith('x') ? 'y' : 'x'))).toBe('API_KEY_REFUSED')
    expect(await refused(`gf_live_${text.slice(8)}`)).toBe('API_KEY_REFUSED')
    expect(await refused('')).toBe('API_KEY_REFUSED')
    it.test.clock.advance(59_999)
    expect((await ask(it, '/any', text)).status).toBe(200)
    it.test.clock.advance(1)
    expect(await refused(text)).toBe('API_KEY_REFUSED')
    const second = await create(it)
    expect(await keys.revoke(second.key.id)).toBe(true)
    expect(await keys.revoke(second.key.id)).toBe(false)
    expect(await refused(second.text)).toBe('API_KEY_REFUSED')
    const third = await create(it)
    Object.assign(it.users[1] ?? {}, { active: false })
    expect(await refused(third.text)).toBe('API_KEY_REFUSED')
    expect(key.shown).toBe(text.slice(0, 12))
  })

  test('its successor has its rights; both work during the grace, and the old one ends exactly with it', async () => {
    await using it = await start()
    const keys = it.test.app.use(ApiKeys)
    const old = await create(it, { scopes: ['orders:read'], networks: ['192.0.2.0/24'], rateLimit: 5 })
    it.test.clock.advance(1)
    const made = await keys.rotate(old.key.id, 3_600_000, '1')
    expect(made.key).toMatchObject({ userId: '2', scopes: ['orders:read'], networks: ['192.0.2.0/24'], rateLimit: 5 })
    it.test.clock.advance(3_599_999)
    for (const { text } of [old, made]) expect((await ask(it, '/any', text)).status).toBe(200)
    it.test.clock.advance(1)
    expect((await ask(it, '/any', old.text)).status).toBe(401)
    expect((await ask(it, '/any', made.text)).status).toBe(200)
    await expect(keys.rotate(old.key.id, 1)).rejects.toMatchObject({ code: 'API_KEY_UNKNOWN' })
    expect((await keys.list('2')).map(({ id, replacedBy }) => [id, replacedBy])).toEqual([
      [old.key.id, made.key.id],
      [made.key.id, undefined],
    ])
  })

  test('rotating never makes a key last longer, and of two at once one succeeds', async () => {
    await using it = await start()
    const keys = it.test.app.use(ApiKeys)
    const { key, text } = await create(it, { expiresAt: it.test.clock.now() + 1_000 })
    const tries = await Promise.allSettled([keys.rotate(key.id, 86_400_000), keys.rotate(key.id, 86_400_000)])
    expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    it.test.clock.advance(1_000)
    expect((await ask(it, '/any', text)).status).toBe(401)
    expect((await keys.list()).length).toBe(2)
  })

  test('its use is counted by day, kept for thirty, and shows when it was used last', async () => {
    await using it = await start()
    const usage = it.test.app.use(KeyUsage)
    const { key, text } = await create(it)
    for (let day = 0; day < 32; day++) {
      for (let n = 0; n <= day % 3; n++) await ask(it, '/any', text)
      await usage.flush()
      it.test.clock.advance(86_400_000)
    }
    const days = await usage.of(key.id)
    expect(days.length).toBe(29)
    expect(days.map(({ requests }) => requests)).toEqual(Array.from({ length: 29 }, (_, index) => ((index + 3) % 3) + 1))
    expect((await it.test.app.use(ApiKeys).find(key.id))?.lastUsedAt).toBe(it.test.clock.now() - 86_400_000)
    await it.test.app.use(Database).run(sql`update auth_api_key_usage set requests = 0`)
    await Promise.all(Array.from({ length: 50 }, () => ask(it, '/any', text)))
    await Promise.all([usage.flush(), usage.flush(), usage.flush()])
    expect((await usage.of(key.id)).at(-1)?.requests).toBe(50)
  })

  test('nothing that is stored is a key', async () => {
    await using it = await start()
    const { text } = await create(it)
    const [row = {}] = await it.test.app.use(Database).all(sql`select * from auth_api_keys`)
    expect(JSON.stringify(row)).not.toContain(text.slice(12, -6))
    expect((await ask(it, '/any', (row as { hash: string }).hash)).status).toBe(401)
  })

  test.each([
    [{ userId: '' }, /no id/],
    [{ name: '' }, /name/],
    [{ name: 'x'.repeat(101) }, /name/],
    [{ scopes: ['orders:*:read'] }, /no scope/],
    [{ scopes: ['orders read'] }, /no scope/],
    [{ scopes: ['*:read'] }, /no scope/],
    [{ networks: ['10.0.0.0/33'] }, /no address or network/],
    [{ networks: ['everywhere'] }, /no address or network/],
    [{ rateLimit: 0 }, /rate limit/],
    [{ rateLimit: 1.5 }, /rate limit/],
    [{ expiresAt: 0 }, /expired already/],
  ])('%j is refused', async (change, reason) => {
    await using it = await start()
    const refused = create(it, change)
    await expect(refused).rejects.toMatchObject({ code: 'API_KEY_INVALID', status: 422 })
    await expect(refused).rejects.toThrow(reason)
  })
})

test('a network holds the addresses that begin like it, and no others', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (network, bits, address) => {
      const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
      const block = 2 ** (32 - bits)
      expect(isWithin([`${network}/${bits}`], address)).toBe(Math.floor(number(network) / block) === Math.floor(number(address) / block))
    }),
  )
  expect([isNetwork('10.0.0.0/8'), isNetwork('::/0'), isNetwork('10.0.0.0/'), isNetwork('10.0.0.0/8/8'), isNetwork('::1/129')]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
