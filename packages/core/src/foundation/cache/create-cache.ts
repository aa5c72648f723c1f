import type { Clock } from '../clock.ts'
import { parseDuration, type Duration } from '../duration.ts'
import { fail } from '../errors/catalog.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { currentSandbox } from '../sandbox/sandbox.ts'
import type { Transactions } from '../transactions.ts'
import { cacheCounts } from './cache-metrics.ts'
import type { CacheEntry, CacheStore } from './cache-store.ts'
import { checkTags } from './cache-tags.ts'
import type { Cache, RememberOptions, SetOptions } from './cache.ts'
import { createSingleFlight, type SingleFlight } from './single-flight.ts'

export interface CacheParts {
  readonly store: CacheStore
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: Logger
  /** The application's transactions, where it has some; asked for with each call. */
  readonly transactions: () => Transactions | undefined
  /** Told of tags once they are flushed, for the CDN to forget them too. */
  readonly onFlush?: (tags: readonly string[]) => void
}

/** How long one process may compute a value for itself, in ms; the next one begins after that. */
const leaseMs = 30_000
const longestKey = 512

/** The application's cache over a store; `name` is `default` until `named` gives another. */
export function createCache(parts: CacheParts): Cache {
  return named(parts, createSingleFlight(parts.store), 'default')
}

function named(parts: CacheParts, flights: SingleFlight, name: string): Cache {
  const { store, clock, log } = parts
  const prefix = `${name}:`
  const counts = cacheCounts(parts.metrics, name)

  const onStoreError = (error: unknown): void => {
    // A store that would be wrong is refused, not worked around.
    if (String((error as { code?: unknown }).code).startsWith('STORE_')) throw error
    counts.errors.inc()
    log.warn({ err: error, cache: name, store: store.name }, 'The store of a cache failed; the work goes on without it')
  }

  async function find(key: string): Promise<CacheEntry | undefined> {
    try {
      return await store.get(prefix + checkKey(name, key))
    } catch (error) {
      if ((error as { code?: string }).code === 'CACHE_KEY_INVALID') throw error
      onStoreError(error)
      return undefined
    }
  }

  async function fresh(key: string): Promise<CacheEntry | undefined> {
    const entry = await find(key)
    const isFresh = entry !== undefined && entry.freshUntil > clock.now()
    ;(isFresh ? counts.hits : counts.misses).inc()
    return isFresh ? entry : undefined
  }

  const inTransaction = () => parts.transactions()?.active === true

  /** Now, or once the transaction that is open here has committed; never in a sandbox. */
  async function afterCommit(what: string, action: () => Promise<void>): Promise<void> {
    const sandbox = currentSandbox()
    if (sandbox !== undefined) sandbox.capture('cache', `${what} (${name})`)
    else if (inTransaction()) parts.transactions()?.afterCommit(() => quietly(action))
    else await quietly(action)
  }

  async function quietly(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      onStoreError(error)
    }
  }

  function remember<T>(key: string, options: RememberOptions, compute: () => T | Promise<T>): Promise<T> {
    const times = readTimes(options, key)
    return recall(prefix + checkKey(name, key), times, checkTags(options.tags ?? []), compute)
  }

  async function recall<T>(key: string, times: Times, tags: readonly string[], compute: () => T | Promise<T>): Promise<T> {
    const entry = await find(key.slice(prefix.length))
    const now = clock.now()
    if (entry !== undefined && entry.freshUntil > now) {
      counts.hits.inc()
      return parse(entry)
    }
    // What is computed in a transaction may rest on writes that nobody else sees yet, and in a sandbox never will.
    if (inTransaction() || currentSandbox() !== undefined) {
      counts.misses.inc()
      return compute()
    }
    const options = { leaseMs, waitMs: times.wait, accept: isFresh, onStoreError }
    const renew = (background: boolean) => flights.fill(key, tags, () => work(times, tags, compute), { ...options, background })
    if (entry !== undefined && entry.freshUntil + times.staleWhileRevalidate > now) {
      counts.stale.inc()
      // Whoever renews it already does so for all.
      if (!flights.isFilling(key)) void renew(true).catch((error: unknown) => log.warn({ err: error, cache: name, key }, 'A cached value could not be renewed'))
      return parse(entry)
    }
    counts.misses.inc()
    try {
      const filled = await renew(false)
      if (filled.from === 'store') return parse(filled.entry)
      // Somebody else renews it in the background: nothing is at hand that they would share.
      return filled.from === 'elsewhere' ? await compute() : (parseText(filled.value) as T)
    } catch (error) {
      if (entry === undefined || entry.freshUntil + times.grace <= now) throw error
      counts.stale.inc()
      log.warn({ err: error, cache: name, key }, 'A cached value could not be computed anew; the old one is used')
      return parse(entry)
    }
  }

  const isFresh = (entry: CacheEntry) => entry.freshUntil > clock.now()

  async function work<T>(times: Times, tags: readonly string[], compute: () => T | Promise<T>): Promise<{ value: string; entry: CacheEntry }> {
    const value = await compute()
    const data = render(value, name)
    const ttl = value === undefined || value === null ? times.negativeTtl : times.ttl
    return { value: data, entry: entryOf(data, ttl, Math.max(times.grace, times.staleWhileRevalidate), tags) }
  }

  function entryOf(data: string, ttl: number, extra: number, tags: readonly string[]): CacheEntry {
    const createdAt = clock.now()
    return { data, createdAt, freshUntil: createdAt + ttl, keepUntil: createdAt + ttl + extra, tags }
  }

  return {
    get: async <T>(key: string) => {
      const entry = await fresh(key)
      return entry === undefined ? undefined : parse<T>(entry)
    },
    has: async (key) => {
      const entry = await find(key)
      return entry !== undefined && entry.freshUntil > clock.now()
    },
    async set(key, value, options: SetOptions) {
      const full = prefix + checkKey(name, key)
      const data = render(value, name)
      const ttl = parseDuration(options.ttl, `ttl of ${key}`)
      const tags = checkTags(options.tags ?? [])
      let stored = inTransaction() || currentSandbox() !== undefined
      await afterCommit(`set ${key}`, async () => {
        flights.forget(full)
        stored = await store.set(full, entryOf(data, ttl, 0, tags))
      })
      return stored
    },
    delete: (key) => {
      const full = prefix + checkKey(name, key)
      return afterCommit(`delete ${key}`, async () => {
        flights.forget(full)
        await store.delete(full)
      })
    },
    remember,
    flush: (...tags) => {
      if (checkTags(tags).length === 0) return Promise.resolve()
      return afterCommit(`flush ${tags.join(', ')}`, async () => {
        await store.flush(tags)
        parts.onFlush?.(tags)
      })
    },
    clear: () => afterCommit('clear', async () => store.clear(prefix)),
    clearAll: () => afterCommit('clear all', async () => store.clear('')),
    named: (other) => named(parts, flights, checkName(other)),
    inspect: async (limit = 100) => {
      const contents = await store.inspect(prefix, limit)
      return { ...contents, keys: contents.keys.map((one) => ({ ...one, key: one.key.slice(prefix.length) })) }
    },
  }
}

