import { afterRollback, inTransaction } from '../transaction/transaction.ts'
import { readDeferred } from './deferred-column.ts'
import type { DialectColumn } from './dialect-model.ts'
import { CAST, GONE, RAW, SET, type ModelRecord } from './record-state.ts'

/** The snapshot that came before another, for those made within transactions. */
const previous = new WeakMap<unknown[], unknown[] | undefined>()

/**
 * What is rolled back was not saved: the record keeps its values and finds them unsaved again, so that saving it in the
 * next try writes them.
 */
export function undoOnRollback(record: ModelRecord, before: unknown[] | undefined, written: readonly DialectColumn[]): void {
  if (!inTransaction()) return
  const after = record[RAW] as unknown[]
  previous.set(after, before)
  afterRollback(() => {
    if (!cameAfter(record[RAW], after)) return
    for (const { name, index, deferred } of written)
      if (deferred && record[CAST]?.[name] === undefined) (record[CAST] ??= {})[name] = readDeferred(record, index)
    record[RAW] = before
    for (const { name, facts, index } of written) if (facts.version && before !== undefined) record[name] = before[record[SET].shape.positions[index] as number]
  })
}

export function undoDeleteOnRollback(record: ModelRecord): void {
  if (inTransaction()) afterRollback(() => void (record[GONE] = false))
}

/** Whether a snapshot is another one or was made from it: a later write of the same transaction may be undone first or last. */
function cameAfter(snapshot: unknown[] | undefined, origin: unknown[]): boolean {
  for (let one = snapshot; one !== undefined; one = previous.get(one)) if (one === origin) return true
  return false
}
