import { randomUUID } from 'node:crypto'
import type { LockStore } from 'glueful'
import { describe, expect, test as plainTest } from 'vitest'

/** A store under test, and how its time passes: a frozen clock is moved, a real one is waited for. */
export interface LockStoreUnderTest {
  readonly store: LockStore
  advance(ms: number): Promise<void> | void
  [Symbol.asyncDispose](): Promise<void>
}

type NamedTest = (name: string, run: () => Promise<void>) => unknown

/** What every store of locks does, whatever it is made of. */
export function describeLockStore(name: string, open: () => Promise<LockStoreUnderTest> | LockStoreUnderTest, test: NamedTest = plainTest): void {
  const tokenOf = (attempt: Awaited<ReturnType<LockStore['acquire']>>) => ('token' in attempt ? attempt.token : undefined)
  const anyName = () => `lock-${randomUUID()}`

  describe(name, () => {
    test('one has it, and others are told for how long', async () => {
      await using under = await open()
      const { store } = under
      const [one, other] = [anyName(), anyName()]
      expect(tokenOf(await store.acquire(one, 'ada', 60_000))).toBeGreaterThan(0)
      for (const owner of ['bob', 'eve']) {
        const attempt = await store.acquire(one, owner, 60_000)
        expect('heldMs' in attempt && attempt.heldMs).toBeGreaterThan(50_000)
        expect('heldMs' in attempt && attempt.heldMs).toBeLessThanOrEqual(60_000)
      }
      expect(tokenOf(await store.acquire(other, 'bob', 60_000))).toBeGreaterThan(0)
    })

    test('given back, it is free at once; only its owner can', async () => {
      await using under = await open()
      const { store } = under
      const lock = anyName()
      await store.acquire(lock, 'ada', 60_000)
      expect(await store.release(lock, 'bob')).toBe(false)
      expect(await store.release(lock, 'ada')).toBe(true)
      expect(await store.release(lock, 'ada')).toBe(false)
      expect(tokenOf(await store.acquire(lock, 'bob', 60_000))).toBeGreaterThan(0)
    })

    test('after its time it is free, and its former owner can neither prolong nor give it back', async () => {
      await using under = await open()
      const { store } = under
      const lock = anyName()
      const first = tokenOf(await store.acquire(lock, 'ada', 50)) as number
      await under.advance(60)
      expect(await store.extend(lock, 'ada', 60_000)).toBe(false)
      expect(await store.release(lock, 'ada')).toBe(false)
      expect(tokenOf(await store.acquire(lock, 'bob', 60_000))).toBeGreaterThan(first)
      expect(await store.extend(lock, 'ada', 60_000)).toBe(false)
      expect(await store.release(lock, 'ada')).toBe(false)
    })

    test('prolonged, it stays beyond its first time', async () => {
      await using under = await open()
      const { store } = under
      // On a busy machine the first time may be over before the store was asked again.
      let lock: string
      do await store.acquire((lock = anyName()), 'ada', 300)
      while (!(await store.extend(lock, 'ada', 60_000)))
      await under.advance(310)
      expect(tokenOf(await store.acquire(lock, 'bob', 60_000))).toBeUndefined()
    })

    test('tokens only grow, through releases and expiries', async () => {
      await using under = await open()
      const { store } = under
      const lock = anyName()
      const tokens: number[] = []
      for (let i = 0; i < 10; i++) {
        tokens.push(tokenOf(await store.acquire(lock, `owner-${i}`, i % 2 === 0 ? 60_000 : 10)) as number)
        if (i % 2 === 0) await store.release(lock, `owner-${i}`)
        else await under.advance(12)
      }
      expect(tokens.every((token, index) => Number.isSafeInteger(token) && token > (tokens[index - 1] ?? 0))).toBe(true)
    })

    test('of fifty at once exactly one gets it', async () => {
      await using under = await open()
      const lock = anyName()
      const attempts = await Promise.all(Array.from({ length: 50 }, (_, index) => under.store.acquire(lock, `owner-${index}`, 60_000)))
      expect(attempts.filter((attempt) => 'token' in attempt)).toHaveLength(1)
    })

    test('names may be any text', async () => {
      await using under = await open()
      const suffix = randomUUID()
      for (const lock of [`A${suffix}`, `a${suffix}`, `a'${suffix}`, `ü${suffix}`, `😀:${suffix}`, `${suffix} `, suffix]) {
        expect(tokenOf(await under.store.acquire(lock, 'ada', 60_000)), lock).toBeGreaterThan(0)
        expect(await under.store.release(lock, 'ada')).toBe(true)
      }
    })
  })
}
