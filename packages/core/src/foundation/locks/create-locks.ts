import { randomUUID } from 'node:crypto'
import { sleep } from '../concurrency/sleep.ts'
import { parseDuration, type Duration } from '../duration.ts'
import { fail } from '../errors/catalog.ts'
import type { Counter, MetricFamily, Metrics } from '../metrics/metrics.ts'
import { answerOf } from './answer-of.ts'
import { holdLock } from './hold-lock.ts'
import type { LockStore } from './lock-store.ts'
import type { Lock, LockOptions, Locks } from './locks.ts'

export interface LocksParts {
  /** Asked for when the first lock is wanted. */
  readonly store: () => LockStore
  readonly outcomes: MetricFamily<Counter>
}

export function countLocks(metrics: Metrics): MetricFamily<Counter> {
  return metrics.counter({ name: 'glueful_locks_total', help: 'Locks by outcome: acquired, refused, lost.', labels: ['outcome'] })
}

const defaultTtl: Duration = '30s'
const shortestTtl = 10
/** Between two attempts, in ms: who waits is woken by a release in this process, and looks by itself for those of others. */
const [firstPause, longestPause] = [10, 250]

export function createLocks({ store, outcomes }: LocksParts): Locks {
  const wakers = new Map<string, Set<() => void>>()

  async function tryOnce(name: string, options: LockOptions): Promise<Lock | number> {
    const ttlMs = parseDuration(options.ttl ?? defaultTtl, `The ttl of the lock ${name}`)
    if (ttlMs < shortestTtl) throw fail('LOCK_INVALID', { name, reason: `its ttl is ${ttlMs} ms; expected at least ${shortestTtl} ms` })
    const owner = randomUUID()
    // Counted from before the store was asked: the holder thinks it lost sooner than it is.
    const asked = performance.now()
    const attempt = await answerOf(() => store().acquire(name, owner, ttlMs))
    if ('heldMs' in attempt) return attempt.heldMs
    outcomes.with('acquired').inc()
    return holdLock({
      name,
      token: attempt.token,
      owner,
      ttlMs,
      asked,
      extend: options.extend ?? false,
      store: store(),
      onLost: () => outcomes.with('lost').inc(),
      onReleased: () => wake(name),
    })
  }

  async function tryLock(name: string, options: LockOptions = {}): Promise<Lock | undefined> {
    if (typeof name !== 'string' || name === '' || name.length > 200)
      throw fail('LOCK_INVALID', { name: String(name).slice(0, 50), reason: 'a name has 1 to 200 characters' })
    const waitMs = parseDuration(options.wait ?? 0, `The wait of the lock ${name}`)
    const deadline = performance.now() + waitMs
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      options.signal?.throwIfAborted()
      const result = await tryOnce(name, options)
      if (typeof result !== 'number') return result
      const left = deadline - performance.now()
      if (left <= 0) {
        outcomes.with('refused').inc()
        return undefined
      }
      // Jitter, so that those who wait do not come all at once.
      await pauseOrWake(name, Math.min(left, Math.max(1, result), pause * (0.5 + Math.random() / 2)), options.signal)
    }
  }

  function wake(name: string): void {
    for (const waker of wakers.get(name) ?? []) waker()
  }

  async function pauseOrWake(name: string, ms: number, signal: AbortSignal | undefined): Promise<void> {
    const woken = new AbortController()
    const waker = () => woken.abort()
    const waiting = wakers.get(name) ?? new Set()
    wakers.set(name, waiting.add(waker))
    try {
      await sleep(ms, signal === undefined ? woken.signal : AbortSignal.any([signal, woken.signal]))
    } catch (error) {
      if (!woken.signal.aborted) throw error
    } finally {
      waiting.delete(waker)
      if (waiting.size === 0) wakers.delete(name)
    }
  }

  async function lock(name: string, options?: LockOptions): Promise<Lock> {
    const found = await tryLock(name, options)
    if (found === undefined) throw fail('LOCK_NOT_ACQUIRED', { name }, { headers: ['retry-after', '1'] })
    return found
  }

  return {
    lock,
    tryLock,
    async withLock(name, options, work) {
      const held = await lock(name, { extend: true, ...options })
      try {
        const result = await work(held)
        held.signal.throwIfAborted()
        return result
      } finally {
        await held.release()
      }
    },
  }
}
