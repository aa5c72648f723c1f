import type { ColumnFacts, Columns } from '../columns/column.ts'
import { operatorsOf } from '../filters/operators.ts'
import { quote } from '../migrations/diff/column-code.ts'
import { kebab, pascal } from './words.ts'

/** A resource that answers each column which is not hidden; what should not be answered is taken out by hand. */
export function renderResource(words: readonly string[], columns: Columns): string {
  const name = pascal(words)
  const fields = Object.entries(columns).filter(([, { facts }]) => !facts.hidden && facts.type !== 'encrypted' && facts.role !== 'deletedAt')
  return `import { resource } from '@glueful/database'
import { ${name} } from '../models/${kebab(words)}.ts'

export const ${name}Resource = resource(${name}, {
  fields: ${listOf(fields.map(([column]) => column))},
})
`
}

/** Filters and orders by columns that an index helps with; searching is left to whoever knows the texts. */
export function renderFilter(words: readonly string[], columns: Columns): string {
  const name = pascal(words)
  const entries = Object.entries(columns).filter(([, { facts }]) => !facts.hidden && isIndexed(facts) && operatorsOf(facts.type, facts.nullable).length > 0)
  const filters = entries.map(([column]) => `    ${keyOf(column)}: true,`)
  return `import { queryFilter } from '@glueful/database'
import { ${name} } from '../models/${kebab(words)}.ts'

export const ${name}Filter = queryFilter(${name}, {
  filter: ${filters.length === 0 ? '{}' : `{\n${filters.join('\n')}\n  }`},
  sort: ${listOf(entries.filter(([, { facts }]) => facts.type !== 'boolean').map(([column]) => column))},
})
`
}

function isIndexed({ primary, unique, index, references }: ColumnFacts): boolean {
  return primary || unique || index || references !== undefined
}

const listOf = (names: readonly string[]) => `[${names.map(quote).join(', ')}]`
const keyOf = (name: string) => (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : quote(name))
