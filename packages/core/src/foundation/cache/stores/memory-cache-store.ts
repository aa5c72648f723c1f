import type { Clock } from '../../clock.ts'
import type { CacheContents, CacheEntry, CacheStore, WriteGuard } from '../cache-store.ts'

export interface MemoryCacheStoreOptions {
  /** Bytes of keys, values and tags, bookkeeping included; the entries used longest ago make room. */
  readonly limit: number
  readonly clock: Clock
}

interface Held {
  readonly entry: CacheEntry
  readonly bytes: number
}

/** What a Map entry and its objects take beside the texts; measured with 100,000 entries. */
const overhead = 320
/** Flushes that are remembered one by one; older work than that is not stored. */
const mostFlushes = 10_000

/** Keeps values in this process, bounded by bytes. */
export function createMemoryCacheStore({ limit, clock }: MemoryCacheStoreOptions): CacheStore & { readonly bytes: number } {
  // In order of use: a Map iterates its keys in the order in which they were set.
  const entries = new Map<string, Held>()
  const tagged = new Map<string, Set<string>>()
  const leases = new Map<string, { token: string; until: number }>()
  const flushes = new Map<string, number>()
  let flushCount = 0
  let lastFlushed: string | undefined
  /** Whether anybody has ever begun to compute a value: flushes matter to nobody before. */
  let marked = false
  let forgotten = 0
  let bytes = 0

  function remove(key: string): void {
    const held = entries.get(key)
    if (held === undefined) return
    entries.delete(key)
    bytes -= held.bytes
    for (const tag of held.entry.tags) {
      const keys = tagged.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) tagged.delete(tag)
    }
  }

  function holds(entry: CacheEntry, { mark, lease }: WriteGuard, key: string): boolean {
    if (lease !== undefined && leaseOf(key)?.token !== lease) return false
    if (mark === undefined) return true
    const since = Number(mark)
    return since >= forgotten && entry.tags.every((tag) => (flushes.get(tag) ?? 0) <= since)
  }

  function leaseOf(key: string) {
    const lease = leases.get(key)
    if (lease === undefined || lease.until > clock.monotonic()) return lease
    leases.delete(key)
    return undefined
  }

  function noteFlush(tag: string): void {
    // The Map keeps the order of flushes; where the last one is repeated it has it already.
    if (tag !== lastFlushed) flushes.delete(tag)
    lastFlushed = tag
    flushes.set(tag, ++flushCount)
    if (flushes.size <= mostFlushes) return
    const [oldest, at] = flushes.entries().next().value as [string, number]
    flushes.delete(oldest)
    forgotten = at
  }

  return {
    name: 'memory',
    get bytes() {
      return bytes
    },
    get(key) {
      const held = entries.get(key)
      if (held === undefined) return undefined
      if (held.entry.keepUntil <= clock.now()) {
        remove(key)
        return undefined
      }
      entries.delete(key)
      entries.set(key, held)
      return held.entry
    },
    mark() {
      marked = true
      return String(flushCount)
    },
    set(key, entry, guard = {}) {
      if (!holds(entry, guard, key)) return false
      const size = sizeOf(key, entry)
      remove(key)
      if (size > limit) return false
      while (bytes + size > limit) remove(entries.keys().next().value as string)
      entries.set(key, { entry, bytes: size })
      bytes += size
      for (const tag of entry.tags) {
        const keys = tagged.get(tag)
        if (keys === undefined) tagged.set(tag, new Set([key]))
        else keys.add(key)
      }
      return true
    },
    delete(key) {
      leases.delete(key)
      remove(key)
    },
    acquire(key, token, ms) {
      if (leaseOf(key) !== undefined) return false
      leases.set(key, { token, until: clock.monotonic() + ms })
      return true
    },
    release(key, token) {
      if (leases.get(key)?.token === token) leases.delete(key)
    },
    flush(tags) {
      if (!marked && tagged.size === 0) return
      for (const tag of tags) {
        noteFlush(tag)
        const keys = tagged.get(tag)
        if (keys !== undefined) for (const key of keys) remove(key)
      }
    },
    clear(prefix) {
      for (const key of leases.keys()) if (key.startsWith(prefix)) leases.delete(key)
      for (const key of entries.keys()) if (key.startsWith(prefix)) remove(key)
    },
    inspect(prefix, most): CacheContents {
      const now = clock.now()
      const found = [...entries].filter(([key, { entry }]) => key.startsWith(prefix) && entry.keepUntil > now)
      return {
        store: 'memory',
        entries: found.length,
        bytes: found.reduce((sum, [, held]) => sum + held.bytes, 0),
        keys: found
          .slice(-most)
          .reverse()
          .map(([key, { entry, bytes }]) => ({ key, bytes, freshForMs: entry.freshUntil - now, tags: entry.tags })),
      }
    },
  }
}

/** Text of Latin-1 takes a byte a character, any other two. */
function sizeOf(key: string, { data, tags }: CacheEntry): number {
  // oxlint-disable-next-line no-control-regex
  const perCharacter = /[^\u0000-\u00ff]/.test(data) ? 2 : 1
  return overhead + 2 * key.length + perCharacter * data.length + tags.reduce((sum, tag) => sum + 2 * tag.length + 64, 0)
}
