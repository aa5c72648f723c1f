import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { IdempotencyStore, KeyClaimRequest } from 'glueful'
import { expect } from 'vitest'

/** What every store of Idempotency-Keys must do; a test of an implementation opens one and runs this. */
export function idempotencyStoreSuite(test: (name: string, body: () => Promise<void>) => void, open: () => Promise<IdempotencyStore>, runs = 30): void {
  const setUp = async () => {
    const store = await open()
    const start = Date.now()
    const key = randomUUID()
    const request = (owner: string, more: Partial<KeyClaimRequest> = {}): KeyClaimRequest => ({
      key,
      owner,
      fingerprint: 'f',
      leaseMs: 60_000,
      keepMs: 3_600_000,
      now: start,
      ...more,
    })
    return { store, start, key, request }
  }

  test('a key is claimed once, completed by its holder, and then done for everybody', async () => {
    const { store, start, key, request } = await setUp()
    expect(await store.claim(request('one'))).toEqual({ state: 'claimed' })
    expect(await store.claim(request('two', { fingerprint: 'g' }))).toEqual({ state: 'in-flight', fingerprint: 'f' })
    expect(await store.complete({ key, owner: 'two' }, 'answer', start + 60_000)).toBe(false)
    const answer = '{"status":201}\nä€😀\u0000\r\n"\\'
    expect(await store.complete({ key, owner: 'one' }, answer, start + 60_000)).toBe(true)
    expect(await store.complete({ key, owner: 'one' }, 'again', start + 60_000)).toBe(false)
    expect(await store.claim(request('two'))).toEqual({ state: 'done', fingerprint: 'f', answer })
    await store.abandon({ key, owner: 'one' })
    expect((await store.claim(request('three'))).state).toBe('done')
    expect(await store.claim(request('one', { key: randomUUID() }))).toEqual({ state: 'claimed' })
  })

  test('keys that differ by case alone are two', async () => {
    const { store, request } = await setUp()
    const key = `A${randomUUID()}`
    await store.claim(request('one', { key }))
    expect(await store.claim(request('two', { key: key.toLowerCase() }))).toEqual({ state: 'claimed' })
  })

  test('a claim that ran out goes to one other, and its first holder can no longer complete it', async () => {
    const { store, start, key, request } = await setUp()
    await store.claim(request('one'))
    expect((await store.claim(request('two', { now: start + 59_999 }))).state).toBe('in-flight')
    const later = await Promise.all(Array.from({ length: 20 }, (_, index) => store.claim(request(`next-${index}`, { now: start + 60_000 }))))
    expect(later.filter(({ state }) => state === 'claimed')).toHaveLength(1)
    const winner = later.findIndex(({ state }) => state === 'claimed')
    expect(await store.complete({ key, owner: 'one' }, 'late', start + 120_000)).toBe(false)
    await store.abandon({ key, owner: 'one' })
    expect(await store.complete({ key, owner: `next-${winner}` }, 'answer', start + 120_000)).toBe(true)
  })

  test('an abandoned key is free again', async () => {
    const { store, key, request } = await setUp()
    await store.claim(request('one'))
    await store.abandon({ key, owner: 'two' })
    expect((await store.claim(request('two'))).state).toBe('in-flight')
    await store.abandon({ key, owner: 'one' })
    expect((await store.claim(request('two'))).state).toBe('claimed')
  })

  test('of fifty copies at once one gets the key', async () => {
    const { store, request } = await setUp()
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => store.claim(request(`owner-${index}`))))
    expect(outcomes.filter(({ state }) => state === 'claimed')).toHaveLength(1)
  })

  test('agrees with a plain model over any order of operations', async () => {
    const who = fc.constantFrom('a', 'b', 'c')
    const step = fc.oneof(
      fc.record({ op: fc.constant('claim' as const), who, wait: fc.constantFrom(0, 30_000, 60_000) }),
      fc.record({ op: fc.constant('complete' as const), who }),
      fc.record({ op: fc.constant('abandon' as const), who }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const { store, start, key, request } = await setUp()
        let now = start
        let attempt = 0
        const held = new Map<string, string>()
        let model: { owner: string; until: number; done: boolean } | undefined
        for (const one of steps) {
          if (one.op === 'claim') {
            now += one.wait
            const owner = `${one.who}-${++attempt}`
            const expected = model === undefined || (!model.done && model.until <= now) ? 'claimed' : model.done ? 'done' : 'in-flight'
            expect((await store.claim(request(owner, { now }))).state).toBe(expected)
            if (expected !== 'claimed') continue
            model = { owner, until: now + 60_000, done: false }
            held.set(one.who, owner)
            continue
          }
          const owner = held.get(one.who) ?? 'nobody'
          const holds = model !== undefined && model.owner === owner && !model.done
          if (one.op === 'complete') {
            expect(await store.complete({ key, owner }, 'answer', now + 3_600_000_000)).toBe(holds)
            if (holds && model !== undefined) model.done = true
          } else {
            await store.abandon({ key, owner })
            if (holds) model = undefined
          }
        }
      }),
      { numRuns: runs },
    )
  })
}
