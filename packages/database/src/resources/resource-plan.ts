import { suggest } from 'glueful'
import type { z } from 'zod'
import { fail } from '../errors.ts'
import type { ModelColumn, ModelDefinition } from '../model/definition.ts'

type Value = (record: unknown, context: unknown) => unknown

export interface ComputedField {
  readonly name: string
  readonly schema: z.ZodType
  readonly value: Value
}

/** Columns and values that are answered together, always or under a condition. */
export interface FieldBlock {
  readonly condition: ((record: unknown, context: unknown) => boolean) | undefined
  readonly columns: readonly ModelColumn[]
  readonly computed: readonly ComputedField[]
}

export interface RelatedField {
  readonly name: string
  readonly resource: () => object
}

/** A declared resource, its names checked. */
export interface ResourcePlan {
  readonly name: string
  readonly definition: ModelDefinition
  readonly blocks: readonly FieldBlock[]
  readonly relations: readonly RelatedField[]
  /** Names of relations that are counted. */
  readonly counts: readonly string[]
}

type ComputedOptions = Readonly<Record<string, { readonly schema: z.ZodType; readonly value: Value }>>

export interface UntypedOptions {
  readonly name?: string
  readonly fields?: readonly string[]
  readonly computed?: ComputedOptions
  readonly relations?: Readonly<Record<string, object | (() => object)>>
  readonly counts?: readonly string[]
  readonly when?: { readonly if: (record: unknown, context: unknown) => boolean; readonly fields?: readonly string[]; readonly computed?: ComputedOptions }
}

/** @throws `RESOURCE_INVALID` */
export function planResource(definition: ModelDefinition, options: UntypedOptions): ResourcePlan {
  const { relations = {}, counts = [], when, name = `${definition.name}Resource` } = options
  const conditional = when?.fields ?? []
  const usual = definition.columns.filter(({ facts }) => isVisible(facts)).map((column) => column.name)
  const always = (options.fields ?? usual).filter((field) => !conditional.includes(field))
  const blocks = [block(definition, undefined, always, options.computed)]
  if (when !== undefined) blocks.push(block(definition, when.if, conditional, when.computed))
  for (const relation of [...Object.keys(relations), ...counts])
    if (!definition.relationNames.includes(relation)) throw invalid(definition, relation, 'relation', definition.relationNames)
  const plan: ResourcePlan = {
    name,
    definition,
    blocks,
    relations: Object.entries(relations).map(([relation, given]) => ({
      name: relation,
      resource: typeof given === 'function' ? (given as () => object) : () => given,
    })),
    counts,
  }
  refuseTwice(plan)
  return plan
}

function block(definition: ModelDefinition, condition: FieldBlock['condition'], fields: readonly string[], computed: ComputedOptions = {}): FieldBlock {
  const visible = definition.columns.filter(({ facts }) => isVisible(facts)).map((column) => column.name)
  for (const field of fields) if (!visible.includes(field)) throw invalid(definition, field, 'column that may be shown', visible)
  return {
    condition,
    columns: fields.map((field) => definition.column(field)),
    computed: Object.entries(computed).map(([name, { schema, value }]) => ({ name, schema, value })),
  }
}

function isVisible({ hidden, type }: ModelColumn['facts']): boolean {
  return !hidden && type !== 'encrypted'
}

function refuseTwice({ blocks, relations, counts, definition }: ResourcePlan): void {
  const names = [
    ...blocks.flatMap(({ columns, computed }) => [...columns, ...computed].map(({ name }) => name)),
    ...relations.map(({ name }) => name),
    ...counts.map((name) => `${name}Count`),
  ]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw fail('RESOURCE_INVALID', { model: definition.name, problem: `${twice} is there twice` })
}

function invalid({ name }: ModelDefinition, found: string, kind: string, known: readonly string[]): Error {
  const suggestion = suggest(found, known)
  return fail('RESOURCE_INVALID', { model: name, problem: `there is no ${kind} ${found}${suggestion === undefined ? '' : `; is ${suggestion} meant?`}` })
}
