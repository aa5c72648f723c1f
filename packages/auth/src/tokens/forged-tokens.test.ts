import { createHmac, createPublicKey, generateKeyPairSync, sign as rawSign, type KeyObject } from 'node:crypto'
import { createFrozenClock } from 'glueful/testing'
import { SignJWT, UnsecuredJWT, type JWTHeaderParameters, type JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'
import { createKeyRing } from './key-ring.ts'
import { generateTokenKey, secretTokenKey, type TokenKey } from './token-key.ts'
import { createTokens } from './tokens.ts'

const clock = createFrozenClock()
const now = Math.floor(clock.now() / 1_000)
const [es, ed, rs, stranger] = await Promise.all([generateTokenKey('ES256'), generateTokenKey('EdDSA'), generateTokenKey('RS256'), generateTokenKey('ES256')])
const hs = secretTokenKey('a secret of this service, long enough')
const retired: TokenKey = { ...(await generateTokenKey('ES256')), retiresAt: clock.now() }
const revoked = new Set<string>(['revoked-session'])
const tokens = createTokens({
  keys: createKeyRing([es, ed, rs, hs, retired], clock),
  issuer: 'https://api.example.com',
  audience: 'shop',
  clock,
  isRevoked: (id) => revoked.has(id),
})

const claims = (): JWTPayload => ({
  iss: 'https://api.example.com',
  aud: 'shop',
  sub: '7',
  jti: 'id-1',
  sid: 'session-1',
  iat: now,
  exp: now + 900,
  scope: '*',
  roles: ['admin'],
})
const header = (key: TokenKey): JWTHeaderParameters => ({ alg: key.algorithm, kid: key.kid, typ: 'at+jwt' })
const signed = (payload: JWTPayload, head: JWTHeaderParameters, key: KeyObject | Uint8Array) => new SignJWT(payload).setProtectedHeader(head).sign(key)
const by = (key: TokenKey, change: JWTPayload = {}, head: Partial<JWTHeaderParameters> = {}) =>
  signed(without({ ...claims(), ...change }), without({ ...header(key), ...head }) as JWTHeaderParameters, key.signing as KeyObject)
/** Members set to undefined are left out. */
const without = <T extends object>(record: T) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T

const b64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const hmac = (head: object, payload: object, secret: string | Buffer) => {
  const text = `${b64(head)}.${b64(payload)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}
const pem = (key: TokenKey) => key.verifying.export({ type: 'spki', format: 'pem' }) as string
const parts = async (key: TokenKey) => (await by(key)).split('.') as [string, string, string]
const swap = async (key: TokenKey, change: (head: string, body: string, signature: string) => string) => change(...(await parts(key)))

test.each([es, ed, rs, hs])('a token signed by the key of $algorithm is good', async (key) => {
  expect(await tokens.verify(await by(key))).toMatchObject({ subject: '7', session: 'session-1', roles: ['admin'], scopes: ['*'], kid: key.kid })
})

const attacks: Record<string, () => Promise<string> | string> = {
  'nothing at all': () => '',
  'no token': () => 'hello',
  'two parts': () => swap(es, (head, body) => `${head}.${body}`),
  'four parts': () => swap(es, (head, body, signature) => `${head}.${body}.${signature}.${signature}`),
  'an empty signature': () => swap(es, (head, body) => `${head}.${body}.`),
  'a signature of zeros': () => swap(es, (head, body) => `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`),
  'a changed signature': () => swap(es, (head, body, signature) => `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`),
  'a signature in DER': () =>
    swap(es, (head, body) => `${head}.${body}.${rawSign('sha256', Buffer.from(`${head}.${body}`), es.signing as KeyObject).toString('base64url')}`),
  'the signature of another token': async () => swap(es, (head, body) => `${head}.${body}.${'A'.repeat(86)}`),
  'another payload under a good signature': () => swap(es, (head, _, signature) => `${head}.${b64({ ...claims(), sub: '1' })}.${signature}`),
  'white space inside': () => swap(es, (head, body, signature) => `${head}. ${body}.${signature}`),
  'the alphabet of plain Base64': () => swap(es, (head, body, signature) => `${head}.${body}.${signature.replaceAll('-', '+').replaceAll('_', '/')}==`),
  'alg none': () => new UnsecuredJWT(claims()).encode(),
  'alg none with the kid of a key': () => `${b64({ alg: 'none', kid: es.kid, typ: 'at+jwt' })}.${b64(claims())}.`,
  'alg none and a signature': () => swap(es, (_, body, signature) => `${b64({ alg: 'none', kid: es.kid, typ: 'at+jwt' })}.${body}.${signature}`),
  'alg nOnE': () => swap(es, (_, body, signature) => `${b64({ alg: 'nOnE', kid: es.kid, typ: 'at+jwt' })}.${body}.${signature}`),
  'no alg': () => swap(es, (_, body, signature) => `${b64({ kid: es.kid, typ: 'at+jwt' })}.${body}.${signature}`),
  'alg as a list': () => swap(es, (_, body, signature) => `${b64({ alg: ['ES256', 'none'], kid: es.kid, typ: 'at+jwt' })}.${body}.${signature}`),
  'HS256 under the PEM of the RSA key': () => hmac({ ...header(rs), alg: 'HS256' }, claims(), pem(rs)),
  'HS256 under the DER of the RSA key': () => hmac({ ...header(rs), alg: 'HS256' }, claims(), rs.verifying.export({ type: 'spki', format: 'der' })),
  'HS256 under the PEM of the EC key': () => hmac({ ...header(es), alg: 'HS256' }, claims(), pem(es)),
  'HS256 under the published JWK': () => hmac({ ...header(ed), alg: 'HS256' }, claims(), JSON.stringify(ed.jwk)),
  'HS256 under an empty secret': () => hmac(header(hs), claims(), ''),
  'HS256 under a guessed secret': () => hmac(header(hs), claims(), 'secret'),
  'HS512 with the secret of HS256': () => signed(claims(), { ...header(hs), alg: 'HS512' }, Buffer.from('a secret of this service, long enough'.repeat(2))),
  'PS256 with the key of RS256': async () => signed(claims(), { ...header(rs), alg: 'PS256' }, rs.signing as KeyObject),
  'ES256 named for the key of EdDSA': () => by(es, {}, { kid: ed.kid }),
  'a stranger who knows the kid': () => signed(claims(), header(es), stranger.signing as KeyObject),
  'a stranger with a kid of their own': () => by(stranger),
  'a stranger who brings the key along': () => signed(claims(), { ...header(es), jwk: stranger.jwk as never }, stranger.signing as KeyObject),
  'a stranger who says where the key is': () => by(stranger, {}, { jku: 'https://evil.example/jwks.json' }),
  'a certificate of their own': () => by(stranger, {}, { x5u: 'https://evil.example/cert.pem', x5c: ['MIIB'] }),
  'no kid': () => by(es, {}, { kid: undefined as never }),
  'a kid that is a path': () => by(stranger, {}, { kid: '../../../../dev/null' }),
  'a kid that is SQL': () => by(stranger, {}, { kid: "' union select 'key' --" }),
  'a kid that is a number': () => swap(es, (_, body, signature) => `${b64({ alg: 'ES256', kid: 1, typ: 'at+jwt' })}.${body}.${signature}`),
  'the kid __proto__': () => by(stranger, {}, { kid: '__proto__' }),
  'the key that has retired': () => by(retired),
  'the type of another kind of token': () => by(es, {}, { typ: 'JWT' }),
  'no type': () => by(es, {}, { typ: undefined as never }),
  'a critical extension': () => swap(es, (_, body, signature) => `${b64({ ...header(es), crit: ['b64'], b64: false })}.${body}.${signature}`),
  'another issuer': () => by(es, { iss: 'https://evil.example' }),
  'no issuer': () => by(es, { iss: undefined as never }),
  'another audience': () => by(es, { aud: 'other' }),
  'no audience': () => by(es, { aud: undefined as never }),
  'no subject': () => by(es, { sub: undefined as never }),
  'an empty subject': () => by(es, { sub: '' }),
  'no id': () => by(es, { jti: undefined as never }),
  'roles that are no list of words': () => by(es, { roles: [{ admin: true }] }),
  'not yet valid': () => by(es, { nbf: now + 60 }),
  'no time of issue': () => by(es, { iat: undefined as never }),
  'no expiry': () => by(es, { exp: undefined as never }),
  'an expiry that is text': () => swap(es, (head, _, signature) => `${head}.${b64({ ...claims(), exp: 'never' })}.${signature}`),
  'a payload that is no object': () => swap(es, (head, _, signature) => `${head}.${b64('[]')}.${signature}`),
  'a payload that is no JSON': () => swap(es, (head, _, signature) => `${head}.${b64('{')}.${signature}`),
  'a header that is no JSON': () => swap(es, (_, body, signature) => `${b64('{')}.${body}.${signature}`),
  'a megabyte': () => swap(es, (head, body, signature) => `${head}.${body}${'A'.repeat(1_000_000)}.${signature}`),
  'a token encrypted instead of signed': () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..aaaa.bbbb.cccc',
}

describe('refused', () => {
  test.each(Object.entries(attacks))('%s', async (_, forge) => {
    const token = await forge()
    await expect((async () => tokens.verify(token))()).rejects.toMatchObject({ code: 'TOKEN_INVALID', status: 401 })
  })

  test('there are more than forty of them', () => expect(Object.keys(attacks).length).toBeGreaterThan(40))

  test.each([
    ['expired', { exp: now - 6 }],
    ['expired long ago', { iat: 0, exp: 1 }],
    ['of a negative time', { exp: -1 }],
  ])('a token %s', async (_, change) => {
    await expect(tokens.verify(await by(es, change))).rejects.toMatchObject({ code: 'TOKEN_EXPIRED', status: 401 })
  })

  test('a token whose session was revoked', async () => {
    await expect(tokens.verify(await by(es, { sid: 'revoked-session' }))).rejects.toMatchObject({ code: 'TOKEN_REVOKED', status: 401 })
  })
})

test('clocks may differ by the skew and no more', async () => {
  await expect(tokens.verify(await by(es, { exp: now - 4 }))).resolves.toBeDefined()
  await expect(tokens.verify(await by(es, { nbf: now + 4 }))).resolves.toBeDefined()
})

test('the keys of this test differ, as real ones do', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(createPublicKey(pair.privateKey).export({ format: 'jwk' })).not.toEqual(es.verifying.export({ format: 'jwk' }))
  expect(new Set([es, ed, rs, hs, stranger, retired].map(({ kid }) => kid)).size).toBe(6)
})
