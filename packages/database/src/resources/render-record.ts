import { columnAsJson } from '../model/serialize.ts'
import { RELATED, SET, type ModelRecord } from '../model/record-state.ts'
import type { ResourcePlan } from './resource-plan.ts'
import { planOf } from './resource-plans.ts'

type Rendered = Record<string, unknown>

/** A record as its resource answers it: what was read and is shown, relations that are loaded, numbers that were counted. */
export function renderRecord(plan: ResourcePlan, record: ModelRecord, context: unknown): Rendered {
  const json: Rendered = {}
  const set = record[SET]
  const shown = set?.shown
  for (const { condition, columns, computed } of plan.blocks) {
    if (condition !== undefined && !condition(record, context)) continue
    for (const column of columns) {
      if (shown !== undefined && !shown.has(column.name)) continue
      const value = columnAsJson(record, column)
      if (value !== undefined) json[column.name] = value
    }
    for (const { name, value } of computed) {
      if (shown !== undefined && !shown.has(name)) continue
      const result = value(record, context)
      if (result !== undefined) json[name] = result
    }
  }
  for (const name of plan.counts) if (set?.numbers.includes(`${name}Count`) === true) json[`${name}Count`] = record[`${name}Count`]
  const related = record[RELATED]
  if (related === undefined) return json
  for (const { name, resource } of plan.relations) {
    if (!(name in related)) continue
    const value = related[name] as ModelRecord | readonly ModelRecord[] | null
    const target = planOf(resource())
    json[name] = Array.isArray(value)
      ? value.map((one) => renderRecord(target, one as ModelRecord, context))
      : value === null
        ? null
        : renderRecord(target, value as ModelRecord, context)
  }
  return json
}
