import { z } from 'zod'
import type { ColumnFacts } from '../columns/column.ts'
import { columnSchema } from '../model/column-schema.ts'
import type { ResourcePlan } from './resource-plan.ts'
import { planOf } from './resource-plans.ts'

const known = new WeakMap<ResourcePlan, Partial<Record<'whole' | 'part', z.ZodType>>>()

/** What a resource answers, as a component of OpenAPI; in a part every field may be missing. */
export function resourceSchema(plan: ResourcePlan, size: 'whole' | 'part'): z.ZodType {
  let schemas = known.get(plan)
  if (schemas === undefined) known.set(plan, (schemas = {}))
  return (schemas[size] ??= makeSchema(plan, size))
}

function makeSchema(plan: ResourcePlan, size: 'whole' | 'part'): z.ZodType {
  const shape: Record<string, z.ZodType> = {}
  for (const { condition, columns, computed } of plan.blocks) {
    const optional = size === 'part' || condition !== undefined
    for (const { name, facts } of columns) shape[name] = may(jsonSchema(facts), optional)
    for (const { name, schema } of computed) shape[name] = may(schema, optional)
  }
  for (const { name, resource } of plan.relations) {
    // Which of them there are is known once all models are.
    shape[name] = z.lazy(() => relatedSchema(plan, name, resourceSchema(planOf(resource()), size))).optional()
  }
  for (const name of plan.counts) shape[`${name}Count`] = z.int().optional()
  return z.object(shape).meta({ id: size === 'part' ? `${plan.name}Part` : plan.name })
}

const may = (schema: z.ZodType, optional: boolean) => (optional ? schema.optional() : schema)

function relatedSchema({ definition }: ResourcePlan, name: string, target: z.ZodType): z.ZodType {
  return definition.relation(name).many ? z.array(target) : target.nullable()
}

function jsonSchema(facts: ColumnFacts): z.ZodType {
  const schema = textSchema(facts)
  return schema === undefined ? columnSchema(facts, 'answer') : facts.nullable ? schema.nullable() : schema
}

/** What JSON has no form of its own for is text. */
function textSchema({ type, as }: ColumnFacts): z.ZodType | undefined {
  if (type === 'timestamp') return z.iso.datetime()
  if (type === 'bigint' && as === undefined) return z.string().regex(/^-?\d{1,19}$/)
  return type === 'binary' ? z.base64() : undefined
}

const link = z.string()
const mayEnd = z.string().nullable()

export function pageSchema(item: z.ZodType): z.ZodType {
  return z.object({
    data: z.array(item),
    meta: z.object({ page: z.int(), perPage: z.int(), total: z.int(), totalPages: z.int() }),
    links: z.object({ self: link, first: link, prev: mayEnd, next: mayEnd, last: link }),
  })
}

export function cursorPageSchema(item: z.ZodType): z.ZodType {
  return z.object({
    data: z.array(item),
    meta: z.object({ perPage: z.int(), next: mayEnd, previous: mayEnd }),
    links: z.object({ self: link, first: link, prev: mayEnd, next: mayEnd }),
  })
}
