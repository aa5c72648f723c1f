import { fail } from '../errors.ts'
import { insertRow, insertRows, madeKey, mostInserted } from './insert.ts'
import { now } from './now.ts'
import { RecordSet } from './record-set.ts'
import type { ModelRecord } from './record-state.ts'
import type { ModelDefinition } from './definition.ts'
import { databaseOf, ownSet, saveRecord, type SaveOptions } from './save-record.ts'

type Values = Readonly<Record<string, unknown>>

export async function createRecord(definition: ModelDefinition, input: Values, options: SaveOptions = {}): Promise<ModelRecord> {
  if (definition.observers.length > 0 && options.quiet !== true) {
    const record = new definition.model(input as never) as ModelRecord
    await saveRecord(definition, record, options)
    return record
  }
  const database = databaseOf(definition)
  const model = definition.on(database.dialect)
  const row = model.encodeNew(input, now())
  const inserted = insertRow(model, database, row)
  if (inserted !== undefined) await inserted
  const set = ownSet(definition, database)
  const record = set.shape.hydrate(row, set)
  set.records = [record]
  return record
}

/** Inserts many with few statements. Either all of them are there afterwards, or none. */
export async function createMany(definition: ModelDefinition, inputs: readonly Values[], options: SaveOptions = {}): Promise<ModelRecord[]> {
  if (inputs.length === 0) return []
  const database = databaseOf(definition)
  const model = definition.on(database.dialect)
  const observed = definition.observers.length > 0 && options.quiet !== true
  const moment = now()
  if (observed)
    return database.transaction(async () => {
      const records: ModelRecord[] = []
      for (const input of inputs) records.push(await createRecord(definition, input, options))
      return records
    })
  const rows = inputs.map((input) => model.encodeNew(input, moment))
  const made = madeKey(model)
  const mixed = made !== undefined && new Set(rows.map((row) => row[made] === undefined)).size > 1
  // One statement is all or nothing by itself.
  await (rows.length <= mostInserted(model) && !mixed ? insertRows(model, database, rows) : database.transaction(() => insertRows(model, database, rows)))
  const set = new RecordSet(model.fullShape, database, definition.model.options.strict ?? false)
  const records = model.fullShape.hydrateAll(rows, set)
  set.records = records
  return records
}

export async function firstOrCreate(definition: ModelDefinition, match: Values, values: Values = {}): Promise<ModelRecord> {
  const found = await definition.query().where(match).first()
  if (found !== undefined) return found
  try {
    // Within a transaction a savepoint of its own: another may have been quicker.
    return await databaseOf(definition).transaction(() => createRecord(definition, { ...values, ...match }))
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'UNIQUE_VIOLATION') throw error
    // A lock reads what is committed now, on the primary: a transaction of MySQL would go on seeing what was there when it began.
    const now = await definition.query().where(match).forShare().first()
    if (now === undefined) throw error
    return now
  }
}

export async function updateOrCreate(definition: ModelDefinition, match: Values, values: Values): Promise<ModelRecord> {
  const record = await firstOrCreate(definition, match, values)
  for (const [name, value] of Object.entries(values)) {
    definition.column(name)
    if (value !== undefined) record[name] = value
  }
  await saveRecord(definition, record)
  return record
}

export interface UpsertOptions {
  /** The columns of a primary key or unique index that tell whether a row is there. */
  readonly by: readonly string[]
  /** The columns that are set where it is. Default: all of the given ones but those of `by`, and `updatedAt`. */
  readonly update?: readonly string[] | undefined
}

/** `insert … on conflict do update`: one statement for up to 500 rows; no events. Gives the number of rows given. */
export async function upsert(definition: ModelDefinition, inputs: readonly Values[], { by, update }: UpsertOptions): Promise<number> {
  if (inputs.length === 0) return 0
  if (by.length === 0) throw fail('QUERY_WHERE_EMPTY', { model: definition.name })
  const database = databaseOf(definition)
  const model = definition.on(database.dialect)
  const moment = now()
  const given = new Set(inputs.flatMap((input) => Object.keys(input)))
  const keys = by.map((name) => model.column(definition.column(name).index))
  const names = update ?? [...given].filter((name) => !by.includes(name) && name !== (definition.hasKey ? definition.key.name : undefined))
  const set = new Set(names.map((name) => definition.column(name).index))
  if (definition.updatedAt !== undefined) set.add(definition.updatedAt.index)
  const rows = eachOnce(
    inputs.map((input) => model.encodeNew(input, moment)),
    keys.map(({ index }) => index),
    set,
  )
  const width = model.columns.filter(({ facts, name }) => facts.generated !== 'increment' || given.has(name))
  const size = Math.min(500, Math.floor(30_000 / width.length))
  const work = async () => {
    for (let start = 0; start < rows.length; start += size) {
      const part = rows.slice(start, start + size)
      await database.execute(
        model.statement(`upsert${part.length}:${width.map(({ index }) => index).join()}:${keys.map(({ index }) => index).join()}:${[...set].join()}`, () => {
          let number = 0
          const values = part.map(() => `(${width.map(() => (model.dialect === 'postgres' ? `$${++number}` : '?')).join(', ')})`).join(', ')
          const insert = `insert into ${model.table} (${width.map(({ quoted }) => quoted).join(', ')}) values ${values}`
          const sets = [...set].map((index) => model.column(index).quoted)
          if (model.dialect === 'mysql')
            return `${insert} on duplicate key update ${sets.length === 0 ? `${keys[0]?.quoted} = ${keys[0]?.quoted}` : sets.map((name) => `${name} = values(${name})`).join(', ')}`
          const conflict = `${insert} on conflict (${keys.map(({ quoted }) => quoted).join(', ')})`
          return sets.length === 0 ? `${conflict} do nothing` : `${conflict} do update set ${sets.map((name) => `${name} = excluded.${name}`).join(', ')}`
        }),
        part.flatMap((row) => width.map(({ index }) => row[index])),
      )
    }
  }
  await (rows.length <= size ? work() : database.transaction(work))
  return inputs.length
}

/**
 * Rows that are the same one, as one row: the first, with what the later ones set. PostgreSQL refuses a statement that
 * inserts and updates a row, where the others do one after the other.
 */
function eachOnce(rows: readonly unknown[][], keys: readonly number[], set: ReadonlySet<number>): unknown[][] {
  const byKey = new Map<unknown, unknown[]>()
  for (const row of rows) {
    const values = keys.map((index) => row[index])
    // Null is no other null's equal, and a key that the database makes is a new one.
    const key = values.some((value) => value === null || value === undefined) ? row : values.map((value) => `${typeof value}:${String(value)}`).join('\0')
    const first = byKey.get(key)
    if (first === undefined) byKey.set(key, row)
    else for (const index of set) first[index] = row[index]
  }
  return [...byKey.values()]
}
