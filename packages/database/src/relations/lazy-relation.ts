import { fail } from '../errors.ts'
import { definitionOf, onRelationRead } from '../model/definition.ts'
import type { ModelSource } from '../model/model-source.ts'
import { RAW, RELATED, SET, type ModelRecord } from '../model/record-state.ts'
import { isKept } from './keep.ts'
import { markPlace, reportLazyLoad } from './lazy-report.ts'

/** A relation that was not loaded. Awaiting it loads it for all records of the same result, in one query. */
class LazyRelation implements PromiseLike<unknown> {
  readonly #record: ModelRecord
  readonly #name: string
  // Where it was touched is known now, and lost once it is awaited.
  readonly #touched: Error | undefined

  constructor(record: ModelRecord, name: string, touched: Error | undefined) {
    this.#record = record
    this.#name = name
    this.#touched = touched
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what it is for
  then<A = unknown, B = never>(
    resolved?: ((value: unknown) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return loadForSet(this.#record, this.#name, this.#touched)
      .then(() => this.#record[RELATED]?.[this.#name])
      .then(resolved, rejected)
  }
}

function readRelation(value: object, name: string): unknown {
  const record = value as ModelRecord
  if (isKept(record, name)) return record[RELATED]?.[name]
  const definition = definitionOf(record.constructor as ModelSource)
  if (record[RAW] === undefined) throw fail('RECORD_NOT_SAVED', { model: definition.name })
  if (record[SET].strict) throw fail('RELATION_NOT_LOADED', { model: definition.name, relation: name })
  return new LazyRelation(record, name, record[SET].records.length > 1 ? markPlace() : undefined)
}

onRelationRead(readRelation)

function loadForSet(record: ModelRecord, name: string, touched: Error | undefined): Promise<void> {
  if (isKept(record, name)) return Promise.resolve()
  const set = record[SET]
  const pending = set.pending?.get(name)
  if (pending !== undefined) return pending
  const definition = definitionOf(record.constructor as ModelSource)
  const siblings = set.records.filter((other) => !isKept(other, name))
  if (!siblings.includes(record)) siblings.push(record)
  if (touched !== undefined) reportLazyLoad({ model: definition.name, relation: name, records: siblings.length }, touched)
  const loading = definition
    .relation(name)
    .load(siblings, (query) => query.strict(set.strict))
    .finally(() => set.pending?.delete(name))
  ;(set.pending ??= new Map()).set(name, loading)
  return loading
}
