/** How a database gets at one table of a query. */
export interface TableAccess {
  /** The name by which the query calls the table. */
  readonly alias: string
  /** `scan`: all its rows are read, or all entries of the index. */
  readonly kind: 'scan' | 'index'
  readonly index: string | undefined
}

/** What a database says it would do. */
export interface QueryPlan {
  /** A line for each step, in the words of the database. */
  readonly lines: readonly string[]
  readonly accesses: readonly TableAccess[]
  /** Whether rows are sorted after they were read. */
  readonly sorts: boolean
}
