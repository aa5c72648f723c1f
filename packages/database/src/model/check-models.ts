import { definitionOf } from './definition.ts'
import type { ModelSource } from './model-source.ts'
import { ActiveRecord } from './active-record.ts'

/**
 * Works out every model among the exports of a module, and each of its relations, so that a mistake is found when the
 * application is put together.
 * @throws `RELATION_INVALID`, `MODEL_NAME_TAKEN`, `COLUMN_UNKNOWN`, `MODEL_KEY_MISSING`, `FULL_TEXT_INVALID`
 */
export function checkModels(exported: Readonly<Record<string, unknown>>): void {
  for (const value of Object.values(exported)) {
    if (typeof value !== 'function' || !(value.prototype instanceof ActiveRecord)) continue
    const definition = definitionOf(value as unknown as ModelSource)
    for (const name of definition.relationNames) definition.relation(name)
    if (definition.model.options.fullText !== undefined) void definition.fullText
  }
}
