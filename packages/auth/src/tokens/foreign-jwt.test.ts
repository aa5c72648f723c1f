import { createApp, route, type Identity } from 'glueful'
import { createFakeHttp, testApp } from 'glueful/testing'
import { SignJWT, type JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'
import { foreignJwt, type ForeignJwtOptions } from './foreign-jwt.ts'
import { generateTokenKey, type TokenKey } from './token-key.ts'

const [first, second, stranger] = await Promise.all([generateTokenKey('RS256'), generateTokenKey('ES256'), generateTokenKey('RS256')])
const published = (...keys: readonly TokenKey[]) => Response.json({ keys: keys.map(({ jwk }) => jwk) })

async function setUp(answers: (Response | Error)[], options: Partial<ForeignJwtOptions> = {}) {
  const http = createFakeHttp().on('GET /jwks.json', ...answers)
  const partner = foreignJwt('partner', {
    issuer: 'https://login.example.com',
    audience: 'orders',
    keys: 'https://login.example.com/jwks.json',
    fetch: http.fetch,
    ...options,
  })
  const app = createApp({ name: 'test', strategies: [partner], routes: { me: route.get('/me', { auth: 'partner' }, ({ user }): Identity => user) } })
  const tested = await testApp(app)
  const ask = (token: string) => tested.fetch('/me', { headers: { authorization: `Bearer ${token}` } })
  const token = (key: TokenKey, change: JWTPayload = {}) => {
    const now = Math.floor(tested.clock.now() / 1_000)
    return new SignJWT({ iss: 'https://login.example.com', aud: 'orders', sub: 'partner-7', exp: now + 300, scope: 'orders:read', ...change })
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid })
      .sign(key.signing as NonNullable<TokenKey['signing']>)
  }
  return { http, tested, ask, token, [Symbol.asyncDispose]: () => tested.close() }
}

test('tokens of another issuer are verified with the keys that it publishes, which are fetched once', async () => {
  await using it = await setUp([published(first, second)])
  for (const key of [first, second, first]) {
    const answer = await it.ask(await it.token(key))
    expect(await answer.json()).toEqual({ id: 'partner-7', roles: [], scopes: ['orders:read'], strategy: 'partner' })
  }
  expect(it.http.requests.length).toBe(1)
})

describe('refused with 401', () => {
  test.each([
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'other' }],
    ['an expired token', { exp: 1 }],
    ['no subject', { sub: undefined }],
  ])('%s', async (_, change) => {
    await using it = await setUp([published(first)])
    expect((await it.ask(await it.token(first, change as JWTPayload))).status).toBe(401)
  })

  test('a stranger who knows the kid, and nonsense', async () => {
    await using it = await setUp([published(first)])
    expect((await it.ask(await it.token({ ...stranger, kid: first.kid }))).status).toBe(401)
    for (const token of ['x', 'a.b.c', 'x'.repeat(9_000)]) expect((await it.ask(token)).status).toBe(401)
  })

  test('a symmetric key that stands in the published set', async () => {
    const secret = Buffer.from('x'.repeat(32))
    await using it = await setUp([Response.json({ keys: [{ kty: 'oct', kid: 'sym', alg: 'HS256', k: secret.toString('base64url') }, first.jwk] })], {
      algorithms: ['HS256', 'RS256'],
    })
    const token = await new SignJWT({ iss: 'https://login.example.com', aud: 'orders', sub: '1', exp: 9_999_999_999 })
      .setProtectedHeader({ alg: 'HS256', kid: 'sym' })
      .sign(secret)
    expect((await it.ask(token)).status).toBe(401)
  })

  test('whom the application does not know', async () => {
    await using it = await setUp([published(first)], { identify: ({ sub }) => (sub === 'known' ? { id: sub, roles: ['partner'], scopes: [] } : undefined) })
    expect((await it.ask(await it.token(first))).status).toBe(401)
    expect(await (await it.ask(await it.token(first, { sub: 'known' }))).json()).toMatchObject({ id: 'known', roles: ['partner'] })
  })
})

describe('fetching is bounded', () => {
  test('unknown keys lead to one fetch in 30 seconds; a key that came since is found', async () => {
    await using it = await setUp([published(first), published(first), published(first, second)])
    await it.ask(await it.token(first))
    for (let n = 0; n < 20; n++) expect((await it.ask(await it.token(second))).status).toBe(401)
    expect(it.http.requests.length).toBe(1)
    it.tested.clock.advance(30_000)
    for (let n = 0; n < 20; n++) await it.ask(await it.token(second))
    expect(it.http.requests.length).toBe(2)
    it.tested.clock.advance(30_000)
    expect((await it.ask(await it.token(second))).status).toBe(200)
    expect(it.http.requests.length).toBe(3)
  })

  test('an issuer that is away is asked once in 30 seconds, and answered for with 503', async () => {
    await using it = await setUp([new TypeError('fetch failed'), published(first)])
    for (let n = 0; n < 10; n++) expect((await it.ask(await it.token(first))).status).toBe(503)
    expect(it.http.requests.length).toBe(1)
    it.tested.clock.advance(30_000)
    expect((await it.ask(await it.token(first))).status).toBe(200)
  })

  test('keys that are known outlive an issuer that is away', async () => {
    await using it = await setUp([published(first), new TypeError('fetch failed')])
    await it.ask(await it.token(first))
    it.tested.clock.advance(700_000)
    expect((await it.ask(await it.token(first, { sub: 'later' }))).status).toBe(200)
    expect(it.http.requests.length).toBe(2)
  })

  test('an answer that is no key set is said so', async () => {
    await using it = await setUp([Response.json({ hello: 'world' })])
    const answer = await it.ask(await it.token(first))
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'FOREIGN_KEYS_UNAVAILABLE'])
  })
})
