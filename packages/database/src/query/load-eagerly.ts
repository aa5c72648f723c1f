import type { ModelDefinition } from '../model/definition.ts'
import type { ModelRecord } from '../model/record-state.ts'
import type { EagerNode } from './query-builder.ts'

/** Loads relations and theirs, each with one query for all the records. */
export async function loadEagerly(
  definition: ModelDefinition,
  records: readonly ModelRecord[],
  tree: ReadonlyMap<string, EagerNode>,
  strict: boolean | undefined,
): Promise<void> {
  for (const [name, { constraints, children }] of tree) {
    await definition.relation(name).load(records, (query) => {
      query.strictly = strict
      query.loadWith(children)
      for (const constrain of constraints) constrain(query)
    })
  }
}
