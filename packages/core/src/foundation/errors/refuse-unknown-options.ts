import { fail } from './catalog.ts'
import { suggest } from './suggest.ts'

/**
 * Refuses options that nothing reads: types name them to those who compile, and `glueful dev` does not. `known` names
 * every option of `T`, so that a new one cannot be forgotten.
 * @throws `OPTION_UNKNOWN`
 *
 * @example
 * refuseUnknownOptions<SearchOptions>('search()', options, { url: true, index: true })
 */
export function refuseUnknownOptions<T extends object>(owner: string, options: T, known: Readonly<Record<keyof T, true>>): void {
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(known, option)) continue
    const names = Object.keys(known)
    throw fail('OPTION_UNKNOWN', { owner, option, names, suggestion: suggest(option, names) })
  }
}
