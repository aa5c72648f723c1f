import { invalid } from '../filters/compile-filters.ts'
import { applySelection, defaultSelectionLimits, planSelection, type SelectionLimits } from '../fields/selection-plan.ts'
import { definitionOf, type ModelDefinition } from '../model/definition.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { ModelQuery } from '../query/model-query.ts'
import type { z } from 'zod'
import { selectionParameters } from './describe-parameters.ts'
import type { QuerySchema, SelectionOptions, SelectionParameters, SelectionRequest } from './list-query-types.ts'
import { querySchema, type Compiled } from './query-schema.ts'

export interface SingleOptions<M extends AnyModel> extends SelectionOptions<M> {
  readonly limits?: Partial<SelectionLimits>
  /** More parameters, as zod schemas. */
  readonly extra?: z.ZodRawShape
}

/**
 * Fields and relations that a client may ask of a single record, for the `query` of its route.
 *
 * @throws `LIST_QUERY_INVALID` when the application starts
 * @throws `FIELDS_UNKNOWN`, `FIELDS_MALFORMED`, `FIELDS_TOO_DEEP`, `FIELDS_TOO_MANY` (400) when a request is read
 *
 * @example
 * const CarFields = selection(Car, { fields: ['id', 'make', 'dealer.name'], expand: ['dealer'] })
 * route.get('/cars/:id', { query: CarFields }, ({ params, query }) => query.apply(Car.query()).findOrFail(params.id))
 */
export function selection<M extends AnyModel, const O extends SingleOptions<M>>(
  model: M,
  options: O,
): QuerySchema<SelectionParameters<M, O>, SelectionRequest<O>> {
  const schema = querySchema(() => compileSelection(definitionOf(model), options as unknown as SingleOptions<AnyModel>))
  return schema as QuerySchema<SelectionParameters<M, O>, SelectionRequest<O>>
}

function compileSelection(definition: ModelDefinition, options: SingleOptions<AnyModel>): Compiled {
  const limits = { ...defaultSelectionLimits, ...options.limits }
  const plan = planSelection(definition, options, limits)
  return {
    shape: options.extra ?? {},
    parameters: selectionParameters(plan),
    read: (asked) => {
      const part = plan.read(asked['fields'], asked['expand'])
      return {
        ...(plan.choosesFields ? { choosesFields: true } : {}),
        apply: (query: ModelQuery) => {
          if (query.definition !== definition) throw invalid(definition, `it was applied to a query of ${query.definition.name}`)
          if (part !== undefined) applySelection(query, part, limits.maxItems)
          return query
        },
      }
    },
  }
}
