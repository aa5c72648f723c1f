type Awaitable<T> = T | Promise<T>

/** A value in a store. Times are ms since the epoch, by the application's clock. */
export interface CacheEntry {
  /** The value as text; what it means is the business of who wrote it. */
  readonly data: string
  readonly createdAt: number
  readonly freshUntil: number
  /** Until when it may serve as a stale answer; never before `freshUntil`. */
  readonly keepUntil: number
  readonly tags: readonly string[]
}

/** What must still hold for a write to count. */
export interface WriteGuard {
  /** From `mark`: the write is void where one of the entry's tags has been flushed since. */
  readonly mark?: string
  /** From `acquire`: the write is void where the lease has been lost, or the key deleted since. */
  readonly lease?: string
}

export interface CacheContents {
  readonly store: string
  readonly entries: number
  /** Of keys and values; undefined where the store does not know. */
  readonly bytes: number | undefined
  readonly keys: readonly { readonly key: string; readonly bytes: number; readonly freshForMs: number; readonly tags: readonly string[] }[]
}

/**
 * Where cached values live. One conformance suite (tests/cache/cache-store-suite.ts) holds every implementation to this.
 *
 * Flushing tags is a matter of versions: an entry counts only while each of its tags is what it was when the work for it
 * began, so a value computed from old data never outlives the flush, whichever of the two is written first.
 */
export interface CacheStore {
  /** `memory`, `redis`, `database`, … */
  readonly name: string
  /** An entry that may still be used, fresh or stale. */
  get(key: string): Awaitable<CacheEntry | undefined>
  /** The present versions of tags; take it before the work, give it to `set` after it. */
  mark(tags: readonly string[]): Awaitable<string>
  /** False where the guard no longer holds, or the entry is too large for the store. */
  set(key: string, entry: CacheEntry, guard?: WriteGuard): Awaitable<boolean>
  /** Also ends the lease of the key, so that work begun before is not stored. */
  delete(key: string): Awaitable<void>
  /** Takes the right to fill a key; false while somebody else has it. It ends by itself after `ms`. */
  acquire(key: string, token: string, ms: number): Awaitable<boolean>
  release(key: string, token: string): Awaitable<void>
  flush(tags: readonly string[]): Awaitable<void>
  /** Removes everything whose key starts with `prefix`. */
  clear(prefix: string): Awaitable<void>
  /** The newest `limit` entries whose key starts with `prefix`, and sums over all of them. */
  inspect(prefix: string, limit: number): Awaitable<CacheContents>
}
