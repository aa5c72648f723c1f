import { createFrozenClock } from 'glueful/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createKeyRing } from './key-ring.ts'
import { createTokenCache } from './token-cache.ts'
import { generateTokenKey, readTokenKey, secretTokenKey, type TokenKey } from './token-key.ts'
import { createTokens } from './tokens.ts'

async function setUp(keys: readonly TokenKey[], options: { cacheSize?: number } = {}) {
  const clock = createFrozenClock()
  const revoked = new Set<string>()
  const ring = createKeyRing(keys, clock)
  const tokens = createTokens({ keys: ring, issuer: 'https://api.example.com', audience: 'shop', clock, isRevoked: (id) => revoked.has(id), ...options })
  return { clock, revoked, ring, tokens }
}
const es = await generateTokenKey('ES256')

describe('a token', () => {
  test('brings back what it was issued for, until it expires', async () => {
    const { tokens, clock } = await setUp([es])
    const { token, expiresIn } = await tokens.issue({ subject: '7', session: 's1', roles: ['seller'], scopes: ['orders:read', 'cars:*'], plan: 'pro' })
    expect(expiresIn).toBe(900)
    expect(await tokens.verify(token)).toMatchObject({ subject: '7', session: 's1', roles: ['seller'], scopes: ['orders:read', 'cars:*'], plan: 'pro' })
    clock.advance(904_000)
    expect(await tokens.verify(token)).toMatchObject({ subject: '7' })
    clock.advance(2_000)
    await expect((async () => tokens.verify(token))()).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
  })

  test('is verified at once when it was before, and revocation and retired keys still count', async () => {
    const { tokens, revoked, ring } = await setUp([es])
    const { token } = await tokens.issue({ subject: '7', session: 's1' })
    expect(tokens.verify(token)).toBeInstanceOf(Promise)
    await tokens.verify(token)
    expect(tokens.verify(token)).toMatchObject({ subject: '7' })
    revoked.add('s1')
    expect(() => tokens.verify(token)).toThrow(expect.objectContaining({ code: 'TOKEN_REVOKED' }))
    revoked.clear()
    ring.replace([])
    await expect((async () => tokens.verify(token))()).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  test('without a session ends by its own id', async () => {
    const { tokens, revoked } = await setUp([es])
    const { token } = await tokens.issue({ subject: '7' })
    const { id, session } = await tokens.verify(token)
    expect(session).toBe(id)
    revoked.add(id)
    expect(() => tokens.verify(token)).toThrow(expect.objectContaining({ code: 'TOKEN_REVOKED' }))
  })

  test('is signed by the key that became active last, and those before it still verify', async () => {
    const first = await generateTokenKey('ES256')
    const { clock, ring, tokens } = await setUp([first])
    const second: TokenKey = { ...(await generateTokenKey('EdDSA')), activeFrom: clock.now() + 60_000 }
    ring.replace([first, second])
    const before = await tokens.issue({ subject: '7' })
    clock.advance(60_000)
    const after = await tokens.issue({ subject: '7' })
    expect([(await tokens.verify(before.token)).kid, (await tokens.verify(after.token)).kid]).toEqual([first.kid, second.kid])
    ring.replace([{ ...first, retiresAt: clock.now() }, second])
    await expect((async () => tokens.verify(before.token))()).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  test('cannot be issued without a key', async () => {
    const { tokens } = await setUp([])
    await expect(tokens.issue({ subject: '7' })).rejects.toMatchObject({ code: 'TOKEN_KEY_MISSING' })
  })
})

describe('a ring that has a source', () => {
  test('looks for an unknown key once a second, however many tokens name one', async () => {
    const clock = createFrozenClock()
    let asked = 0
    const newcomer = await generateTokenKey('ES256')
    let keys: readonly TokenKey[] = [es]
    const ring = createKeyRing([], clock, async () => (asked++, keys))
    const tokens = createTokens({ keys: ring, issuer: 'i', audience: 'a', clock, isRevoked: () => false })
    const { token } = await createTokens({ keys: createKeyRing([newcomer], clock), issuer: 'i', audience: 'a', clock, isRevoked: () => false }).issue({
      subject: '7',
    })
    await Promise.allSettled(Array.from({ length: 50 }, async () => tokens.verify(token)))
    await expect((async () => tokens.verify(token))()).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    expect(asked).toBe(1)
    keys = [es, newcomer]
    clock.advance(1_000)
    expect(await tokens.verify(token)).toMatchObject({ subject: '7' })
    expect(asked).toBe(2)
  })
})

describe('keys', () => {
  test('are published with kid, algorithm and use, without anything private, and never a secret', async () => {
    const clock = createFrozenClock()
    const later: TokenKey = { ...(await generateTokenKey('RS256')), activeFrom: clock.now() + 1 }
    const gone: TokenKey = { ...(await generateTokenKey('EdDSA')), retiresAt: clock.now() }
    const { keys } = createKeyRing([es, later, gone, secretTokenKey('x'.repeat(32))], clock).publish()
    expect(keys.map(({ kid, alg, use, kty }) => [kid, alg, use, kty])).toEqual([
      [es.kid, 'ES256', 'sig', 'EC'],
      [later.kid, 'RS256', 'sig', 'RSA'],
    ])
    for (const key of keys) for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret)
  })

  test.each(['ES256', 'EdDSA', 'RS256'] as const)('of %s are the same read from PEM', async (algorithm) => {
    const key = await generateTokenKey(algorithm)
    const read = await readTokenKey(key.signing?.export({ type: 'pkcs8', format: 'pem' }) as string, 'a file')
    const half = await readTokenKey(key.verifying.export({ type: 'spki', format: 'pem' }) as string, 'a file')
    expect([read.kid, read.algorithm, read.jwk]).toEqual([key.kid, algorithm, key.jwk])
    expect([half.kid, half.signing]).toEqual([key.kid, undefined])
  })

  test('that are too weak, of another kind or no key are refused without being shown', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const pem = (key: { privateKey: { export(options: object): string | Buffer } }) => key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const weak = pem(generateKeyPairSync('rsa', { modulusLength: 1_024 }))
    const other = pem(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }))
    for (const text of [weak, other, 'nonsense', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----']) {
      const refused = readTokenKey(text, 'keys/one.pem')
      await expect(refused).rejects.toMatchObject({ code: 'TOKEN_KEY_INVALID', detail: expect.stringContaining('keys/one.pem') })
      await expect(refused).rejects.not.toThrow(text.slice(-40))
    }
    expect(() => secretTokenKey('short')).toThrow(expect.objectContaining({ code: 'TOKEN_KEY_INVALID' }))
  })
})

test('the cache never holds more than its size, and keeps what is used', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 300 }), fc.integer({ min: 2, max: 20 }), (uses, size) => {
      const cache = createTokenCache<number>(size)
      const held = () => Array.from({ length: 41 }, (_, index) => cacheHas(cache, index)).filter(Boolean).length
      for (const use of uses) {
        const found = cache.get(String(use))
        expect([undefined, use]).toContain(found)
        if (found === undefined) cache.set(String(use), use)
        expect(cache.get(String(use))).toBe(use)
      }
      expect(held()).toBeLessThanOrEqual(size + 2)
    }),
  )
})

/** Asking moves entries between generations, so this is done once, at the end. */
function cacheHas(cache: { get(token: string): number | undefined }, index: number): boolean {
  return cache.get(String(index)) !== undefined
}
