import type { Database, Sql } from '@glueful/database'

/** A database that does as `db` does, and the queries that it was asked. */
export function recordQueries(db: Database): { readonly db: Database; readonly queries: Sql[] } {
  const queries: Sql[] = []
  const noting =
    <T>(ask: (query: Sql) => T) =>
    (query: Sql) => {
      queries.push(query)
      return ask(query)
    }
  return { queries, db: { ...db, all: noting(db.all), first: noting(db.first), run: noting(db.run) } as Database }
}
