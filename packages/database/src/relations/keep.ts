import type { ModelColumn } from '../model/definition.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { RELATED, SET, type ModelRecord } from '../model/record-state.ts'
import type { ModelDefinition } from '../model/definition.ts'
import { databaseOf } from '../model/save-record.ts'

/** Keeps what a relation loaded on its record. */
export function keep(record: ModelRecord, name: string, value: unknown): void {
  ;(record[RELATED] ??= {})[name] = value
}

export function isKept(record: ModelRecord, name: string): boolean {
  const related = record[RELATED]
  return related !== undefined && name in related
}

export function addToGroup(groups: Map<unknown, ModelRecord[]>, key: unknown, record: ModelRecord): void {
  const group = groups.get(key)
  // No literal: once V8 has seen enough of those survive it makes them old at once, and what is old keeps its young records,
  // and all that they lead to, until a full collection. Eager loads took up to twice the time in processes where that happened.
  if (group === undefined) groups.set(key, Array.of(record))
  else group.push(record)
}

/** The values of a column, each once, without nulls. */
export function distinctValues(records: readonly ModelRecord[], { name }: ModelColumn): unknown[] {
  const values = new Set<unknown>()
  for (const record of records) {
    const value = record[name]
    if (value !== null && value !== undefined) values.add(value)
  }
  return [...values]
}

/** MySQL takes 65,535 values a statement. */
const mostKeys = 20_000

/** Runs a query for some keys; in parts only where there are more than any database takes at once. */
export async function inParts(keys: readonly unknown[], run: (keys: readonly unknown[]) => Promise<ModelRecord[]>): Promise<ModelRecord[]> {
  if (keys.length === 0) return []
  if (keys.length <= mostKeys) return run(keys)
  const found: ModelRecord[] = []
  for (let start = 0; start < keys.length; start += mostKeys) for (const record of await run(keys.slice(start, start + mostKeys))) found.push(record)
  return found
}

/** A query of a related model on the connection that the records came from, where both models live there. */
export function relatedQuery(target: ModelDefinition, records: readonly ModelRecord[]): ModelQuery {
  const database = records[0]?.[SET].database
  const query = target.query()
  return database !== undefined && database.name === databaseOf(target).name ? query.using(database) : query
}
