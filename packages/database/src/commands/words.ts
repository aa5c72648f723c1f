import { fail } from '../errors.ts'

/** The words of a name in any of the usual styles: `CarPhoto`, `car-photo`, `car_photo`. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== '')
}

/** @throws `COMMAND_ARGUMENT_INVALID` for paths and whatever is no name of a class */
export function requireName(given: string | undefined, what: string): readonly string[] {
  if (given === undefined || given.length > 100 || !/^[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*$/.test(given)) {
    throw fail('COMMAND_ARGUMENT_INVALID', { what, found: given ?? '', expected: 'a name of letters and digits, such as Car, CarPhoto or add_price_to_cars' })
  }
  return wordsOf(given)
}

export const pascal = (words: readonly string[]): string => words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('')
export const kebab = (words: readonly string[]): string => words.join('-')

/** The usual name of a table: `car_photos`. */
export function tableOf(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  const plural = /[^aeiou]y$/.test(last) ? `${last.slice(0, -1)}ies` : /(?:s|x|z|ch|sh)$/.test(last) ? `${last}es` : `${last}s`
  return [...words.slice(0, -1), plural].join('_')
}
