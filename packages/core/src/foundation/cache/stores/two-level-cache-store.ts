import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { RedisConnection } from '../../redis/redis-connection.ts'
import type { CacheEntry, CacheStore } from '../cache-store.ts'
import { createMemoryCacheStore } from './memory-cache-store.ts'
import { createRedisCacheStore } from './redis-cache-store.ts'

export interface TwoLevelCacheStoreOptions {
  readonly connection: () => RedisConnection
  readonly clock: Clock
  /** Bytes of the copies in this process. */
  readonly limit: number
}

/** The longest that a copy serves without a look at Redis, in ms: the bound for a subscription that died unnoticed. */
const localLife = 30_000

interface Change {
  readonly from: string
  readonly key?: string
  readonly tags?: readonly string[]
  readonly prefix?: string
}

/**
 * Copies in this process over Redis. Every change is announced to all processes within the script that makes it; while
 * announcements cannot be heard there are no copies, and each look goes to Redis.
 */
export function createTwoLevelCacheStore({ connection, clock, limit }: TwoLevelCacheStoreOptions): CacheStore {
  const from = randomUUID()
  const channel = () => connection().key('cache', 'changes')
  const remote = createRedisCacheStore({ connection, clock, announce: { channel, from } })
  const local = createMemoryCacheStore({ limit, clock })
  let listening = false
  let subscribed = false
  // Counts what was announced: a value read before must not become a copy after.
  let changes = 0

  function dropAll(): void {
    changes++
    listening = false
    void local.clear('')
  }

  function apply({ key, tags, prefix }: Change): void {
    changes++
    if (key !== undefined) void local.delete(key)
    if (tags !== undefined) void local.flush(tags)
    if (prefix !== undefined) void local.clear(prefix)
  }

  /** With the first use, because the connection exists only once the application has started. */
  function subscribeOnce(): void {
    if (subscribed) return
    subscribed = true
    const subscriber = connection().duplicate({ autoResubscribe: false })
    subscriber.on('message', (_, text: string) => {
      const change = JSON.parse(text) as Change
      if (change.from !== from) apply(change)
    })
    subscriber.on('close', dropAll)
    const join = () =>
      subscriber.subscribe(channel()).then(
        () => {
          dropAll()
          listening = true
        },
        () => dropAll(),
      )
    subscriber.on('ready', () => void join())
  }

  function keepCopy(key: string, entry: CacheEntry, seen: number): void {
    if (!listening || seen !== changes) return
    void local.set(key, { ...entry, keepUntil: Math.min(entry.keepUntil, clock.now() + localLife) })
  }

  return {
    name: 'redis with copies in memory',
    get(key) {
      subscribeOnce()
      const copy = listening ? (local.get(key) as CacheEntry | undefined) : undefined
      if (copy !== undefined) return copy
      const seen = changes
      return Promise.resolve(remote.get(key)).then((entry) => {
        if (entry !== undefined) keepCopy(key, entry, seen)
        return entry
      })
    },
    mark: remote.mark,
    async set(key, entry, guard) {
      const written = await remote.set(key, entry, guard)
      if (written) apply({ from, key })
      return written
    },
    async delete(key) {
      await remote.delete(key)
      apply({ from, key })
    },
    acquire: remote.acquire,
    release: remote.release,
    async flush(tags) {
      await remote.flush(tags)
      apply({ from, tags })
    },
    async clear(prefix) {
      await remote.clear(prefix)
      apply({ from, prefix })
    },
    inspect: remote.inspect,
  }
}
