import type { Duration } from '../duration.ts'
import { service, type Service } from '../services/service.ts'
import type { CacheContents } from './cache-store.ts'

export interface SetOptions {
  /** How long the value is fresh. */
  readonly ttl: Duration
  /** Names under which it can be flushed together with others; visible ASCII without commas, at most 128 characters. */
  readonly tags?: readonly string[]
}

export interface RememberOptions extends SetOptions {
  /** How long after its time a value still serves when computing it anew fails. Default: not at all. */
  readonly grace?: Duration
  /** How long after its time a value is still given at once, while one computation renews it. Default: not at all. */
  readonly staleWhileRevalidate?: Duration
  /** How long `undefined` and `null` are kept, so that what does not exist is not looked up each time. Default: `ttl`. */
  readonly negativeTtl?: Duration
  /** How long to wait for another process that computes the same, before computing here as well. Default: 10 s. */
  readonly wait?: Duration
}

/**
 * The application's cache. Values are plain data: what is read is a copy, as JSON keeps it. Where its store cannot be
 * reached, nothing is found and nothing kept, and `remember` computes; the failures are logged and counted in
 * `glueful_cache_errors_total`.
 *
 * Tags are common to all names of caches, so that one flush reaches cached answers and cached values. Inside a database
 * transaction `set`, `delete`, `flush` and `clear` take effect once it has committed, and not at all when it is rolled
 * back; `remember` uses what is there and stores nothing, because what it computes may rest on uncommitted writes.
 *
 * @example
 * const rates = await use(Cache).remember('rates', { ttl: '5m', tags: ['rates'], grace: '1h' }, () => fetchRates())
 * await use(Cache).flush('rates')
 */
export interface Cache {
  get<T>(key: string): Promise<T | undefined>
  /** False where the store did not take it: it cannot be reached, or the value is too large. */
  set(key: string, value: unknown, options: SetOptions): Promise<boolean>
  delete(key: string): Promise<void>
  has(key: string): Promise<boolean>
  /**
   * The value of a key, computed when it is not there: once for all who ask at the same time, in all processes that share
   * the store. A flush or deletion while it is computed keeps the result from being stored.
   * @throws what `compute` throws, where no value within its grace is at hand.
   */
  remember<T>(key: string, options: RememberOptions, compute: () => T | Promise<T>): Promise<T>
  /** Removes every value that carries one of the tags, whatever the name of its cache. */
  flush(...tags: readonly string[]): Promise<void>
  /** Removes all values of this name. */
  clear(): Promise<void>
  /** Removes everything: values of all names, and cached answers. */
  clearAll(): Promise<void>
  /** A cache with keys of its own in the same store, counted by its name. */
  named(name: string): Cache
  /** What is in it: sums, and up to `limit` keys (default 100), the newest first where the store knows. */
  inspect(limit?: number): Promise<CacheContents>
}

export const Cache: Service<Cache> = service<Cache>('cache')
