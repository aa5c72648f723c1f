import type { Clock } from '../../../foundation/clock.ts'
import type { Algorithm } from '../algorithms/algorithm.ts'
import { algorithmOf, judgeClaim, judgeClaims, type Judged } from '../judge-claims.ts'
import type { Block, Claim, LimitRule, LimitStore, Verdict } from '../limit-store.ts'

export interface MemoryLimitStoreOptions {
  readonly clock: Clock
  /** Subjects that are remembered for each rule; beyond, the one that was seen first is forgotten. Default: 100,000. */
  readonly most?: number
  /** Told when a subject is forgotten that still counted. */
  readonly onForget?: () => void
}

export interface MemoryLimitStore extends LimitStore {
  take(claims: readonly Claim[]): readonly Verdict[]
  block(list: string, subject: string, ms: number): void
  blocked(list: string): readonly Block[]
  /** Subjects that are remembered. */
  readonly size: number
}

interface Shard {
  readonly rule: LimitRule
  readonly algorithm: Algorithm
  readonly states: Map<string, unknown>
  sweep: IterableIterator<[string, unknown]>
}

/** Budgets in the memory of this process: nothing is awaited. */
export function createMemoryLimitStore({ clock, most = 100_000, onForget }: MemoryLimitStoreOptions): MemoryLimitStore {
  // A map a rule: looking up needs no key of rule and subject together, and all states in it are of one shape.
  const shards = new Map<string, Shard>()
  const lists = new Map<string, Map<string, number>>()

  const timeFor = (rule: LimitRule) => (rule.algorithm === 'calendar' ? clock.now() : clock.monotonic())

  function shardOf(rule: LimitRule): Shard {
    let shard = shards.get(rule.id)
    if (shard === undefined) {
      const states = new Map<string, unknown>()
      shards.set(rule.id, (shard = { rule, algorithm: algorithmOf(rule), states, sweep: states.entries() }))
    }
    return shard
  }

  function stateOf(shard: Shard, subject: string, now: number): unknown {
    let state = shard.states.get(subject)
    if (state === undefined) {
      makeRoom(shard, now)
      shard.states.set(subject, (state = shard.algorithm.create()))
    }
    return state
  }

  /** Each new subject pays for looking at two others, so what is over goes away without a pause or a timer. */
  function makeRoom(shard: Shard, now: number): void {
    const { states, algorithm, rule } = shard
    for (let looked = 0; looked < 2 && states.size > 0; looked++) {
      const { done, value } = shard.sweep.next()
      if (done === true) {
        shard.sweep = states.entries()
        break
      }
      algorithm.advance(value[1], rule, now)
      if (algorithm.reset(value[1], rule, now) <= 0) states.delete(value[0])
    }
    if (states.size < most) return
    const first = states.keys().next()
    if (first.done === true) return
    states.delete(first.value)
    onForget?.()
  }

  function takeOne(claim: Claim): Verdict {
    const { rule } = claim
    const shard = shardOf(rule)
    const now = timeFor(rule)
    return judgeClaim(shard.algorithm, claim, stateOf(shard, claim.subject, now), now)
  }

  return {
    take(claims) {
      if (claims.length === 1) return [takeOne(claims[0] as Claim)]
      return judgeClaims(
        claims.map((claim): Judged => {
          const now = timeFor(claim.rule)
          return { claim, state: stateOf(shardOf(claim.rule), claim.subject, now), now }
        }),
      )
    },
    block(list, subject, ms) {
      let subjects = lists.get(list)
      if (subjects === undefined) lists.set(list, (subjects = new Map()))
      const now = clock.monotonic()
      if (subjects.size >= most) for (const [other, until] of subjects) if (until <= now) subjects.delete(other)
      if (subjects.size < most) subjects.set(subject, Math.max(subjects.get(subject) ?? 0, now + ms))
    },
    blocked(list) {
      const now = clock.monotonic()
      return [...(lists.get(list) ?? [])].filter(([, until]) => until > now).map(([subject, until]) => ({ subject, remainingMs: until - now }))
    },
    get size() {
      return [...shards.values()].reduce((sum, { states }) => sum + states.size, 0)
    },
  }
}
