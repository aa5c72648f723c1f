import type { ManagedDatabase } from '../connection/create-database.ts'
import type { Database } from '../connection/database.ts'
import { violation } from '../driver/database-error.ts'
import { fail } from '../errors.ts'
import { isRolledBackByOthers } from '../transaction/run-transaction.ts'
import type { ModelDefinition } from './definition.ts'
import type { DialectColumn, DialectModel } from './dialect-model.ts'
import { now } from './now.ts'
import { databaseOf } from './save-record.ts'

type Values = Readonly<Record<string, unknown>>

export interface UpsertOptions {
  /** The columns of a primary key or unique index that tell whether a row is there. */
  readonly by: readonly string[]
  /** The columns that are set where it is. Default: all of the given ones but those of `by`, and `updatedAt`. */
  readonly update?: readonly string[] | undefined
}

/** Rows for one statement: the same columns are given for each of them. */
interface Batch {
  readonly given: ReadonlySet<string>
  readonly rows: unknown[][]
}

/**
 * `insert … on conflict do update`: one statement for up to 500 rows for which the same columns are given; no events. A
 * row that is there keeps what is not given, and counts its version up. Gives the number of rows given.
 */
export async function upsert(definition: ModelDefinition, inputs: readonly Values[], options: UpsertOptions): Promise<number> {
  const { by } = options
  if (inputs.length === 0) return 0
  if (by.length === 0) throw fail('QUERY_WHERE_EMPTY', { model: definition.name })
  const database = databaseOf(definition)
  const model = definition.on(database.dialect)
  const keys = by.map((name) => model.column(definition.column(name).index))
  const statements = batchesOf(model, inputs, keys).flatMap(({ given, rows }) => {
    const set = columnsSet(definition, given, options)
    const width = model.columns.filter(({ facts, name }) => facts.generated !== 'increment' || given.has(name))
    const size = Math.min(500, Math.floor(30_000 / width.length))
    return partsOf(inOneOrder(model, eachOnce(rows, keys, set), keys, width), size).map((part) => ({ part, width, set }))
  })
  const work = async () => {
    for (const { part, width, set } of statements) {
      const name = `upsert${part.length}:${indexesOf(width)}:${indexesOf(keys)}:${set.join()}`
      const text = model.statement(name, () => upsertText(model, part.length, width, keys, set))
      await run(
        database,
        text,
        part.flatMap((row) => width.map(({ index }) => row[index])),
      )
    }
  }
  await (statements.length === 1 ? alone(database, work) : database.transaction(work))
  return inputs.length
}

/** A statement that needs no transaction is run again in one, which goes on trying, where others made the database give it up. */
async function alone(database: Database, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isRolledBackByOthers(error) || (database as ManagedDatabase).openTransaction() !== undefined) throw error
    await database.transaction(work)
  }
}

/**
 * Rows by the columns that are given for them, so that a default never replaces what a row has. Of rows that are the same
 * one the later is written later.
 */
function batchesOf(model: DialectModel, inputs: readonly Values[], keys: readonly DialectColumn[]): Batch[] {
  const moment = now()
  const batches: Batch[] = []
  const open = new Map<string, Batch>()
  const written = new Map<unknown, Batch>()
  for (const input of inputs) {
    const given = Object.keys(input).filter((name) => input[name] !== undefined)
    const shape = given.toSorted().join()
    const row = model.encodeNew(input, moment)
    const key = identity(row, keys)
    const before = written.get(key)
    if (before !== undefined && before !== open.get(shape)) {
      open.clear()
      written.clear()
    }
    let batch = open.get(shape)
    if (batch === undefined) {
      batch = { given: new Set(given), rows: [] }
      batches.push(batch)
      open.set(shape, batch)
    }
    batch.rows.push(row)
    written.set(key, batch)
  }
  return batches
}

