import { describeDialects } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'
import { ApiKeys } from '../api-keys/api-keys.ts'
import { KeyUsage } from '../api-keys/key-usage.ts'
import { KeyStore } from '../keys/key-store.ts'
import { KeyRings } from '../tokens/key-ring.ts'
import { authUnderTest, type AuthUnderTest } from '../testing/auth-under-test.fixture.ts'
import { storedKeyChecks } from './stored-key-checks.ts'

const day = 86_400_000

async function found(it: AuthUnderTest): Promise<string[]> {
  const { app } = it.test
  const risks = await Promise.all(storedKeyChecks.map(async ({ id, inspect }) => [...((await inspect?.(app)) ?? [])].map(({ subject }) => `${id} ${subject}`)))
  return risks.flat()
}

await describeDialects(describe, (target) => {
  test('keys of programs that never expire, are old, unused or all-powerful, and old keys of tokens, are found', async () => {
    await using it = await authUnderTest(target)
    const keys = it.test.app.use(ApiKeys)
    const now = it.test.clock.now()
    expect(await found(it)).toEqual([])
    await keys.create({ userId: '2', name: 'good', scopes: ['orders:read'], expiresAt: now + 500 * day })
    const gone = await keys.create({ userId: '2', name: 'gone', scopes: ['*'] })
    await keys.revoke(gone.key.id)
    expect(await found(it)).toEqual([])

    const { text } = await keys.create({ userId: '2', name: 'endless', scopes: ['*'] })
    expect(await found(it)).toEqual(['API_KEY_ENDLESS 1 of 2 API keys', 'API_KEY_ALL_POWERFUL 1 of 2 API keys'])
    const shown = await Promise.all(storedKeyChecks.map(async ({ inspect }) => JSON.stringify(await inspect?.(it.test.app))))
    expect(shown.join('')).not.toContain(text)

    it.test.clock.advance(100 * day)
    await it.send('GET', '/auth/me', { headers: { 'x-api-key': text } })
    await it.test.app.use(KeyUsage).flush()
    expect((await found(it)).filter((line) => line.startsWith('API_KEY_UNUSED'))).toEqual(['API_KEY_UNUSED 1 of 2 API keys'])
    it.test.clock.advance(300 * day)
    expect(await found(it)).toEqual([
      'API_KEY_ENDLESS 1 of 2 API keys',
      'API_KEY_OLD 2 of 2 API keys',
      'API_KEY_UNUSED 2 of 2 API keys',
      'API_KEY_ALL_POWERFUL 1 of 2 API keys',
      expect.stringMatching(/^TOKEN_KEY_OLD key [\w-]+$/),
    ])
    await it.test.app.use(KeyStore).rotate({ overlap: 0 })
    await it.test.app.use(KeyRings).refresh()
    expect((await found(it)).filter((line) => line.startsWith('TOKEN_KEY_OLD'))).toEqual([])
  })
})
