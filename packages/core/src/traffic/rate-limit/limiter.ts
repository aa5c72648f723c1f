import { fail } from '../../foundation/errors/catalog.ts'
import type { Metrics } from '../../foundation/metrics/metrics.ts'
import { chooseStore, type StoreKind } from '../../foundation/redis/choose-store.ts'
import { Redis } from '../../foundation/redis/redis-connection.ts'
import type { Runtime } from '../../http/context/runtime.ts'
import type { Awaitable } from '../../http/context/stage.ts'
import { createStoreGuard } from './guard-store.ts'
import { DatabaseLimitStore, type Block, type Claim, type LimitStore, type Verdict } from './limit-store.ts'
import type { OnStoreLoss } from './rate-limit-rule.ts'
import { createMemoryLimitStore, type MemoryLimitStore } from './stores/memory-limit-store.ts'
import { createRedisLimitStore } from './stores/redis-limit-store.ts'

/** A claim with what becomes of it when the store is lost. */
export interface GuardedClaim extends Claim {
  readonly onStoreLoss: OnStoreLoss
}

/** The limits of one application: its store, and what is done without it. */
export interface Limiter {
  /** Chooses the store; called at boot. @throws `STORE_NOT_SHARED`, `STORE_UNAVAILABLE` */
  prepare(runtime: Runtime): StoreKind
  /**
   * Takes all claims of a request or none; a claim that is open while the store is lost has no verdict. Synchronous
   * where the store is the memory of this process.
   * @throws `RATE_LIMIT_UNAVAILABLE` (503) when the store is lost and a rule says `closed`
   */
  take(claims: readonly GuardedClaim[]): Awaitable<readonly (Verdict | undefined)[]>
  block(list: string, subject: string, ms: number): Awaitable<void>
  blocked(list: string): Awaitable<readonly Block[]>
}

/** Made at boot, so that an application's rules share one store. */
export function createLimiter(metrics: Metrics): Limiter {
  const losses = metrics.counter({
    name: 'glueful_rate_limit_store_lost_total',
    help: 'Decisions made without the store of the limits, by what the rule says.',
    labels: ['policy'],
  })
  const forgotten = metrics.counter({
    name: 'glueful_rate_limit_forgotten_total',
    help: 'Subjects whose count was dropped because there were too many.',
    labels: [],
  })
  const subjects = metrics.gauge({ name: 'glueful_rate_limit_subjects', help: 'Subjects whose count is in memory.', labels: [] }).with()
  let prepared: Prepared | undefined

  function prepare(runtime: Runtime): Prepared {
    const kind = chooseStore(runtime, 'rateLimitStore', DatabaseLimitStore)
    const memory = createMemoryLimitStore({ clock: runtime.clock, onForget: () => forgotten.with().inc() })
    metrics.onCollect(() => subjects.set(memory.size))
    if (kind === 'memory') return { kind, take: memory.take, block: memory.block, blocked: memory.blocked }
    return { kind, ...guarded(runtime, memory, kind === 'redis' ? createRedisLimitStore(() => runtime.use(Redis), runtime.clock) : lazily(runtime)) }
  }

  function guarded(runtime: Runtime, memory: MemoryLimitStore, store: LimitStore): Pick<Limiter, 'take' | 'block' | 'blocked'> {
    const guard = createStoreGuard({ log: runtime.log, patience: () => store.patience ?? 40 })
    return {
      take: async (claims) => (await guard.ask(() => store.take(claims))) ?? withoutStore(memory, claims),
      block: async (list, subject, ms) => {
        // Here it holds at once, and without the store as well.
        memory.block(list, subject, ms)
        await guard.ask(() => store.block(list, subject, ms))
      },
      blocked: async (list) => (await guard.ask(() => store.blocked(list))) ?? memory.blocked(list),
    }
  }

  /** One rule that is closed refuses the request; open ones are not counted. */
  function withoutStore(memory: MemoryLimitStore, claims: readonly GuardedClaim[]): readonly (Verdict | undefined)[] {
    for (const { onStoreLoss } of claims) losses.with(onStoreLoss).inc()
    if (claims.some(({ onStoreLoss }) => onStoreLoss === 'closed')) throw fail('RATE_LIMIT_UNAVAILABLE', undefined, { headers: ['retry-after', '1'] })
    const verdicts = [...memory.take(claims.filter(({ onStoreLoss }) => onStoreLoss === 'local'))]
    return claims.map(({ onStoreLoss }) => (onStoreLoss === 'local' ? verdicts.shift() : undefined))
  }

  const ready = () => prepared as Prepared
  return {
    prepare: (runtime) => (prepared ??= prepare(runtime)).kind,
    take: (claims) => ready().take(claims),
    block: (list, subject, ms) => ready().block(list, subject, ms),
    blocked: (list) => ready().blocked(list),
  }
}

type Prepared = Pick<Limiter, 'take' | 'block' | 'blocked'> & { readonly kind: StoreKind }

/** Services can be asked for once they have started. */
function lazily(runtime: Runtime): LimitStore {
  const store = () => runtime.use(DatabaseLimitStore)
  return {
    get patience() {
      return store().patience ?? 40
    },
    take: (claims) => store().take(claims),
    block: (list, subject, ms) => store().block(list, subject, ms),
    blocked: (list) => store().blocked(list),
  }
}
