import type { Awaitable } from 'glueful'
import type { ManagedDatabase } from '../connection/create-database.ts'
import type { Rows } from '../driver/driver.ts'
import { fail } from '../errors.ts'
import { currentSurroundings } from '../model/surroundings.ts'
import type { ModelQuery } from './model-query.ts'
import type { QueryState } from './query-state.ts'
import { tablesRead } from './tables-read.ts'

/**
 * Rows of a statement of a query: from the cache where the query says so and nothing is against it. Inside a transaction
 * the database is asked, which alone knows what the transaction sees.
 */
export function readRows(query: ModelQuery, state: QueryState, text: string, params: readonly unknown[]): Awaitable<Rows> {
  const { database, caching } = query
  if (caching === undefined) return database.execute(text, params)
  const cache = currentSurroundings().queryCache
  if (cache === undefined || (database as ManagedDatabase).openTransaction() !== undefined) return database.execute(text, params)
  return cache.read({
    database: database.name,
    text,
    params,
    options: caching,
    table: state.definition.table,
    tables: tablesRead(state),
    hidden: showsHidden(state),
    run: () => database.execute(text, params, { fresh: true }),
  })
}

function showsHidden({ definition, columns, through }: QueryState): boolean {
  if (through?.hidden === true) return true
  return (columns ?? definition.columns.map(({ index }) => index)).some((index) => definition.columns[index]?.facts.hidden === true)
}

/** @throws `QUERY_SHAPE_UNSUPPORTED` */
export function refuseCaching({ definition, caching }: ModelQuery, what: string): void {
  if (caching !== undefined) throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what: 'cache', with: what })
}
