import { Database, sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'
import { generateTokenKey } from '../tokens/token-key.ts'
import { Tokens } from '../tokens/tokens.ts'
import { authUnderTest, bearer, type AuthUnderTest } from '../testing/auth-under-test.fixture.ts'
import { KeyStore } from './key-store.ts'
import { Keys } from './keys.ts'
import { KeyRings } from '../tokens/key-ring.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const kidOf = (token: string) => (JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString()) as { kid: string }).kid
const me = async (it: AuthUnderTest, token: string) => (await it.send('GET', '/auth/me', bearer(token))).status

await describeDialects(
  describe,
  (target) => {
    test('a rotation under load refuses no valid token, and every process takes over the new key', async () => {
      await using one = await authUnderTest(target)
      const store = one.test.app.use(KeyStore)
      const rings = one.test.app.use(Keys)
      const issued: { token: string; at: number }[] = []
      let refused = 0
      const step = async () => {
        const { accessToken } = await one.tokens()
        issued.push({ token: accessToken, at: one.test.clock.now() })
        for (const { token, at } of issued) {
          if (one.test.clock.now() - at < 900_000 && (await me(one, token)) !== 200) refused++
        }
      }
      for (let round = 0; round < 3; round++) {
        await step()
        await store.rotate({ overlap: 600_000 })
        for (let n = 0; n < 5; n++) {
          // As the timer of each process does it.
          rings.ring.replace(await store.list())
          await step()
          one.test.clock.advance(150_000)
        }
      }
      expect(refused).toBe(0)
      expect(new Set(issued.map(({ token }) => kidOf(token))).size).toBeGreaterThanOrEqual(3)
    })

    test('a process that has not heard of a key yet finds it when a token names it', async () => {
      await using it = await authUnderTest(target)
      const before = await it.tokens()
      it.test.clock.advance(1)
      const key = await it.test.app.use(KeyStore).generate('EdDSA')
      const ring = it.test.app.use(KeyRings)
      expect(ring.find(key.kid)).toBeUndefined()
      it.test.clock.advance(1_000)
      await ring.refresh()
      const after = await it.tokens()
      expect(kidOf(after.accessToken)).toBe(key.kid)
      expect([await me(it, before.accessToken), await me(it, after.accessToken)]).toEqual([200, 200])
    })

    test('rotating where there is no key makes one that signs at once', async () => {
      await using it = await authUnderTest(target)
      await it.test.app.use(Database).run(sql`delete from auth_keys`)
      expect((await it.test.app.use(KeyStore).rotate()).activeFrom).toBe(it.test.clock.now())
    })

    test('a retired key ends its tokens', async () => {
      await using it = await authUnderTest(target)
      const { accessToken } = await it.tokens()
      const store = it.test.app.use(KeyStore)
      await store.generate()
      expect(await store.retire(kidOf(accessToken))).toBe(true)
      expect(await store.retire(kidOf(accessToken))).toBe(false)
      it.test.clock.advance(1_000)
      await it.test.app.use(KeyRings).refresh()
      expect(await me(it, accessToken)).toBe(401)
    })

    test('private keys are stored encrypted', async () => {
      await using it = await authUnderTest(target)
      const [row] = await it.test.app.use(Database).all<{ private_key: string; public_key: string }>(sql`select private_key, public_key from auth_keys`)
      expect(row?.private_key).toMatch(/^seal1\.[\w-]+\.[\w-]+$/)
      expect(row?.public_key).toContain('PUBLIC KEY')
    })
  },
  ['sqlite', 'postgres'],
)

await describeDialects(
  describe,
  (target) => {
    test('a shared secret signs by HS256 where it is set, is never published, and its predecessor still verifies', async () => {
      const env = { JWT_SECRET: 'a secret of this service, long enough' }
      await using it = await authUnderTest(target, { env })
      const { accessToken } = await it.tokens()
      expect(JSON.parse(Buffer.from(accessToken.split('.')[0] as string, 'base64url').toString())).toMatchObject({ alg: 'HS256', typ: 'at+jwt' })
      expect((await it.send('GET', '/.well-known/jwks.json')).body).toEqual({ keys: [] })
      await using next = await authUnderTest(target, { env: { JWT_SECRET: 'the next secret of this service, as long', JWT_PREVIOUS_SECRET: env.JWT_SECRET } })
      expect(await next.test.app.use(Tokens).verify(accessToken)).toMatchObject({ subject: '2' })
      expect(kidOf((await next.tokens()).accessToken)).not.toBe(kidOf(accessToken))
    })

    test('keys may come from files, of which the first signs', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'glueful-keys-'))
      const files = await Promise.all(
        (['EdDSA', 'RS256'] as const).map(async (algorithm) => {
          const key = await generateTokenKey(algorithm)
          const file = join(folder, `${algorithm}.pem`)
          await writeFile(file, key.signing?.export({ type: 'pkcs8', format: 'pem' }) as string)
          return { file, kid: key.kid }
        }),
      )
      await using it = await authUnderTest(target, { env: { JWT_KEY_FILES: files.map(({ file }) => file).join(',') } })
      expect(kidOf((await it.tokens()).accessToken)).toBe(files[0]?.kid)
      const { keys } = (await it.send('GET', '/.well-known/jwks.json')).body as { keys: { kid: string }[] }
      expect(keys.map(({ kid }) => kid)).toEqual(files.map(({ kid }) => kid))
      await rm(folder, { recursive: true })
      await expect(authUnderTest(target, { env: { JWT_KEY_FILES: 'missing.pem' } })).rejects.toMatchObject({ cause: { code: 'TOKEN_KEY_INVALID' } })
      await expect(authUnderTest(target, { env: { JWT_KEY_FILES: 'missing.pem', JWT_SECRET: 'x'.repeat(32) } })).rejects.toThrow(/TOKEN_KEYS_AMBIGUOUS/)
    })
  },
  ['sqlite'],
)
