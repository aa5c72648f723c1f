import { z } from 'zod'
import type { Columns } from '../columns/column.ts'
import { columnSchema } from './column-schema.ts'
import type { ModelDefinition } from './definition.ts'

type Value<C extends Columns, K extends keyof C> = C[K]['~value']
type Has<C extends Columns, K extends keyof C, Flag> = Flag extends C[K]['~flags'] ? true : false

/** What a client may send: nothing that the model keeps itself, and no key that it makes. */
type Sendable<C extends Columns, K extends keyof C> =
  Has<C, K, 'kept'> extends true ? never : Has<C, K, 'key'> extends true ? (Has<C, K, 'auto'> extends true ? never : K) : K

/** Dates arrive as ISO 8601 text, bigints as digits. */
type Sent<V> = V extends Date | bigint ? string : V

type CreateShape<C extends Columns> = {
  [K in keyof C as Sendable<C, K>]: Has<C, K, 'optional'> extends true
    ? z.ZodOptional<z.ZodType<Value<C, K>, Sent<Value<C, K>>>>
    : z.ZodType<Value<C, K>, Sent<Value<C, K>>>
}
type UpdateShape<C extends Columns> = { [K in keyof C as Sendable<C, K>]: z.ZodOptional<z.ZodType<Value<C, K>, Sent<Value<C, K>>>> }
/** Bigints leave as digits, bytes as base64. */
type Answered<V> = V extends bigint | Uint8Array ? string : V
type ReadShape<C extends Columns> = { [K in keyof C as Has<C, K, 'hidden'> extends true ? never : K]: z.ZodType<Answered<Value<C, K>>, Value<C, K>> }

/** Validators made from a model's columns. They are zod objects: `.pick`, `.omit` and `.extend` make others of them. */
export interface ModelSchemas<C extends Columns> {
  /** A body that creates a record: without generated keys, timestamps and the version. */
  readonly create: z.ZodObject<CreateShape<C>>
  /** A body that changes some columns. */
  readonly update: z.ZodObject<UpdateShape<C>>
  /** An answer: all columns that are not hidden. */
  readonly read: z.ZodObject<ReadShape<C>>
}

const known = new WeakMap<ModelDefinition, ModelSchemas<Columns>>()

/** The validators of a model; components of OpenAPI by the names `Car`, `CarCreate` and `CarUpdate`. */
export function modelSchemas(definition: ModelDefinition): ModelSchemas<Columns> {
  let schemas = known.get(definition)
  if (schemas === undefined) known.set(definition, (schemas = makeSchemas(definition)))
  return schemas
}

function makeSchemas({ columns, name }: ModelDefinition): ModelSchemas<Columns> {
  const sendable = columns.filter(({ facts }) => facts.generated === undefined && facts.role === undefined && !facts.version)
  const create = sendable.map(({ name, facts }) => {
    const schema = columnSchema(facts, 'body')
    return [name, facts.nullable || facts.default !== undefined ? schema.optional() : schema] as const
  })
  const update = sendable.map(({ name, facts }) => [name, columnSchema(facts, 'body').optional()] as const)
  const read = columns.filter(({ facts }) => !facts.hidden).map(({ name, facts }) => [name, columnSchema(facts, 'answer')] as const)
  return {
    create: z.object(Object.fromEntries(create)).meta({ id: `${name}Create` }),
    update: z.object(Object.fromEntries(update)).meta({ id: `${name}Update` }),
    read: z.object(Object.fromEntries(read)).meta({ id: name }),
  } as unknown as ModelSchemas<Columns>
}
