import type { z } from 'zod'
import type { VisibleName } from '../filters/filter-options.ts'
import { definitionOf } from '../model/definition.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { ModelRecord } from '../model/record-state.ts'
import type { CursorInput, CursorPage, NumberedPage, PageInput } from '../query/paginate.ts'
import { renderRecord } from './render-record.ts'
import { planResource, type ResourcePlan, type UntypedOptions } from './resource-plan.ts'
import { keepPlan } from './resource-plans.ts'
import { cursorPageSchema, pageSchema, resourceSchema } from './resource-schemas.ts'
import type { PageLinks, Resource, ResourceOptions, ResourceOut, ResourcePart } from './resource-types.ts'

/**
 * How records of a model are answered: which columns, what is computed, which relations where they are loaded. Answering
 * never asks the database. Its schemas are components of OpenAPI and the types of the client.
 *
 * @throws `RESOURCE_INVALID` for names that are none, hidden columns, and names that are there twice
 *
 * @example
 * const CarResource = resource(Car, {
 *   fields: ['id', 'make', 'price'],
 *   computed: { label: { schema: z.string(), value: (car) => `${car.make} · ${car.price}` } },
 *   relations: { dealer: DealerResource },
 * })
 * route.get('/cars', { query: CarQuery, response: CarResource.page }, ({ query }) => CarResource.paginate(query.apply(Car.query()), query))
 */
export function resource<
  M extends AnyModel,
  const F extends VisibleName<M['columns']> = VisibleName<M['columns']>,
  P extends Record<string, z.ZodType> = {},
  R = {},
  const N extends string = never,
  const W extends VisibleName<M['columns']> = never,
  Q extends Record<string, z.ZodType> = {},
  Context = unknown,
>(model: M, options: ResourceOptions<M, F, P, R, N, W, Q, Context>): Resource<M, ResourceOut<M, F, P, R, N, W, Q>, ResourcePart<M, F, P, R, N, W, Q>, Context> {
  const made = makeResource(planResource(definitionOf(model), options as unknown as UntypedOptions))
  return made as unknown as Resource<M, ResourceOut<M, F, P, R, N, W, Q>, ResourcePart<M, F, P, R, N, W, Q>, Context>
}

type LinkTo = (change: Readonly<Record<string, string | number | undefined>>) => string

interface Paged {
  paginate(input: PageInput): Promise<NumberedPage<ModelRecord>>
  paginateByCursor(input: CursorInput): Promise<CursorPage<ModelRecord>>
}

function makeResource(plan: ResourcePlan): object {
  const one = (record: ModelRecord, context?: unknown) => renderRecord(plan, record, context)
  const many = (records: readonly ModelRecord[], context?: unknown) => records.map((record) => renderRecord(plan, record, context))
  const made = {
    ...schemasOf(plan, 'whole'),
    partial: schemasOf(plan, 'part'),
    computed: plan.blocks.flatMap(({ computed }) => computed.map(({ name }) => name)),
    one,
    many,
    async paginate(query: Paged, input: PageInput & { readonly linkTo: LinkTo }, context?: unknown) {
      const { data, meta } = await query.paginate(input)
      return { data: many(data, context), meta, links: numberedLinks(meta, input.linkTo) }
    },
    async paginateByCursor(query: Paged, input: CursorInput & { readonly linkTo: LinkTo }, context?: unknown) {
      const { data, meta } = await query.paginateByCursor(input)
      const to = (cursor: string | null) => (cursor === null ? null : input.linkTo({ cursor }))
      const links = { self: input.linkTo({}), first: input.linkTo({ cursor: undefined }), prev: to(meta.previous), next: to(meta.next) }
      return { data: many(data, context), meta, links }
    },
  }
  keepPlan(made, plan)
  return made
}

function schemasOf(plan: ResourcePlan, size: 'whole' | 'part') {
  const schema = resourceSchema(plan, size)
  return { schema, page: pageSchema(schema), cursorPage: cursorPageSchema(schema) }
}

function numberedLinks({ page, totalPages }: NumberedPage<unknown>['meta'], linkTo: LinkTo): PageLinks {
  const to = (number: number) => linkTo({ page: number })
  const last = Math.max(totalPages, 1)
  return { self: to(page), first: to(1), prev: page > 1 ? to(Math.min(page - 1, last)) : null, next: page < last ? to(page + 1) : null, last: to(last) }
}
