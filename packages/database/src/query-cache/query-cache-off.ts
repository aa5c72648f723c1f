import { fail } from '../errors.ts'
import type { QueryCache } from './query-cache.ts'

/** Where the application has not asked for a cache of queries: writes pay nothing, and a query that counts on it is told. */
export const queryCacheOff: QueryCache = {
  read: async ({ table }) => {
    throw fail('QUERY_CACHE_OFF', { table })
  },
  wrote: () => {},
  clear: () => {},
}
