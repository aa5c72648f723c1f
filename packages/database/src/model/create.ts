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
