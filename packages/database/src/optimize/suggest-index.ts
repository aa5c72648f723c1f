import type { LiveTable } from '../schema/introspect/live-table.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { QueryPlan, TableAccess } from './plan.ts'
import type { TableUse } from './query-shape.ts'
import type { TableSample } from './sample-table.ts'

/** What is wrong with the way to one table, and the index that helps, where one does. */
export interface TableFinding {
  readonly table: string
  readonly problem: string
  readonly columns: readonly string[] | undefined
  /** Why this index, or why none. */
  readonly reason: string
  /** Rows that are read now and, as an estimate, with the index. */
  readonly readsNow: number
  readonly readsThen: number | undefined
  /** Indexes that the new one makes pointless. */
  readonly replaces: readonly string[]
}

/** Smaller tables are read as quickly without. */
const fewestRows = 1_000
const mostEqual = 3
/** An index that leads to more of the rows is slower than reading all of them. */
const largestShare = 0.2
/** What one bound of a range is taken to leave, as PostgreSQL does. */
const rangeShare = 1 / 3

interface Facts {
  readonly dialect: Dialect
  readonly use: TableUse
  readonly live: LiveTable
  readonly sample: TableSample
  readonly plan: QueryPlan
}

/** What is to be said of one table of a slow query; nothing where its way is good, or it is small. */
export function suggestIndex({ dialect, use, live, sample, plan }: Facts): TableFinding | undefined {
  const access = plan.accesses.find(({ alias }) => alias.toLowerCase() === use.alias.toLowerCase())
  const { rows } = sample
  if (access === undefined || rows < fewestRows) return undefined
  // Any few rows are wanted, and the first that come will do.
  const undemanding = use.limited && use.conditions.length === 0 && use.hindrances.length === 0 && (use.order ?? []).length === 0
  if (undemanding && !plan.sorts && plan.accesses.length === 1) return undefined
  const indexable = (column: string) => isIndexable(dialect, live, column)
  const byValue = use.conditions.filter(({ kind }) => kind === 'equal' || kind === 'null')
  // Where a value is asked for, the others are looked up from this table; where none is, this one is looked up from them.
  const looked = byValue.length > 0 ? byValue : use.conditions.filter(({ kind }) => kind === 'joined')
  const equal = [...new Set(looked.filter(({ column }) => indexable(column) && shareOf(use, sample, column) <= 0.5).map(({ column }) => column))]
    .sort((a, b) => shareOf(use, sample, a) - shareOf(use, sample, b))
    .slice(0, mostEqual)
  const ranges = [...new Set(use.conditions.filter(({ kind, column }) => kind === 'range' && indexable(column)).map(({ column }) => column))]
  const order = use.limited && use.order?.every(indexable) === true ? use.order.filter((column) => !equal.includes(column)) : []
  const equalShare = equal.reduce((product, column) => product * shareOf(use, sample, column), 1)
  const matching = rows * equalShare
  const walks = walksIndex(live, access, [...equal, ...ranges])
  const searches = access.kind === 'index' && !walks
  // Where many rows match, reading in order finds enough of them soon.
  if (walks && use.limited && equalShare > largestShare && ranges.length === 0) return undefined
  const helpsOrder = order.length > 0 && (plan.sorts || !searches)
  if (searches && !(helpsOrder && matching >= fewestRows)) return undefined
  const tail = helpsOrder && (equal.length > 0 || ranges.length === 0 || ranges[0] === order[0]) ? order.slice(0, 2) : ranges.slice(0, 1)
  const columns = [...equal, ...tail]
  const problem = searches
    ? `${rowsText(Math.round(matching))} of ${live.name} are read and sorted for the first of them`
    : walks && use.limited
      ? `the index ${access.index} of ${live.name} is read in order, past rows that do not match`
      : `all ${rowsText(rows)} of ${live.name} are read`
  const none = (reason: string): TableFinding => ({ table: live.name, problem, columns: undefined, reason, readsNow: rows, readsThen: undefined, replaces: [] })
  const texts = use.conditions.filter(({ column }) => !indexable(column)).map(({ column }) => `${column} is of a type that has no ordinary index`)
  if (columns.length === 0)
    return none([...use.hindrances, ...texts, ...unselective(use, sample)][0] ?? 'it asks for all of them: ask for a part, page by page')
  const serving = servingIndex(live, columns, equal.length)
  if (serving !== undefined)
    return none(`the index ${serving} is there, and the database does not take it: its statistics may be old (analyze), or most rows match`)
  const share = equalShare * (helpsOrder || equal.length > 0 || ranges.length === 0 ? 1 : rangeShare)
  if (!helpsOrder && equal.length > 0 && share > largestShare) return none(`too many rows match ${equal.join(' and ')} for an index to be quicker`)
  return {
    table: live.name,
    problem,
    columns,
    reason: reasonFor(live, use, equal, tail, helpsOrder),
    readsNow: searches ? Math.round(matching) : rows,
    readsThen: helpsOrder && tail.length > 0 ? Math.min(Math.ceil(matching), 100) : Math.max(1, Math.round(rows * share)),
    replaces: live.indexes
      .filter(
        (index) => !index.unique && !index.partial && index.columns.length < columns.length && index.columns.every((column, at) => column === columns[at]),
      )
      .map(({ name }) => name),
  }
}

