import type { Database } from '../connection/database.ts'
import { toObjects } from '../connection/row-objects.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'
import { countParameters, readTokens } from './sql-tokens.ts'
import type { QueryPlan, TableAccess } from './plan.ts'
import type { TableUse } from './query-shape.ts'

/**
 * The plan of a query whose values nobody kept. SQLite plans without them; PostgreSQL makes the plan for all values; MySQL is
 * given values that stand in the columns. The query itself is not run.
 */
export function explainQuery(database: Database, text: string, uses: readonly TableUse[]): Promise<QueryPlan> {
  const count = countParameters(readTokens(text))
  if (database.dialect === 'sqlite') return explainOnSqlite(database, text, count)
  return database.dialect === 'postgres' ? explainOnPostgres(database, text, count) : explainOnMysql(database, text, uses, count)
}

async function explainOnSqlite(database: Database, text: string, count: number): Promise<QueryPlan> {
  const { rows } = await database.execute(
    `explain query plan ${text}`,
    Array.from({ length: count }, () => null),
    { writes: true },
  )
  const lines = rows.map((row) => String(row.at(-1)))
  const accesses = lines.flatMap((line): TableAccess[] => {
    const [, verb, alias] = /^(SCAN|SEARCH) (\S+)/.exec(line) ?? []
    if (verb === undefined || alias === undefined) return []
    const index = /USING (?:COVERING )?INDEX (\S+)/.exec(line)?.[1]
    // SQLite makes an index for one query where it misses one.
    const isScan = verb === 'SCAN' || /USING AUTOMATIC/.test(line)
    return [{ alias, kind: isScan && !/VIRTUAL TABLE/.test(line) ? 'scan' : 'index', index }]
  })
  return { lines, accesses, sorts: lines.some((line) => line.startsWith('USE TEMP B-TREE FOR ORDER BY')) }
}

interface PostgresNode {
  readonly 'Node Type': string
  readonly Alias?: string
  readonly 'Index Name'?: string
  readonly 'Plan Rows': number
  readonly Plans?: readonly PostgresNode[]
}

async function explainOnPostgres(database: Database, text: string, count: number): Promise<QueryPlan> {
  // A plan for all values takes a prepared statement; the transaction keeps what is set to itself.
  const name = 'glueful_explained'
  const values = count === 0 ? '' : `(${Array.from({ length: count }, () => 'null').join(', ')})`
  const rows = await database.transaction(
    async () => {
      await database.execute('set local plan_cache_mode = force_generic_plan', [])
      await database.execute(`prepare ${name} as ${text}`, [], { writes: true })
      const explained = await database.execute(`explain (format json) execute ${name} ${values}`, [], { writes: true })
      await database.execute(`deallocate ${name}`, [])
      return explained.rows
    },
    { retries: 0 },
  )
  const given = rows[0]?.[0]
  const [top] = (typeof given === 'string' ? JSON.parse(given) : given) as readonly { readonly Plan: PostgresNode }[]
  const nodes: { readonly node: PostgresNode; readonly depth: number }[] = []
  const visit = (node: PostgresNode, depth: number): void => {
    nodes.push({ node, depth })
    for (const child of node.Plans ?? []) visit(child, depth + 1)
  }
  if (top !== undefined) visit(top.Plan, 0)
  return {
    lines: nodes.map(({ node, depth }) => {
      const index = node['Index Name'] === undefined ? '' : ` using ${node['Index Name']}`
      return `${'  '.repeat(depth)}${node['Node Type']}${index}${node.Alias === undefined ? '' : ` on ${node.Alias}`} (${node['Plan Rows']} rows)`
    }),
    accesses: nodes.flatMap(({ node }): TableAccess[] =>
      node.Alias === undefined || !node['Node Type'].endsWith('Scan')
        ? []
        : [{ alias: node.Alias, kind: node['Node Type'] === 'Seq Scan' ? 'scan' : 'index', index: node['Index Name'] }],
    ),
    sorts: nodes.some(({ node }) => node['Node Type'].endsWith('Sort')),
  }
}

async function explainOnMysql(database: Database, text: string, uses: readonly TableUse[], count: number): Promise<QueryPlan> {
  const values: unknown[] = Array.from({ length: count }, () => 1)
  for (const { table, conditions } of uses) {
    for (const { column, parameters } of conditions.filter((condition) => condition.parameters.length > 0)) {
      const name = quoteIdentifier(column, 'mysql')
      const { rows } = await database.execute(`select ${name} from ${quoteIdentifier(table, 'mysql')} where ${name} is not null limit 1`, [])
      const sample = rows[0]?.[0]
      for (const at of parameters) values[at] = sample ?? values[at]
    }
  }
  // MySQL 9 gives a tree of text where no format is named.
  const rows = toObjects(await database.execute(`explain format=traditional ${text}`, values, { writes: true }))
  const cell = (row: Readonly<Record<string, unknown>>, name: string) => (row[name] === null || row[name] === undefined ? '' : String(row[name]))
  return {
    lines: rows.map((row) =>
      ['table', 'type', 'key', 'rows', 'Extra'].flatMap((name) => (cell(row, name) === '' ? [] : [`${name}: ${cell(row, name)}`])).join(', '),
    ),
    accesses: rows
      .filter((row) => cell(row, 'table') !== '')
      .map((row): TableAccess => ({
        alias: cell(row, 'table'),
        kind: /^(?:all|index)$/i.test(cell(row, 'type')) ? 'scan' : 'index',
        index: cell(row, 'key') || undefined,
      })),
    sorts: rows.some((row) => cell(row, 'Extra').includes('Using filesort')),
  }
}
