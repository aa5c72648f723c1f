import type { ModelRecord } from '../model/record-state.ts'
import type { EagerNode, QueryBuilder } from './query-builder.ts'

/** Loads relations and theirs, each with one query for all the records. */
export async function loadEagerly(
  { definition, strictly, caching }: Pick<QueryBuilder, 'definition' | 'strictly' | 'caching'>,
  records: readonly ModelRecord[],
  tree: ReadonlyMap<string, EagerNode>,
): Promise<void> {
  for (const [name, { constraints, children }] of tree) {
    await definition.relation(name).load(records, (query) => {
      query.strictly = strictly
      query.caching = caching
      query.loadWith(children)
      for (const constrain of constraints) constrain(query)
    })
  }
}
