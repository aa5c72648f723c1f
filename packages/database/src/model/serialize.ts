import { timestampMs } from '../columns/cast-timestamp.ts'
import { isoText } from '../columns/iso-text.ts'
import { definitionOf, type ModelColumn } from './definition.ts'
import type { DialectColumn } from './dialect-model.ts'
import type { ModelSource } from './model-source.ts'
import { CAST, RAW, RELATED, SET, type ModelRecord } from './record-state.ts'

/** A record as JSON has it: columns that are not hidden, counts and sums, appended getters, and relations that are loaded. */
export function serialize(record: ModelRecord): Record<string, unknown> {
  const definition = definitionOf(record.constructor as ModelSource)
  const json: Record<string, unknown> = {}
  const raw = record[RAW]
  const set = record[SET]
  if (raw === undefined) {
    for (const { name, facts } of definition.columns) if (!facts.hidden && record[name] !== undefined) json[name] = plain(record[name])
  } else {
    const { shown } = set
    for (const column of set.shape.columns)
      if (!column.facts.hidden && (shown === undefined || shown.has(column.name))) json[column.name] = columnJson(record, column, raw)
  }
  if (set?.numbers !== undefined) for (const name of set.numbers) json[name] = plain(record[name])
  for (const name of definition.model.appends ?? []) if (set?.shown === undefined || set.shown.has(name)) json[name] = record[name]
  if (record['pivot'] !== undefined) json['pivot'] = plainObject(record['pivot'] as object)
  const related = record[RELATED]
  // A relation's own toJSON is called by JSON.stringify.
  if (related !== undefined) for (const name in related) json[name] = related[name]
  return json
}

/** A column's value as JSON has it; undefined where it was not read. */
export function columnAsJson(record: ModelRecord, column: ModelColumn): unknown {
  const raw = record[RAW]
  let value: unknown
  if (raw === undefined) value = plain(record[column.name])
  else {
    const { shape } = record[SET]
    const position = shape.positions[column.index] as number
    if (position < 0) return undefined
    value = columnJson(record, shape.columns[position] as DialectColumn, raw)
  }
  return value instanceof Date ? momentText(value.getTime()) : value
}

function columnJson(record: ModelRecord, { name, facts, cast, index }: DialectColumn, raw: readonly unknown[]): unknown {
  if (facts.type === 'timestamp' && record[CAST]?.[name] === undefined) {
    const value = raw[record[SET].shape.positions[index] as number]
    return value === null ? null : momentText(timestampMs(value))
  }
  return facts.type === 'json' || (cast.decode === undefined && !cast.lazy) ? record[name] : plain(record[name])
}

/** What is no moment, as `infinity` of PostgreSQL, is null in JSON, as `JSON.stringify` has it. */
function momentText(ms: number): string | null {
  return Number.isNaN(ms) ? null : isoText(ms)
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  return value
}

function plainObject(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)]))
}
