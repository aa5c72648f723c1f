import { ModelNotFound, type Awaitable } from 'glueful'
import type { Database } from '../connection/database.ts'
import type { Rows } from '../driver/driver.ts'
import { RecordSet } from './record-set.ts'
import type { ModelDefinition } from './definition.ts'
import type { DialectModel } from './dialect-model.ts'
import type { ModelRecord } from './record-state.ts'
import { databaseOf } from './save-record.ts'

/** The shortest way to one record: one text, one value. */
export async function findByKey(definition: ModelDefinition, key: unknown): Promise<ModelRecord | undefined> {
  const found = lookUp(definition, key)
  return found instanceof Promise ? await found : found
}

export async function findByKeyOrFail(definition: ModelDefinition, key: unknown): Promise<ModelRecord> {
  const found = lookUp(definition, key)
  const record = found instanceof Promise ? await found : found
  if (record === undefined) throw new ModelNotFound(definition.name, String(key).slice(0, 100))
  return record
}

function lookUp(definition: ModelDefinition, key: unknown): Awaitable<ModelRecord | undefined> {
  if (definition.model.options.globalScopes !== undefined) return definition.query().find(key)
  const database = databaseOf(definition)
  const model = definition.on(database.dialect)
  const { cast } = model.column(definition.key.index)
  let bound: unknown
  try {
    bound = cast.encode(key)
  } catch {
    // What cannot be a key belongs to no record.
    return undefined
  }
  const result = database.execute(
    model.statement('find', () => findText(model)),
    [bound],
  )
  return result instanceof Promise ? result.then((late) => recordIn(late, model, database)) : recordIn(result, model, database)
}

function recordIn({ rows }: Rows, model: DialectModel, database: Database): ModelRecord | undefined {
  const [row] = rows
  if (row === undefined) return undefined
  const set = new RecordSet(model.fullShape, database, model.definition.model.options.strict ?? false)
  const record = model.fullShape.hydrate(row, set)
  set.records = [record]
  return record
}

function findText(model: DialectModel): string {
  const { key, deletedAt } = model.definition
  const alive = deletedAt === undefined ? '' : ` and ${model.column(deletedAt.index).qualified} is null`
  return `select ${model.selectList}${model.from} where ${model.column(key.index).qualified} = ${model.dialect === 'postgres' ? '$1' : '?'}${alive}`
}