/** Indexes of the columns that a row which is there takes over. */
function columnsSet(definition: ModelDefinition, given: ReadonlySet<string>, { by, update }: UpsertOptions): number[] {
  const { updatedAt, version } = definition
  const key = definition.hasKey ? definition.key.name : undefined
  const names = update ?? [...given].filter((name) => !by.includes(name) && name !== key)
  const set = new Set<number>()
  for (const name of names) {
    const { index } = definition.column(name)
    if (given.has(name) && index !== version?.index) set.add(index)
  }
  if (updatedAt !== undefined) set.add(updatedAt.index)
  return [...set]
}

/**
 * Rows that are the same one, as one row: the first, with what the later ones set. PostgreSQL refuses a statement that
 * inserts and updates a row, where the others do one after the other.
 */
function eachOnce(rows: readonly unknown[][], keys: readonly DialectColumn[], set: readonly number[]): unknown[][] {
  const byKey = new Map<unknown, unknown[]>()
  for (const row of rows) {
    const key = identity(row, keys)
    const first = byKey.get(key)
    if (first === undefined) byKey.set(key, row)
    else for (const index of set) first[index] = row[index]
  }
  return [...byKey.values()]
}

/**
 * Rows that others write at the same time are locked in the same order by all, so that nobody waits in a circle. Rows whose
 * keys the database counts up stay in the order in which they were given.
 */
function inOneOrder(model: DialectModel, rows: unknown[][], keys: readonly DialectColumn[], width: readonly DialectColumn[]): unknown[][] {
  if (rows.length === 1 || width.length < model.columns.length) return rows
  const named = rows.map((row) => [String(identity(row, keys)), row] as const)
  return named.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row)
}

/** Null is no other null's equal, and a key that the database makes is a new one. */
function identity(row: unknown[], keys: readonly DialectColumn[]): unknown {
  const values = keys.map(({ index }) => row[index])
  return values.some((value) => value === null || value === undefined) ? row : values.map((value) => `${typeof value}:${String(value)}`).join('\0')
}

function upsertText(model: DialectModel, count: number, width: readonly DialectColumn[], keys: readonly DialectColumn[], set: readonly number[]): string {
  let number = 0
  const values = Array.from({ length: count }, () => `(${width.map(() => (model.dialect === 'postgres' ? `$${++number}` : '?')).join(', ')})`).join(', ')
  const insert = `insert into ${model.table} (${width.map(({ quoted }) => quoted).join(', ')}) values ${values}`
  const { version } = model.definition
  const counted = version === undefined || set.length === 0 ? [] : [model.column(version.index)]
  if (model.dialect === 'mysql') {
    const sets = set.map((index) => model.column(index).quoted)
    const assigned = [sameRow(keys), ...sets.map((name) => `${name} = values(${name})`), ...counted.map(({ quoted }) => `${quoted} = ${quoted} + 1`)]
    return `${insert} on duplicate key update ${assigned.join(', ')}`
  }
  const sets = set.map((index) => model.column(index).quoted).map((name) => `${name} = excluded.${name}`)
  sets.push(...counted.map(({ quoted, qualified }) => `${quoted} = ${qualified} + 1`))
  return `${insert} on conflict (${keys.map(({ quoted }) => quoted).join(', ')}) do ${sets.length === 0 ? 'nothing' : `update set ${sets.join(', ')}`}`
}

/**
 * MySQL updates whichever row a unique index finds, also one that has other values in the columns of `by`. That one is
 * another record: a subquery of two rows stops the statement.
 */
function sameRow(keys: readonly DialectColumn[]): string {
  const same = keys.map(({ quoted }) => `${quoted} <=> values(${quoted})`).join(' and ')
  const name = keys[0]?.quoted
  return `${name} = if(${same}, ${name}, (select 1 union all select 2))`
}

const subqueryOfSeveralRows = 1242

async function run(database: Database, text: string, params: readonly unknown[]): Promise<void> {
  try {
    await database.execute(text, params)
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly errno?: unknown } }
    throw cause?.errno === subqueryOfSeveralRows ? violation('UNIQUE_VIOLATION', cause, {}) : error
  }
}

function indexesOf(columns: readonly DialectColumn[]): string {
  return columns.map(({ index }) => index).join()
}

function partsOf<T>(rows: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, part) => rows.slice(part * size, (part + 1) * size))
}