interface Times {
  readonly ttl: number
  readonly grace: number
  readonly staleWhileRevalidate: number
  readonly negativeTtl: number
  readonly wait: number
}

function readTimes(options: RememberOptions, key: string): Times {
  const read = (value: Duration | undefined, field: string, otherwise: number) => (value === undefined ? otherwise : parseDuration(value, `${field} of ${key}`))
  const ttl = parseDuration(options.ttl, `ttl of ${key}`)
  return {
    ttl,
    grace: read(options.grace, 'grace', 0),
    staleWhileRevalidate: read(options.staleWhileRevalidate, 'staleWhileRevalidate', 0),
    negativeTtl: read(options.negativeTtl, 'negativeTtl', ttl),
    wait: read(options.wait, 'wait', 10_000),
  }
}

// JSON has no undefined; nothing else renders as an empty text.
function render(value: unknown, cache: string): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw fail('CACHE_VALUE_INVALID', { cache, reason: cause instanceof Error ? (cause.message.split('\n', 1)[0] as string) : String(cause) }, { cause })
  }
  if (text === undefined && value !== undefined) throw fail('CACHE_VALUE_INVALID', { cache, reason: `a ${typeof value} has no JSON form` })
  return text ?? ''
}

function parse<T>({ data }: CacheEntry): T {
  return parseText(data) as T
}

function parseText(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text)
}

function checkKey(cache: string, key: string): string {
  if (typeof key !== 'string' || key === '' || key.length > longestKey) throw fail('CACHE_KEY_INVALID', { cache, found: String(key).slice(0, 100) })
  return key
}

function checkName(name: string): string {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) throw fail('CACHE_KEY_INVALID', { cache: name, found: name })
  return name
}
