import type { ColumnFacts } from '../columns/column.ts'
import type { CompiledFilters } from '../filters/compile-filters.ts'
import type { FilterOperator } from '../filters/operators.ts'
import type { FilterLimits } from '../filters/parse-filters.ts'
import type { SelectionPlan } from '../fields/selection-plan.ts'

type Parameters = Record<string, object>

const meanings: Readonly<Record<FilterOperator, string>> = {
  eq: 'equals',
  ne: 'is another value than',
  gt: 'is more than',
  gte: 'is at least',
  lt: 'is less than',
  lte: 'is at most',
  in: 'is one of, between commas; values that have commas are given by repeating the parameter',
  nin: 'is none of, between commas; values that have commas are given by repeating the parameter',
  between: 'is between two values, both included',
  null: 'is not set',
  contains: 'contains',
  starts: 'starts with',
  ends: 'ends with',
}

/** Each filter as a parameter of its own, so that clients and documents know exactly what there is. */
export function filterParameters({ columns }: CompiledFilters, limits: FilterLimits): Parameters {
  const parameters: Parameters = {}
  for (const [name, { column, many, operators }] of columns) {
    for (const operator of operators) {
      const among = many === undefined ? '' : `; the same one of ${many} for all filters of it`
      const schema = { ...schemaOf(column.facts, operator, limits), description: `${name} ${meanings[operator]}${among}` }
      parameters[`filter[${name}][${operator}]`] = schema
      if (operator === 'eq') parameters[`filter[${name}]`] = schema
    }
  }
  return parameters
}

function schemaOf(facts: ColumnFacts, operator: FilterOperator, limits: FilterLimits): object {
  if (operator === 'null') return { type: 'boolean' }
  if (operator === 'contains' || operator === 'starts' || operator === 'ends') return { type: 'string', maxLength: limits.maxLength }
  const one = valueSchema(facts)
  if (operator === 'between') return { anyOf: [{ type: 'string' }, { type: 'array', items: one, minItems: 2, maxItems: 2 }] }
  if (operator === 'in' || operator === 'nin') return { anyOf: [{ type: 'string' }, { type: 'array', items: one, maxItems: limits.maxValues }] }
  return one
}

function valueSchema({ type, length, values }: ColumnFacts): object {
  switch (type) {
    case 'integer':
      return { type: 'integer', format: 'int32' }
    case 'bigint':
      return { type: 'integer', format: 'int64' }
    case 'float':
      return { type: 'number' }
    case 'boolean':
      return { type: 'boolean' }
    case 'uuid':
      return { type: 'string', format: 'uuid' }
    case 'date':
      return { type: 'string', format: 'date' }
    case 'timestamp':
      return { type: 'string', format: 'date-time' }
    case 'enumeration':
      return { type: 'string', enum: values ?? [] }
    case 'decimal':
      return { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' }
    case 'string':
      return { type: 'string', maxLength: length ?? 255 }
    default:
      return { type: 'string' }
  }
}

export function sortParameter(sorts: readonly string[], usual: string | undefined): Parameters {
  if (sorts.length === 0) return {}
  const names = sorts.map((name) => name.replaceAll('.', '\\.')).join('|')
  const description = `Names between commas, with - before those in descending order: ${sorts.join(', ')}.`
  return { sort: { type: 'string', pattern: `^-?(${names})(,-?(${names}))*$`, description, ...(usual === undefined ? {} : { default: usual }) } }
}

export function selectionParameters({ choosesFields, expandable, names }: SelectionPlan): Parameters {
  return {
    ...(choosesFields ? { fields: { type: 'string', description: `What is answered, between commas: ${names.join(', ')}; * is all of a level.` } } : {}),
    ...(expandable.length === 0 ? {} : { expand: { type: 'string', description: `What is answered along, between commas: ${expandable.join(', ')}.` } }),
  }
}
