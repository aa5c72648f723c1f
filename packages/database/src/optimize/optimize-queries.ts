import type { ManagedDatabase } from '../connection/create-database.ts'
import { toObjects } from '../connection/row-objects.ts'
import type { LiveTable } from '../schema/introspect/live-table.ts'
import { readLiveSchema } from '../schema/introspect/read-schema.ts'
import { describeIndex } from '../schema/describe-table.ts'
import { renderCreateIndex } from '../schema/render-table.ts'
import { explainQuery } from './explain-query.ts'
import type { QueryPlan } from './plan.ts'
import { readQueryShape } from './query-shape.ts'
import { sampleTable } from './sample-table.ts'
import type { KeptSlowQuery } from './slow-query-table.ts'
import { suggestIndex, type TableFinding } from './suggest-index.ts'

/** A slow query with its plan and what is to be said of it. */
export interface ExplainedQuery extends KeptSlowQuery {
  /** Undefined where the database gave none; `problem` says why. */
  readonly plan: QueryPlan | undefined
  readonly problem: string | undefined
  readonly findings: readonly TableFinding[]
}

/** An index to be made. */
export interface IndexSuggestion {
  readonly database: string
  readonly table: string
  readonly columns: readonly string[]
  readonly reason: string
  /** The call of a migration, and the statement. */
  readonly migration: string
  readonly sql: string
  readonly replaces: readonly string[]
  /** Slow queries that it would help, and the time that they have taken in all, in ms. */
  readonly queries: number
  readonly totalMs: number
}

/** Explains slow queries on the database that they were asked of. */
export async function explainSlowQueries(database: ManagedDatabase, queries: readonly KeptSlowQuery[]): Promise<readonly ExplainedQuery[]> {
  const live = await readLiveSchema(database.dialect, async (text, params = []) => toObjects(await database.execute(text, params, { writes: true })))
  const explained: ExplainedQuery[] = []
  for (const query of queries) explained.push(await explainOne(database, live, query))
  return explained
}

async function explainOne(database: ManagedDatabase, live: readonly LiveTable[], query: KeptSlowQuery): Promise<ExplainedQuery> {
  const tableOf = (name: string) => live.find((table) => table.name === name) ?? live.find((table) => table.name.toLowerCase() === name.toLowerCase())
  const uses = readQueryShape(query.text, (table, column) => tableOf(table)?.columns.some(({ name }) => name === column) === true).filter(
    ({ table }) => tableOf(table) !== undefined,
  )
  let plan: QueryPlan
  try {
    plan = await explainQuery(database, query.text, uses)
  } catch (error) {
    return { ...query, plan: undefined, problem: error instanceof Error ? error.message : String(error), findings: [] }
  }
  const findings: TableFinding[] = []
  for (const use of uses) {
    const table = tableOf(use.table) as LiveTable
    const columns = [...new Set(use.conditions.map(({ column }) => column))].filter((column) => table.columns.some(({ name }) => name === column))
    const sample = await sampleTable(database, table.name, columns)
    const finding = suggestIndex({ dialect: database.dialect, use, live: table, sample, plan })
    if (finding !== undefined) findings.push(finding)
  }
  return { ...query, plan, problem: undefined, findings }
}

/** Each index once, without those that another one begins with; what saves most comes first. */
export function suggestionsOf(explained: readonly ExplainedQuery[], dialectOf: (database: string) => ManagedDatabase['dialect']): readonly IndexSuggestion[] {
  const found = new Map<string, IndexSuggestion>()
  for (const { database, totalMs, findings } of explained) {
    for (const { table, columns, reason, replaces } of findings) {
      if (columns === undefined) continue
      const key = JSON.stringify([database, table, columns])
      const known = found.get(key)
      if (known !== undefined) {
        found.set(key, { ...known, queries: known.queries + 1, totalMs: known.totalMs + totalMs })
        continue
      }
      const dialect = dialectOf(database)
      const concurrently = dialect === 'postgres'
      const list = columns.map((column) => `'${column.replaceAll(/['\\]/g, '\\$&')}'`).join(', ')
      found.set(key, {
        database,
        table,
        columns,
        reason,
        migration: `schema.createIndex('${table.replaceAll(/['\\]/g, '\\$&')}', [${list}]${concurrently ? ', { concurrently: true }' : ''})`,
        sql: renderCreateIndex(dialect, table, describeIndex(table, columns), { concurrently, ifNotExists: false }),
        replaces,
        queries: 1,
        totalMs,
      })
    }
  }
  const all = [...found.values()]
  const covered = (one: IndexSuggestion) =>
    all.some(
      (other) =>
        other !== one &&
        other.database === one.database &&
        other.table === one.table &&
        other.columns.length > one.columns.length &&
        one.columns.every((column, at) => other.columns[at] === column),
    )
  return all.filter((one) => !covered(one)).sort((a, b) => b.totalMs - a.totalMs)
}
