import { fail } from '../errors.ts'
import { at } from '../fields/parameter-fault.ts'

/** One thing that a text must have, or must not. */
export interface SearchTerm {
  /** Several follow each other. */
  readonly words: readonly string[]
  /** Whether the word may go on. */
  readonly prefix: boolean
  readonly excluded: boolean
}

const longest = 1_000
const mostTerms = 20

/**
 * Reads what people type into a search: all words must be there (`red audi`), words in quotes follow each other
 * (`"full service history"`), `-diesel` must not be there, `volks*` is how a word begins. Any text has a meaning; what is
 * neither letter nor digit separates words, and a word that is separated so (`T-Roc`) is taken like words in quotes.
 *
 * @throws `SEARCH_TOO_LONG` (400) beyond 1,000 characters or 20 words and phrases
 */
export function parseSearch(text: string, parameter?: string): readonly SearchTerm[] {
  const refuse = () => fail('SEARCH_TOO_LONG', { mostTerms, longest }, parameter === undefined ? undefined : at(parameter, 'too_big', `more than ${mostTerms}`))
  if (text.length > longest) throw refuse()
  const terms = [...text.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)].flatMap(([, sign, phrase, plain = '']): SearchTerm[] => {
    const excluded = sign === '-' || (phrase === undefined && plain.startsWith('-'))
    const words = wordsOf(phrase ?? plain)
    return words.length === 0 ? [] : [{ words, excluded, prefix: phrase === undefined && words.length === 1 && plain.endsWith('*') }]
  })
  if (terms.length > mostTerms) throw refuse()
  return terms
}

/** Words in small letters, and Latin ones without accents, as the indexes of all databases have them. */
export function wordsOf(text: string): string[] {
  const plain = text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/([A-Za-z])[\u0300-\u036F]+/g, '$1')
    .normalize('NFC')
  return plain.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
}
