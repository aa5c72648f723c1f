import { longestTimer } from '../concurrency/with-deadline.ts'
import { parseDuration } from '../duration.ts'
import { fail } from '../errors/catalog.ts'
import { answerOf } from './answer-of.ts'
import type { LockStore } from './lock-store.ts'
import type { Lock } from './locks.ts'

export interface HeldLock {
  readonly name: string
  readonly token: number
  readonly owner: string
  readonly ttlMs: number
  /** When the store was asked for it, by `performance.now()`. */
  readonly asked: number
  /** Whether it is prolonged by itself. */
  readonly extend: boolean
  readonly store: LockStore
  readonly onLost: () => void
  readonly onReleased: () => void
}

/** Watches over a lock that was taken: knows when it has expired, and prolongs it where that is wanted. */
export function holdLock({ name, token, owner, ttlMs: firstTtl, asked, extend, store, onLost, onReleased }: HeldLock): Lock {
  const lost = new AbortController()
  let ttlMs = firstTtl
  let released: Promise<boolean> | undefined
  let expiry: NodeJS.Timeout | undefined
  let renewal: NodeJS.Timeout | undefined

  function stop(): void {
    clearTimeout(expiry)
    clearTimeout(renewal)
  }

  function lose(): void {
    if (lost.signal.aborted || released !== undefined) return
    stop()
    onLost()
    lost.abort(fail('LOCK_LOST', { name }))
  }

  function expireFrom(start: number): void {
    clearTimeout(expiry)
    const left = start + ttlMs - performance.now()
    expiry = setTimeout(lose, Math.max(0, Math.min(left, longestTimer)))
    expiry.unref()
  }

  async function prolong(wanted: number): Promise<void> {
    const start = performance.now()
    const kept = await answerOf(() => store.extend(name, owner, wanted))
    if (!kept) lose()
    lost.signal.throwIfAborted()
    ttlMs = wanted
    expireFrom(start)
  }

  function renewLater(): void {
    renewal = setTimeout(
      () => {
        // A store that is away for a moment is asked again; one that stays away is told by the expiry.
        void prolong(ttlMs)
          .catch(() => undefined)
          .finally(() => {
            if (!lost.signal.aborted && released === undefined) renewLater()
          })
      },
      Math.min(ttlMs / 3, longestTimer),
    )
    renewal.unref()
  }

  async function giveBack(): Promise<boolean> {
    stop()
    if (lost.signal.aborted) return false
    const had = await answerOf(() => store.release(name, owner))
    onReleased()
    return had
  }

  const release = () => (released ??= giveBack())
  expireFrom(asked)
  if (extend) renewLater()
  return {
    name,
    token,
    signal: lost.signal,
    extend: (ttl) => prolong(ttl === undefined ? ttlMs : parseDuration(ttl, `The ttl of the lock ${name}`)),
    release,
    [Symbol.asyncDispose]: async () => void (await release()),
  }
}
