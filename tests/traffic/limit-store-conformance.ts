import { randomUUID } from 'node:crypto'
import type { Claim, LimitRule, LimitStore, Verdict } from 'glueful'
import { describe, expect, test as plainTest } from 'vitest'

/** A store under test, and how its time passes: a frozen clock is moved, a real one is waited for. */
export interface StoreUnderTest {
  readonly store: LimitStore
  advance(ms: number): Promise<void> | void
  [Symbol.asyncDispose](): Promise<void>
}

export const ruleOf = (algorithm: LimitRule['algorithm'], attempts: number, windowMs: number, more: Partial<LimitRule> = {}): LimitRule => ({
  id: `rule-${randomUUID()}`,
  algorithm,
  attempts,
  burst: attempts,
  windowMs,
  ...more,
})

export const claimOf = (rule: LimitRule, subject = 'ada', cost = 1, share = 1): Claim => ({ rule, subject, cost, share })

type NamedTest = (name: string, run: () => Promise<void>) => unknown

/** What every store of limits does, whatever it is made of. */
export function describeLimitStore(name: string, open: () => Promise<StoreUnderTest> | StoreUnderTest, test: NamedTest = plainTest): void {
  const one = async (store: LimitStore, claim: Claim) => (await store.take([claim]))[0] as Verdict
  const admitted = async (store: LimitStore, claims: readonly Claim[]) => (await store.take(claims)).map((verdict) => verdict.admitted)

  describe(name, () => {
    for (const rule of [
      ruleOf('sliding', 3, 60_000),
      ruleOf('fixed', 3, 60_000),
      ruleOf('bucket', 3, 60_000),
      ruleOf('bucket', 1, 60_000, { burst: 3 }),
      ruleOf('calendar', 3, 86_400_000, { unit: 'day' }),
      ruleOf('calendar', 3, 86_400_000, { unit: 'month' }),
    ]) {
      const kind = `${rule.algorithm}${rule.unit === undefined ? '' : ` ${rule.unit}`} of ${rule.attempts}/${rule.burst}`
      test(`${kind}: admits the limit and no more, for each subject alone`, async () => {
        await using under = await open()
        const { store } = under
        const left: number[] = []
        for (let i = 0; i < 3; i++) left.push((await one(store, claimOf(rule))).remaining)
        expect(left).toEqual([2, 1, 0])
        const refused = await one(store, claimOf(rule))
        expect(refused).toMatchObject({ admitted: false, limit: 3, remaining: 0 })
        expect(refused.retryMs).toBeGreaterThan(0)
        expect(refused.retryMs).toBeLessThanOrEqual(rule.unit === 'month' ? 31 * 86_400_000 : Math.max(rule.windowMs, 60_000))
        expect(refused.resetMs).toBeGreaterThan(0)
        expect((await one(store, claimOf(rule, 'bob'))).remaining).toBe(2)
      })

      test(`${kind}: a cost takes as much, and never more than all there is`, async () => {
        await using under = await open()
        const { store } = under
        const fresh = { ...rule, id: `rule-${randomUUID()}` }
        expect(await one(store, claimOf(fresh, 'ada', 2))).toMatchObject({ admitted: true, remaining: 1 })
        expect(await one(store, claimOf(fresh, 'ada', 2))).toMatchObject({ admitted: false, remaining: 1 })
        expect(await one(store, claimOf(fresh, 'ada', 1))).toMatchObject({ admitted: true, remaining: 0 })
        expect(await one(store, claimOf(fresh, 'ada', 0))).toMatchObject({ admitted: true, remaining: 0 })
        expect(await one(store, claimOf(fresh, 'bob', 99))).toMatchObject({ admitted: true, remaining: 0 })
      })
    }

    test('waiting as long as told is enough', async () => {
      await using under = await open()
      for (const rule of [ruleOf('sliding', 2, 300), ruleOf('fixed', 2, 300), ruleOf('bucket', 2, 300)]) {
        // On a busy machine the window may be over before the store was asked again.
        let refused: Verdict
        do refused = await one(under.store, claimOf(rule, 'ada', 2))
        while (refused.admitted)
        await under.advance(refused.retryMs)
        expect(await one(under.store, claimOf(rule, 'ada', 2))).toMatchObject({ admitted: true, remaining: 0 })
      }
    })

    test('takes all claims of a request, or none', async () => {
      await using under = await open()
      const [small, large] = [ruleOf('fixed', 1, 60_000), ruleOf('sliding', 5, 60_000)]
      expect(await admitted(under.store, [claimOf(small), claimOf(large)])).toEqual([true, true])
      for (let i = 0; i < 3; i++) expect(await admitted(under.store, [claimOf(large), claimOf(small)])).toEqual([true, false])
      expect((await one(under.store, claimOf(large))).remaining).toBe(3)
    })

    test('says how long the next one would have to wait', async () => {
      await using under = await open()
      const rule = ruleOf('fixed', 2, 60_000)
      expect((await one(under.store, claimOf(rule))).retryMs).toBe(0)
      expect((await one(under.store, claimOf(rule))).retryMs).toBeGreaterThan(59_000)
    })

    test('leaves a share of the limit under load', async () => {
      await using under = await open()
      const rule = ruleOf('sliding', 8, 60_000)
      expect(await one(under.store, claimOf(rule, 'ada', 1, 0.25))).toMatchObject({ admitted: true, limit: 2, remaining: 1 })
      expect(await one(under.store, claimOf(rule, 'ada', 1, 0.25))).toMatchObject({ admitted: true, remaining: 0 })
      expect((await one(under.store, claimOf(rule, 'ada', 1, 0.25))).admitted).toBe(false)
      expect(await one(under.store, claimOf(rule))).toMatchObject({ admitted: true, remaining: 5 })
    })

    test('a hundred at once are admitted up to the limit exactly', async () => {
      await using under = await open()
      for (const rule of [
        ruleOf('sliding', 37, 60_000),
        ruleOf('fixed', 37, 60_000),
        ruleOf('bucket', 37, 600_000),
        ruleOf('calendar', 37, 86_400_000, { unit: 'month' }),
      ]) {
        const verdicts = await Promise.all(Array.from({ length: 100 }, () => one(under.store, claimOf(rule))))
        expect(verdicts.filter((verdict) => verdict.admitted)).toHaveLength(37)
        expect(new Set(verdicts.filter((verdict) => verdict.admitted).map((verdict) => verdict.remaining)).size).toBe(37)
      }
    })

    test('subjects may be any text', async () => {
      await using under = await open()
      const rule = ruleOf('fixed', 1, 60_000)
      for (const subject of ['', ' ', "a'b", 'a"b', 'a:b', 'ünï', '😀', '%', 'A', 'a', 'a '.repeat(50)]) {
        expect((await one(under.store, claimOf(rule, subject))).admitted, subject).toBe(true)
        expect((await one(under.store, claimOf(rule, subject))).admitted, subject).toBe(false)
      }
    })

    test('keeps a subject out for as long as it was told, and the longer time counts', async () => {
      await using under = await open()
      const list = `list-${randomUUID()}`
      await under.store.block(list, 'ada', 50)
      await under.store.block(list, 'bob', 60_000)
      await under.store.block(list, 'bob', 1)
      const subjects = async () => (await under.store.blocked(list)).map(({ subject }) => subject)
      expect((await under.store.blocked(list)).find(({ subject }) => subject === 'bob')?.remainingMs).toBeGreaterThan(50_000)
      await under.advance(60)
      expect(await subjects()).toEqual(['bob'])
      expect(await under.store.blocked(`list-${randomUUID()}`)).toEqual([])
    })
  })
}
