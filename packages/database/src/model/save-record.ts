import { ModelNotFound } from 'glueful'
import type { Database } from '../connection/database.ts'
import { currentDatabase } from '../connection/databases.ts'
import { fail } from '../errors.ts'
import { changedColumns } from './changed-columns.ts'
import type { ModelDefinition } from './definition.ts'
import type { DialectColumn, DialectModel } from './dialect-model.ts'
import { fireEvent } from './fire-event.ts'
import { insertRows } from './insert.ts'
import { now } from './now.ts'
import { RecordSet } from './record-set.ts'
import { GONE, RAW, SET, type ModelRecord } from './record-state.ts'
import { adoptRow, encodeNew, inputOf } from './record-values.ts'
import { isDeferred } from './row-shape.ts'

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
  const fresh = record[RAW] === undefined
  if (record[GONE] === true) throw new ModelNotFound(definition.name, String(definition.hasKey ? record[definition.key.name] : ''))
  if (!quiet) await fireEvent(definition, 'saving', record)
  if (fresh) {
    if (!quiet) await fireEvent(definition, 'creating', record)
    await insertRecord(definition, record)
    if (!quiet) await fireEvent(definition, 'created', record)
  } else if (changedColumns(record).length > 0) {
    if (!quiet) await fireEvent(definition, 'updating', record)
    await updateRecord(definition, record, changedColumns(record))
    if (!quiet) await fireEvent(definition, 'updated', record)
  }
  if (!quiet) await fireEvent(definition, 'saved', record)
}

async function insertRecord(definition: ModelDefinition, record: ModelRecord): Promise<void> {
  const database = databaseOf(definition)
  const model = definition.on(database.dialect)
  const row = encodeNew(model, inputOf(definition, record), now())
  await insertRows(model, database, [row])
  record[SET] = ownSet(definition, database)
  record[SET].records = [record]
  adoptRow(record, row)
}

/** Writes columns of a record under its key and, where the model has one, its version. */
export async function updateRecord(definition: ModelDefinition, record: ModelRecord, columns: readonly DialectColumn[]): Promise<void> {
  const { database = databaseOf(definition), shape } = record[SET]
  const { model } = shape
  const raw = record[RAW] as unknown[]
  const { version, updatedAt, key } = definition
  const written = columns.filter(({ index }) => index !== version?.index)
  const values = written.map((column) => column.cast.encode(record[column.name]))
  const add = (column: DialectColumn, value: unknown) => {
    written.push(column)
    values.push(value)
  }
  if (updatedAt !== undefined && !written.some(({ index }) => index === updatedAt.index))
    add(model.column(updatedAt.index), model.column(updatedAt.index).cast.encode(now()))
  const versionPosition = version === undefined ? -1 : (shape.positions[version.index] as number)
  if (version !== undefined && versionPosition !== -1) add(model.column(version.index), Number(raw[versionPosition]) + 1)
  const params = [...values, rawKey(definition, record)]
  if (versionPosition !== -1) params.push(raw[versionPosition])
  const { rowCount } = await database.execute(updateText(model, written, key.index, versionPosition === -1 ? undefined : version?.index), params)
  if (rowCount === 0) throw await missing(definition, record)
  const next = raw.slice()
  written.forEach(({ index }, position) => {
    const at = shape.positions[index] as number
    if (at !== -1) next[at] = values[position]
  })
  record[RAW] = next
  settle(record, written, next)
}

/** Columns written show what was written; relations stay as they are. */
function settle(record: ModelRecord, written: readonly DialectColumn[], row: readonly unknown[]): void {
  for (const column of written) {
    const at = record[SET].shape.positions[column.index] as number
    if (at === -1) continue
    const { decode } = column.cast
    if (isDeferred(column)) record[column.name] = undefined
    else record[column.name] = decode === undefined ? row[at] : decode(row[at])
  }
}

function updateText(model: DialectModel, columns: readonly DialectColumn[], key: number, version: number | undefined): string {
  return model.statement(`u${columns.map(({ index }) => index).join()}${version === undefined ? '' : `v${version}`}`, () => {
    let number = 0
    const mark = () => (model.dialect === 'postgres' ? `$${++number}` : '?')
    const sets = columns.map(({ quoted }) => `${quoted} = ${mark()}`).join(', ')
    const where = `${model.column(key).quoted} = ${mark()}`
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
    record[deletedAt.name] = now()
    await updateRecord(definition, record, [record[SET].shape.model.column(deletedAt.index)])
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
  }
  if (!quiet) await fireEvent(definition, 'deleted', record)
}

export async function restoreRecord(definition: ModelDefinition, record: ModelRecord, { quiet = false }: SaveOptions = {}): Promise<void> {
  const { deletedAt } = definition
  if (deletedAt === undefined) throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what: 'restore', with: 'a model without softDeletes()' })
  requireSaved(definition, record)
  if (!quiet) await fireEvent(definition, 'restoring', record)
  record[deletedAt.name] = null
  await updateRecord(definition, record, [record[SET].shape.model.column(deletedAt.index)])
  if (!quiet) await fireEvent(definition, 'restored', record)
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
