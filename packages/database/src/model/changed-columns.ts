import type { DialectColumn } from './dialect-model.ts'
import { CAST, RAW, SET, type ModelRecord } from './record-state.ts'

/** Columns whose values are not those of the snapshot. */
export function changedColumns(record: ModelRecord): DialectColumn[] {
  const raw = record[RAW]
  const { shape } = record[SET]
  const changed: DialectColumn[] = []
  if (raw === undefined) return shape.model.columns.filter((column) => record[column.name] !== undefined)
  const touched = record[CAST]
  for (const column of shape.model.columns) {
    const position = shape.positions[column.index] as number
    if (position === -1) {
      if (record[column.name] !== undefined) changed.push(column)
    } else if (!column.deferred) {
      const value = record[column.name]
      const before = raw[position]
      if (value !== (column.cast.decode === undefined ? before : column.cast.decode(before))) changed.push(column)
    } else if (touched?.[column.name] !== undefined && !sameContent(column, touched[column.name], raw[position])) changed.push(column)
  }
  return changed
}

function sameContent({ facts, cast }: DialectColumn, value: unknown, before: unknown): boolean {
  if (value === null || before === null) return value === before
  const previous = cast.decode === undefined ? before : facts.type === 'encrypted' ? readable(cast.decode, before) : cast.decode(before)
  if (value === previous) return true
  if (value instanceof Date && previous instanceof Date) return Object.is(value.getTime(), previous.getTime())
  if (value instanceof Uint8Array && previous instanceof Uint8Array) return Buffer.compare(value, previous) === 0
  return facts.type === 'json' && JSON.stringify(value) === JSON.stringify(previous)
}

/** A value whose key is lost can still be replaced. */
function readable(decode: (raw: unknown) => unknown, raw: unknown): unknown {
  try {
    return decode(raw)
  } catch {
    return undefined
  }
}

/** A column's value in the snapshot, as the record had it. */
export function originalValue(record: ModelRecord, { cast, index }: DialectColumn): unknown {
  const raw = record[RAW]
  const position = record[SET].shape.positions[index] as number
  if (raw === undefined || position === -1) return undefined
  const value = raw[position]
  return cast.decode === undefined || value === null ? value : cast.decode(value)
}
