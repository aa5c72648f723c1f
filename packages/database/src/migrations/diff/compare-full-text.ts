import { optionsOf, readSignature, signatureOf } from '../../full-text/describe-full-text.ts'
import type { FullTextOptions } from '../../full-text/full-text-options.ts'
import { fullTextOf, type ModelTable } from '../../schema/model-tables.ts'
import { quote } from './column-code.ts'
import type { Difference } from './compare-schema.ts'

/**
 * The search of a table goes before its columns change and comes after, because databases refuse to change columns that it
 * is made of. `touched` says that one of them changes its type.
 */
export function compareFullText(
  model: ModelTable,
  live: string | undefined,
  touched: boolean,
): { readonly dropped: readonly Difference[]; readonly created: readonly Difference[] } {
  const wanted = fullTextOf(model)
  const before = live === undefined ? undefined : readSignature(live)
  const same = wanted !== undefined && live === signatureOf(wanted)
  if ((same && !touched) || (wanted === undefined && live === undefined)) return { dropped: [], created: [] }
  const drop = `await schema.dropFullText(${quote(model.table)})`
  const create = (options: FullTextOptions & { readonly key?: string }) => `await schema.createFullText(${quote(model.table)}, ${optionsCode(options)})`
  return {
    dropped: live === undefined ? [] : [{ up: drop, down: before === undefined ? '// the search that was there is not known' : create(before), imports: [] }],
    created: wanted === undefined ? [] : [{ up: create(optionsOf(wanted)), down: drop, imports: [] }],
  }
}

function optionsCode({ columns, language, key }: FullTextOptions & { readonly key?: string }): string {
  const parts = Array.isArray(columns)
    ? `[${(columns as readonly string[]).map(quote).join(', ')}]`
    : `{ ${Object.entries(columns)
        .map(([name, weight]) => `${/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : quote(name)}: ${weight}`)
        .join(', ')} }`
  return `{ columns: ${parts}${language === undefined ? '' : `, language: ${quote(language)}`}${key === undefined ? '' : `, key: ${quote(key)}`} }`
}
