import type { ModelDefinition } from './definition.ts'
import { CAST, RAW, SET, type ModelRecord } from './record-state.ts'

/** Only columns are assigned: a name that is none is a mistake, or somebody trying his luck. */
export function refuseUnknown(definition: ModelDefinition, input: Readonly<Record<string, unknown>>): void {
  for (const name in input) if (!definition.has(name)) definition.column(name)
}

/** Makes a row that was written the record's snapshot. */
export function adoptRow(record: ModelRecord, row: unknown[]): void {
  const { shape } = record[SET]
  record[RAW] = row
  record[CAST] = undefined
  shape.columns.forEach((column, position) => {
    if (column.deferred) return
    const { decode } = column.cast
    record[column.name] = decode === undefined ? row[position] : decode(row[position])
  })
}

/** What a record that was not saved yet holds. */
export function inputOf(definition: ModelDefinition, record: ModelRecord): Record<string, unknown> {
  return Object.fromEntries(definition.columns.map(({ name }) => [name, record[name]]).filter(([, value]) => value !== undefined))
}
