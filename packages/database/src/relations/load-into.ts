import { definitionOf } from '../model/definition.ts'
import type { ModelSource } from '../model/model-source.ts'
import type { ModelRecord } from '../model/record-state.ts'
import { loadEagerly } from '../query/load-eagerly.ts'
import type { EagerInput, EagerNode } from '../query/query-builder.ts'
import { isKept } from './keep.ts'

/** Loads relations of records that are there already; of those that are loaded, `missing` only loads what is below. */
export async function loadInto(records: readonly ModelRecord[], inputs: readonly EagerInput[], missing: boolean): Promise<void> {
  const [first] = records
  if (first === undefined) return
  const definition = definitionOf(first.constructor as ModelSource)
  const { eager } = definition.query().with(...inputs)
  await loadTree(definition, records, eager, missing)
}

async function loadTree(
  definition: ReturnType<typeof definitionOf>,
  records: readonly ModelRecord[],
  tree: ReadonlyMap<string, EagerNode>,
  missing: boolean,
): Promise<void> {
  for (const [name, node] of tree) {
    const absent = missing ? records.filter((record) => !isKept(record, name)) : records
    if (absent.length > 0) await loadEagerly({ definition, strictly: undefined, caching: undefined }, absent, new Map([[name, node]]))
    if (!missing || absent.length === records.length) continue
    const present = records.filter((record) => !absent.includes(record)).flatMap((record) => record[name] as ModelRecord | ModelRecord[] | null)
    const below = [...new Set(present.filter((record) => record !== null))]
    const [one] = below
    if (one !== undefined) await loadTree(definitionOf(one.constructor as ModelSource), below, node.children, true)
  }
}
