import { ModelNotFound } from 'glueful'
import type { Database } from '../connection/database.ts'
import { currentDatabase } from '../connection/databases.ts'
import { fail } from '../errors.ts'
import { changedColumns } from './changed-columns.ts'
import type { ModelColumn, ModelDefinition } from './definition.ts'
import type { DialectColumn, DialectModel } from './dialect-model.ts'
import { fireEvent } from './fire-event.ts'
import { insertRow } from './insert.ts'
import { now } from './now.ts'
import { RecordSet } from './record-set.ts'
import { CAST, GONE, RAW, SET, type ModelRecord } from './record-state.ts'
import { undoDeleteOnRollback, undoOnRollback } from './undo-on-rollback.ts'
import { adoptRow, inputOf } from './record-values.ts'

export interface SaveOptions {
  /** No events. Default: false. */
  readonly quiet?: boolean | undefined
}

/** The database of a model here. */
export function databaseOf(definition: ModelDefinition): Database {
  return currentDatabase(definition.model.options.connection)
}

/** A set for a record that no query gave. */
export function ownSet(definition: ModelDefinition, database: Database): RecordSet {
  return new RecordSet(definition.on(database.dialect).fullShape, database, definition.model.options.strict ?? false)
}

/** Inserts a record that is new, and updates one that is not where something changed. */
export async function saveRecord(definition: ModelDefinition, record: ModelRecord, { quiet = false }: SaveOptions = {}): Promise<void> {
  if (record[GONE] === true) throw new ModelNotFound(definition.name, String(definition.hasKey ? record[definition.key.name] : ''))
  if (!quiet && definition.observers.length > 0) return saveObserved(definition, record)
  if (record[RAW] === undefined) return insertRecord(definition, record)
  const changed = changedColumns(record)
  return changed.length === 0 ? undefined : updateRecord(definition, record, changed)
}

async function saveObserved(definition: ModelDefinition, record: ModelRecord): Promise<void> {
  await fireEvent(definition, 'saving', record)
  if (record[RAW] === undefined) {
    await fireEvent(definition, 'creating', record)
    await insertRecord(definition, record)
    await fireEvent(definition, 'created', record)
  } else if (changedColumns(record).length > 0) {
    await fireEvent(definition, 'updating', record)
    // Listeners may have changed more.
    await updateRecord(definition, record, changedColumns(record))
    await fireEvent(definition, 'updated', record)
  }
  await fireEvent(definition, 'saved', record)
}

async function insertRecord(definition: ModelDefinition, record: ModelRecord): Promise<void> {
  const database = databaseOf(definition)
  const model = definition.on(database.dialect)
  const row = model.encodeNew(inputOf(definition, record), now())
  const inserted = insertRow(model, database, row)
  if (inserted !== undefined) await inserted
  record[SET] = ownSet(definition, database)
  record[SET].records = [record]
  adoptRow(record, row)
  undoOnRollback(record, undefined, model.columns)
}

/** Writes columns of a record under its key and, where the model has one, its version. */
export async function updateRecord(definition: ModelDefinition, record: ModelRecord, columns: readonly DialectColumn[]): Promise<void> {
  const { database = databaseOf(definition), shape } = record[SET]
  const { model } = shape
  const raw = record[RAW] as unknown[]
  const { version, updatedAt, key } = definition
  const written: DialectColumn[] = []
  const values: unknown[] = []
  const add = (column: DialectColumn, value: unknown) => {
    written.push(column)
    values.push(value)
  }
  let kept = updatedAt === undefined
  for (const column of columns) {
    if (column.index === version?.index) continue
    if (column.index === updatedAt?.index) kept = true
    add(column, column.cast.encode(record[column.name]))
  }
  if (!kept && updatedAt !== undefined) add(model.column(updatedAt.index), model.column(updatedAt.index).cast.encode(now()))
  const versionPosition = version === undefined ? -1 : (shape.positions[version.index] as number)
  if (version !== undefined && versionPosition !== -1) add(model.column(version.index), Number(raw[versionPosition]) + 1)
  const params = [...values, rawKey(definition, record)]
  if (versionPosition !== -1) params.push(raw[versionPosition])
  const result = database.execute(updateText(model, written, key.index, versionPosition === -1 ? undefined : version?.index), params)
  const { rowCount } = result instanceof Promise ? await result : result
  if (rowCount === 0) throw await missing(definition, record)
  const next = raw.slice()
  written.forEach(({ index }, position) => {
    const at = shape.positions[index] as number
    if (at !== -1) next[at] = values[position]
  })
  record[RAW] = next
  settle(record, written, next)
  undoOnRollback(record, raw, written)
}

