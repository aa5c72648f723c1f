import { fail } from '../errors.ts'
import type { FullTextColumn, FullTextOptions, FullTextShape } from './full-text-options.ts'

const mostColumns = 8
/** PostgreSQL has four classes of weight. */
const mostWeights = 4
const largestWeight = 1_000
/** The column that PostgreSQL and MySQL keep beside those of the model; with more weights, MySQL has `full_text_2` … too. */
export const fullTextColumn = 'full_text'

/** @throws `FULL_TEXT_INVALID` */
export function describeFullText(owner: string, { columns, language = 'simple' }: FullTextOptions, key = 'id'): FullTextShape {
  const entries = Array.isArray(columns) ? (columns as readonly string[]).map((name) => [name, 1] as const) : Object.entries(columns)
  const described = entries.flatMap(([name, weight]): FullTextColumn[] => (weight === undefined ? [] : [{ name, weight: weight as number }]))
  const refuse = (problem: string) => fail('FULL_TEXT_INVALID', { owner, problem })
  if (described.length === 0 || described.length > mostColumns) throw refuse(`it names ${described.length} columns; expected 1 to ${mostColumns}`)
  const names = described.map(({ name }) => name)
  if (new Set(names).size < names.length) throw refuse('it names a column twice')
  if (names.includes(fullTextColumn)) throw refuse(`a column is called ${fullTextColumn}, which the search keeps for itself`)
  const wrong = described.find(({ weight }) => !(weight > 0 && weight <= largestWeight))
  if (wrong !== undefined) throw refuse(`the weight of ${wrong.name} is ${wrong.weight}; expected a number above 0, at most ${largestWeight}`)
  if (weightsOf(described).length > mostWeights) throw refuse(`it has more than ${mostWeights} different weights`)
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(language)) throw refuse(`${JSON.stringify(language)} is no name of a language, such as english`)
  return { key, columns: described, language }
}

/** The different weights, the largest first. */
export function weightsOf(columns: readonly FullTextColumn[]): number[] {
  return [...new Set(columns.map(({ weight }) => weight))].sort((a, b) => b - a)
}

/** The shape as options again: what a migration is written with, and what tells whether a table has what its model says. */
export function optionsOf({ key, columns, language }: FullTextShape): FullTextOptions & { readonly key?: string } {
  const weighted = columns.some(({ weight }) => weight !== 1)
  return {
    columns: weighted ? Object.fromEntries(columns.map(({ name, weight }) => [name, weight])) : columns.map(({ name }) => name),
    ...(language === 'simple' ? {} : { language }),
    ...(key === 'id' ? {} : { key }),
  }
}

/** Changes whenever an index has to be made anew; the first number is the form in which this package makes them. */
export function signatureOf(shape: FullTextShape): string {
  return JSON.stringify([1, optionsOf(shape)])
}

/** What a signature was made of; undefined for a text that is none. */
export function readSignature(text: string): (FullTextOptions & { readonly key?: string }) | undefined {
  const [, options] = /^\[1,(\{.*\})\]$/s.exec(text) ?? []
  return options === undefined ? undefined : (JSON.parse(options) as FullTextOptions)
}
