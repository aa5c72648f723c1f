import { z } from 'zod'
import type { QueryResult, QuerySchema } from './list-query-types.ts'

type Values = Readonly<Record<string, unknown>>

/** What a declaration comes to. */
export interface Compiled {
  /** Parameters that zod reads. */
  readonly shape: z.ZodRawShape
  /** The others, as JSON Schema. */
  readonly parameters: Readonly<Record<string, object>>
  /** Reads the others; throws what is wrong with them. */
  readonly read: (asked: Values) => object
}

/**
 * A Standard Schema over a declaration that is compiled when it is first looked at: a route looks when the application
 * starts, when all models are there, however their files import each other.
 */
export function querySchema(compile: () => Compiled): QuerySchema<unknown, object> {
  let standard: QuerySchema<unknown, object>['~standard'] | undefined
  return {
    get '~standard'() {
      return (standard ??= makeStandard(compile()))
    },
  }
}

function makeStandard({ shape, parameters, read }: Compiled): QuerySchema<unknown, object>['~standard'] {
  const base = z.object(shape)
  const finish = (result: QueryResult<object>, asked: Values): QueryResult<object> =>
    result.issues === undefined ? { value: { ...result.value, ...read(asked) } } : result
  const describe = () => {
    const { properties = {}, ...described } = z.toJSONSchema(base, { io: 'input', unrepresentable: 'any' })
    return { ...described, properties: { ...properties, ...parameters } }
  }
  return {
    version: 1,
    vendor: 'glueful',
    validate: (value) => {
      const asked = (typeof value === 'object' && value !== null ? value : {}) as Values
      const result = base['~standard'].validate(asked) as QueryResult<object> | Promise<QueryResult<object>>
      return result instanceof Promise ? result.then((late) => finish(late, asked)) : finish(result, asked)
    },
    jsonSchema: { input: describe, output: describe },
  }
}
