import { valueFault } from '../columns/value-fault.ts'
import type { ModelDefinition } from './definition.ts'
import type { DialectColumn } from './dialect-model.ts'
import { uuidV7 } from './uuid-v7.ts'

/**
 * Makes a new record's values as they are bound, in the order of the columns: defaults filled in, keys and times made. A
 * key that the database makes is undefined.
 * @throws `COLUMN_UNKNOWN`, `VALUE_INVALID`
 */
export type RowEncoder = (input: Readonly<Record<string, unknown>>, moment: Date) => unknown[]

export function makeRowEncoder(definition: ModelDefinition, columns: readonly DialectColumn[]): RowEncoder {
  const absent = columns.map((column) => absentValue(definition, column))
  return generate(definition, columns, absent) ?? interpret(definition, columns, absent)
}

type Absent = (moment: Date) => unknown

/** What stands for a value that was not given. */
function absentValue(definition: ModelDefinition, { name, facts, cast }: DialectColumn): Absent {
  if (facts.generated === 'uuid') return (moment) => uuidV7(moment.getTime())
  if (facts.generated === 'increment') return () => undefined
  const { default: given } = facts
  if (given !== undefined) return () => cast.encode(given.value)
  if (facts.role === 'createdAt' || facts.role === 'updatedAt') return cast.encode
  if (facts.nullable) return () => null
  return () => {
    throw valueFault(name, undefined, `a value: ${definition.name} cannot be created without it`)
  }
}

// Own code a model: the engine learns where each value lies in what is given.
function generate(definition: ModelDefinition, columns: readonly DialectColumn[], absent: readonly Absent[]): RowEncoder | undefined {
  const quoted = columns.map(({ name }) => JSON.stringify(name))
  const body = `
    return (input, moment) => {
      for (const name in input) switch (name) {
        ${quoted.map((name) => `case ${name}:`).join(' ')} break
        default: definition.column(name)
      }
      ${quoted.map((name, index) => `const value${index} = input[${name}]`).join('\n')}
      return [${quoted.map((_, index) => `value${index} === undefined ? absent${index}(moment) : encode${index}(value${index})`).join(', ')}]
    }`
  const names = columns.flatMap((_, index) => [`absent${index}`, `encode${index}`])
  try {
    // oxlint-disable-next-line no-new-func -- names of columns are the only text that goes in, and they are quoted
    const factory = new Function('definition', ...names, body) as (...args: unknown[]) => RowEncoder
    return factory(definition, ...columns.flatMap(({ cast }, index) => [absent[index], cast.encode]))
  } catch (error) {
    // Where code generation from text is disallowed (--disallow-code-generation-from-strings).
    if (error instanceof EvalError) return undefined
    throw error
  }
}

function interpret(definition: ModelDefinition, columns: readonly DialectColumn[], absent: readonly Absent[]): RowEncoder {
  return (input, moment) => {
    for (const name in input) definition.column(name)
    return columns.map(({ name, cast }, index) => {
      const value = input[name]
      return value === undefined ? (absent[index] as Absent)(moment) : cast.encode(value)
    })
  }
}