/** Whether an index is only read in its order: its first column is none of those that are asked for. */
function walksIndex(live: LiveTable, { index }: TableAccess, asked: readonly string[]): boolean {
  const first = index === undefined ? undefined : live.indexes.find(({ name }) => name === index)?.columns[0]
  return first !== undefined && !asked.includes(first)
}

function shareOf(use: TableUse, sample: TableSample, column: string): number {
  const share = sample.share(column)
  return use.conditions.some((condition) => condition.column === column && condition.kind === 'null') ? share.null : share.equal
}

function unselective(use: TableUse, sample: TableSample): string[] {
  const columns = use.conditions.filter(({ kind, column }) => kind !== 'range' && shareOf(use, sample, column) > 0.5).map(({ column }) => column)
  return columns.length === 0 ? [] : [`most rows have the same ${[...new Set(columns)].join(' and ')}, which no index helps to find`]
}

/** MySQL indexes long texts only in part; JSON, bytes and words have indexes of their own kind. */
function isIndexable(dialect: Dialect, live: LiveTable, column: string): boolean {
  const type = live.columns.find(({ name }) => name === column)?.type
  if (type === undefined) return false
  return !(dialect === 'mysql' ? /text|blob|json/ : /json|bytea|blob|tsvector/).test(type)
}

/** An index that has these columns first, those of equal values in any order. */
function servingIndex(live: LiveTable, columns: readonly string[], equal: number): string | undefined {
  const indexes = [...live.indexes.filter(({ partial }) => !partial), { name: 'of the primary key', columns: live.primary }]
  const same = (found: readonly string[]) =>
    new Set([...found.slice(0, equal), ...columns.slice(0, equal)]).size === equal && columns.slice(equal).every((column, at) => found[equal + at] === column)
  return indexes.find((index) => index.columns.length >= columns.length && same(index.columns))?.name
}

function reasonFor(live: LiveTable, use: TableUse, equal: readonly string[], tail: readonly string[], helpsOrder: boolean): string {
  const asked = [
    ...(equal.length === 0 ? [] : [`looks for values of ${equal.join(' and ')}`]),
    ...(tail.length === 0 ? [] : [helpsOrder ? `wants the first by ${tail.join(' and ')}` : `looks for a range of ${tail.join(' and ')}`]),
  ].join(' and ')
  const [first] = [...equal, ...tail]
  const hidden = live.indexes.find(({ columns }) => columns.indexOf(first as string) > 0 && !use.conditions.some(({ column }) => column === columns[0]))
  return hidden === undefined
    ? `it ${asked}, and no index begins so`
    : `it ${asked}, and the index ${hidden.name} begins with ${hidden.columns[0]}, which it does not ask for`
}

const rowsText = (count: number) => `${count.toLocaleString('en')} rows`
