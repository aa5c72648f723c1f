import { fail } from '../errors.ts'
import { now } from '../model/now.ts'
import { RecordSet } from '../model/record-set.ts'
import { GONE, type ModelRecord } from '../model/record-state.ts'
import { undoDeleteOnRollback } from '../model/undo-on-rollback.ts'
import type { ModelQuery } from './model-query.ts'
import { checkedState, deleteAll, deleteRows, updateAll, updateRows } from './write-all.ts'

/** Updates every record that matches, and gives them as they are afterwards. */
export async function updateReturning(query: ModelQuery, values: Readonly<Record<string, unknown>>): Promise<ModelRecord[]> {
  const { definition, database } = query
  if (definition.hasKey && values[definition.key.name] !== undefined)
    throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what: 'updateReturning', with: 'a new key' })
  if (database.dialect !== 'mysql') return hydrated(query, (await updateRows(query, values, undefined, true)).rows)
  // MySQL and MariaDB return no rows of an update: they are locked, updated by their keys, and read.
  return database.transaction(async () => {
    const keys = (await locked(query)).map((record) => record[definition.key.name])
    if (keys.length === 0) return []
    await updateAll(byKeys(query, keys), values)
    return byKeys(query, keys).get()
  })
}

/** Deletes every record that matches – softly where the model does –, and gives them. */
export async function deleteReturning(query: ModelQuery): Promise<ModelRecord[]> {
  const { definition, database } = query
  if (definition.deletedAt !== undefined) return updateReturning(query, { [definition.deletedAt.name]: now() })
  const gone =
    database.dialect === 'mysql'
      ? await database.transaction(async () => {
          const records = await locked(query)
          if (records.length > 0)
            await deleteAll(
              byKeys(
                query,
                records.map((record) => record[definition.key.name]),
              ),
            )
          return records
        })
      : hydrated(query, (await deleteRows(query, true)).rows)
  for (const record of gone) {
    record[GONE] = true
    undoDeleteOnRollback(record)
  }
  return gone
}

function locked(query: ModelQuery): Promise<ModelRecord[]> {
  checkedState(query, 'returning')
  return byConditions(query).forUpdate().get()
}

/** The same records, without what the query would load with them. */
function byConditions(query: ModelQuery): ModelQuery {
  const plain = query.clone()
  plain.loadNothing()
  plain.caching = undefined
  plain.state.columns = undefined
  return plain
}

function byKeys({ definition, database }: ModelQuery, keys: readonly unknown[]): ModelQuery {
  return definition.query().using(database).withDeleted().withoutScopes().whereIn(definition.key.name, keys)
}

function hydrated({ definition, database, strictly }: ModelQuery, rows: readonly unknown[][]): ModelRecord[] {
  const { fullShape } = definition.on(database.dialect)
  const set = new RecordSet(fullShape, database, strictly ?? definition.model.options.strict ?? false)
  const records = fullShape.hydrateAll(rows, set)
  set.records = records
  return records
}
