import { valueFault } from '../columns/value-fault.ts'
import type { ModelDefinition } from './definition.ts'
import type { DialectModel } from './dialect-model.ts'
import { CAST, RAW, SET, type ModelRecord } from './record-state.ts'
import { uuidV7 } from './uuid-v7.ts'

/**
 * A new record's values as they are bound, in the order of the columns: defaults filled in, keys and times made. A key that
 * the database makes is undefined.
 * @throws `COLUMN_UNKNOWN`, `VALUE_INVALID`
 */
export function encodeNew(model: DialectModel, input: Readonly<Record<string, unknown>>, moment: Date): unknown[] {
  const { definition, columns } = model
  refuseUnknown(definition, input)
  const row = Array.from<unknown>({ length: columns.length })
  for (let index = 0; index < columns.length; index++) {
    const { name, facts, cast } = columns[index] as (typeof columns)[number]
    const value = input[name]
    if (value !== undefined) row[index] = cast.encode(value)
    else if (facts.generated === 'uuid') row[index] = uuidV7(moment.getTime())
    else if (facts.generated === 'increment') row[index] = undefined
    else if (facts.default !== undefined) row[index] = cast.encode(facts.default.value)
    else if (facts.role === 'createdAt' || facts.role === 'updatedAt') row[index] = cast.encode(moment)
    else if (facts.nullable) row[index] = null
    else throw valueFault(name, undefined, `a value: ${definition.name} cannot be created without it`)
  }
  return row
}

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