/** Columns written show what was written; relations stay as they are. */
function settle(record: ModelRecord, written: readonly DialectColumn[], row: readonly unknown[]): void {
  for (const column of written) {
    const at = record[SET].shape.positions[column.index] as number
    if (at === -1) continue
    const { decode } = column.cast
    if (column.deferred) {
      const cast = record[CAST]
      if (cast !== undefined) cast[column.name] = undefined
    } else record[column.name] = decode === undefined ? row[at] : decode(row[at])
  }
}

function updateText(model: DialectModel, columns: readonly DialectColumn[], keyColumn: number, version: number | undefined): string {
  let key = version === undefined ? 'u' : `u${version}v`
  for (const column of columns) key += column.code
  return model.statement(key, () => {
    let number = 0
    const mark = () => (model.dialect === 'postgres' ? `$${++number}` : '?')
    const sets = columns.map(({ quoted }) => `${quoted} = ${mark()}`).join(', ')
    const where = `${model.column(keyColumn).quoted} = ${mark()}`
    return `update ${model.table} set ${sets} where ${where}${version === undefined ? '' : ` and ${model.column(version).quoted} = ${mark()}`}`
  })
}

function requireSaved(definition: ModelDefinition, record: ModelRecord): void {
  if (record[RAW] === undefined) throw fail('RECORD_NOT_SAVED', { model: definition.name })
}

/** The key as it was read: changing a key is an update like any other. */
export function rawKey(definition: ModelDefinition, record: ModelRecord): unknown {
  const { key } = definition
  const raw = record[RAW]
  const position = record[SET].shape.positions[key.index] as number
  if (raw === undefined || position === -1) throw fail('RECORD_NOT_SAVED', { model: definition.name })
  return raw[position]
}

async function missing(definition: ModelDefinition, record: ModelRecord): Promise<Error> {
  const key = originalKey(definition, record)
  const there = await definition.query().withDeleted().withoutScopes().whereKey(key).exists()
  if (there && definition.version !== undefined) return fail('VERSION_CONFLICT', { model: definition.name, key: String(key) })
  return new ModelNotFound(definition.name, String(key))
}

export function originalKey(definition: ModelDefinition, record: ModelRecord): unknown {
  requireSaved(definition, record)
  const { cast } = definition.on((record[SET].database ?? databaseOf(definition)).dialect).column(definition.key.index)
  const raw = rawKey(definition, record)
  return cast.decode === undefined ? raw : cast.decode(raw)
}

/** Deletes a record: softly where the model does and `force` is not given. */
export async function deleteRecord(
  definition: ModelDefinition,
  record: ModelRecord,
  { quiet = false, force = false }: SaveOptions & { readonly force?: boolean } = {},
): Promise<void> {
  const { deletedAt } = definition
  requireSaved(definition, record)
  if (!quiet) await fireEvent(definition, 'deleting', record)
  if (deletedAt !== undefined && !force) {
    await writeDeletedAt(definition, record, deletedAt, now())
  } else {
    const count = await definition
      .query()
      .withDeleted()
      .withoutScopes()
      .using(record[SET].database ?? databaseOf(definition))
      .whereKey(originalKey(definition, record))
      .forceDelete()
    if (count === 0) throw new ModelNotFound(definition.name, String(originalKey(definition, record)))
    record[GONE] = true
    undoDeleteOnRollback(record)
  }
  if (!quiet) await fireEvent(definition, 'deleted', record)
}

export async function restoreRecord(definition: ModelDefinition, record: ModelRecord, { quiet = false }: SaveOptions = {}): Promise<void> {
  const { deletedAt } = definition
  if (deletedAt === undefined) throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what: 'restore', with: 'a model without softDeletes()' })
  requireSaved(definition, record)
  if (!quiet) await fireEvent(definition, 'restoring', record)
  await writeDeletedAt(definition, record, deletedAt, null)
  if (!quiet) await fireEvent(definition, 'restored', record)
}

/** A record that could not be deleted or restored stays as it was, so that a later save does not do it after all. */
async function writeDeletedAt(definition: ModelDefinition, record: ModelRecord, { name, index }: ModelColumn, value: Date | null): Promise<void> {
  const before = record[name]
  record[name] = value
  try {
    await updateRecord(definition, record, [record[SET].shape.model.column(index)])
  } catch (error) {
    record[name] = before
    throw error
  }
}

/** Reads a record again. */
export async function refreshRecord(definition: ModelDefinition, record: ModelRecord): Promise<void> {
  requireSaved(definition, record)
  const database = record[SET].database ?? databaseOf(definition)
  const found = await definition.query().withDeleted().withoutScopes().using(database).whereKey(originalKey(definition, record)).first()
  if (found === undefined) throw new ModelNotFound(definition.name, String(originalKey(definition, record)))
  record[SET] = found[SET]
  record[SET].records = [record]
  adoptRow(record, found[RAW] as unknown[])
}
