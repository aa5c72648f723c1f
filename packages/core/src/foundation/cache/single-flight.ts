import { randomUUID } from 'node:crypto'
import { sleep } from '../concurrency/sleep.ts'
import type { CacheEntry, CacheStore } from './cache-store.ts'

export interface Computed<T> {
  readonly value: T
  /** What to store; undefined where the value is not to be stored, and so not to be given to others either. */
  readonly entry: CacheEntry | undefined
  /** What is stored beside it, under the same conditions. */
  readonly others?: readonly { readonly key: string; readonly entry: CacheEntry }[]
}

export type Filled<T> =
  | { readonly from: 'store'; readonly entry: CacheEntry }
  | { readonly from: 'elsewhere' }
  | { readonly from: 'work'; readonly value: T; readonly stored: boolean; readonly sharable: boolean; readonly leader: boolean }

export interface FillOptions {
  /** How long one worker may have a key for itself, in ms; then another may begin. */
  readonly leaseMs: number
  /** How long to wait for another process that fills the key, in ms, before doing the work here as well. */
  readonly waitMs: number
  /** Renewing ahead of need: where another process does so already, there is nothing to do. */
  readonly background?: boolean
  /** What found in the store makes the work unnecessary. */
  readonly accept: (entry: CacheEntry) => boolean
  /** Told what goes wrong with the store; the work goes on without it. */
  readonly onStoreError: (error: unknown) => void
}

export interface SingleFlight {
  /**
   * Does the work for a key once for all who ask meanwhile, here and in other processes, and stores what comes of it.
   * @throws what `work` throws, to everybody in this process who waits for it.
   */
  fill<T>(key: string, tags: readonly string[], work: () => Promise<Computed<T>>, options: FillOptions): Promise<Filled<T>>
  /** Forgets work that is under way: it is not stored, and who asks from now on begins anew. */
  forget(key: string): void
  isFilling(key: string): boolean
}

const firstPause = 10
const longestPause = 250

/** The protection against stampedes: one piece of work a key. */
export function createSingleFlight(store: CacheStore): SingleFlight {
  const inFlight = new Map<string, { promise: Promise<Filled<unknown>>; forgotten: boolean }>()

  function fill<T>(key: string, tags: readonly string[], work: () => Promise<Computed<T>>, options: FillOptions): Promise<Filled<T>> {
    const there = inFlight.get(key) as { promise: Promise<Filled<T>> } | undefined
    if (there !== undefined) return there.promise.then((filled) => (filled.from === 'work' ? { ...filled, leader: false } : filled))
    const flight = { promise: undefined as unknown as Promise<Filled<T>>, forgotten: false }
    inFlight.set(key, flight)
    flight.promise = lead(key, tags, work, options, flight).finally(() => {
      if (inFlight.get(key) === flight) inFlight.delete(key)
    })
    return flight.promise
  }

  async function lead<T>(
    key: string,
    tags: readonly string[],
    work: () => Promise<Computed<T>>,
    options: FillOptions,
    flight: { readonly forgotten: boolean },
  ): Promise<Filled<T>> {
    const token = randomUUID()
    const found = await guarded(() => obtain(key, token, options), options, 'lost' as const)
    if (typeof found === 'object') return { from: 'store', entry: found }
    if (found === 'taken') return { from: 'elsewhere' }
    const lease = found === 'leased' ? token : undefined
    try {
      const mark = await guarded(async () => store.mark(tags), options, undefined)
      const { value, entry, others = [] } = await work()
      if (entry === undefined || flight.forgotten || mark === undefined)
        return { from: 'work', value, stored: false, sharable: entry !== undefined, leader: true }
      const guard = lease === undefined ? { mark } : { mark, lease }
      for (const other of others) await guarded(async () => store.set(other.key, other.entry, { mark }), options, false)
      const stored = await guarded(async () => store.set(key, entry, guard), options, false)
      return { from: 'work', value, stored, sharable: true, leader: true }
    } finally {
      if (lease !== undefined) await guarded(async () => store.release(key, lease), options, undefined)
    }
  }

  /** The lease, what somebody else has stored meanwhile, or neither when the wait was in vain. */
  async function obtain(key: string, token: string, options: FillOptions): Promise<'leased' | 'lost' | 'taken' | CacheEntry> {
    const { leaseMs, waitMs, accept, background = false } = options
    const deadline = performance.now() + waitMs
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      if (await store.acquire(key, token, leaseMs)) {
        // Somebody may have finished between our look and our lease.
        const entry = await store.get(key)
        if (entry === undefined || !accept(entry)) return 'leased'
        await store.release(key, token)
        return entry
      }
      if (background) return 'taken'
      const left = deadline - performance.now()
      if (left <= 0) return 'lost'
      await sleep(Math.min(pause, left))
      const entry = await store.get(key)
      if (entry !== undefined && accept(entry)) return entry
    }
  }

  async function guarded<R>(action: () => Promise<R>, { onStoreError }: FillOptions, otherwise: R): Promise<R> {
    try {
      return await action()
    } catch (error) {
      onStoreError(error)
      return otherwise
    }
  }

  return {
    fill,
    forget: (key) => {
      const flight = inFlight.get(key)
      if (flight === undefined) return
      flight.forgotten = true
      inFlight.delete(key)
    },
    isFilling: (key) => inFlight.has(key),
  }
}
