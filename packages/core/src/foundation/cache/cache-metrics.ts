import type { Counter, Metrics } from '../metrics/metrics.ts'

/** What a cache of some name counts. */
export interface CacheCounts {
  readonly hits: Counter
  readonly misses: Counter
  /** Answers given from a value that was past its time. */
  readonly stale: Counter
  readonly errors: Counter
}

const familiesOf = new WeakMap<Metrics, (name: string) => CacheCounts>()

/**
 * Counters by the cache's name: `glueful_cache_hits_total`, `glueful_cache_misses_total`, `glueful_cache_stale_total`,
 * and `glueful_cache_errors_total` for failures of the store.
 */
export function cacheCounts(metrics: Metrics, name: string): CacheCounts {
  let bind = familiesOf.get(metrics)
  if (bind === undefined) {
    const labels = ['cache']
    const hits = metrics.counter({ name: 'glueful_cache_hits_total', help: 'Values found fresh in a cache.', labels })
    const misses = metrics.counter({ name: 'glueful_cache_misses_total', help: 'Values not found in a cache, or no longer usable.', labels })
    const stale = metrics.counter({ name: 'glueful_cache_stale_total', help: 'Values served from a cache past their time.', labels })
    const errors = metrics.counter({ name: 'glueful_cache_errors_total', help: 'Failures of the store behind a cache.', labels })
    bind = (cache) => ({ hits: hits.with(cache), misses: misses.with(cache), stale: stale.with(cache), errors: errors.with(cache) })
    familiesOf.set(metrics, bind)
  }
  return bind(name)
}
