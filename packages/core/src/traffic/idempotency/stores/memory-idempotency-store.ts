import { fail } from '../../../foundation/errors/catalog.ts'
import type { IdempotencyStore } from '../idempotency-store.ts'

interface Held {
  owner: string
  readonly fingerprint: string
  claimedUntil: number
  keptUntil: number
  answer: string | undefined
}

const overhead = 400

/**
 * Keeps keys in this process, for one process alone: a restart forgets them. Bounded by bytes; a key is never dropped
 * before its time to make room, because that would let a request through twice.
 */
export function createMemoryIdempotencyStore(limit = 64 * 1024 * 1024): IdempotencyStore {
  const keys = new Map<string, Held>()
  let bytes = 0
  const sizeOf = (key: string, held: Held) => overhead + 2 * key.length + (held.answer?.length ?? 0) * 2

  function remove(key: string, held: Held): void {
    keys.delete(key)
    bytes -= sizeOf(key, held)
  }

  /** Keys end in the order in which they came, as long as all are kept equally long; others are found when they are asked for. */
  function makeRoom(now: number): void {
    for (const [key, held] of keys) {
      if (held.keptUntil > now) break
      remove(key, held)
    }
    if (bytes < limit) return
    for (const [key, held] of keys) if (held.keptUntil <= now) remove(key, held)
    if (bytes >= limit) throw fail('IDEMPOTENCY_UNAVAILABLE', undefined, { headers: ['retry-after', '60'] })
  }

  return {
    name: 'memory',
    isTransactional: false,
    async claim({ key, owner, fingerprint, leaseMs, keepMs, now }) {
      const held = keys.get(key)
      if (held !== undefined && held.keptUntil > now) {
        if (held.answer !== undefined) return { state: 'done', fingerprint: held.fingerprint, answer: held.answer }
        if (held.claimedUntil > now) return { state: 'in-flight', fingerprint: held.fingerprint }
      }
      if (held !== undefined) remove(key, held)
      makeRoom(now)
      const made: Held = { owner, fingerprint, claimedUntil: now + leaseMs, keptUntil: now + leaseMs + keepMs, answer: undefined }
      keys.set(key, made)
      bytes += sizeOf(key, made)
      return { state: 'claimed' }
    },
    async complete({ key, owner }, answer, keptUntil) {
      const held = keys.get(key)
      if (held === undefined || held.owner !== owner || held.answer !== undefined) return false
      bytes -= sizeOf(key, held)
      Object.assign(held, { answer, keptUntil })
      bytes += sizeOf(key, held)
      return true
    },
    async abandon({ key, owner }) {
      const held = keys.get(key)
      if (held?.owner === owner && held.answer === undefined) remove(key, held)
    },
  }
}
