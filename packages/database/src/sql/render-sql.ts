import type { Dialect } from './dialect.ts'
import { Identifier, Sql } from './sql.ts'

/** A query as a driver takes it. */
export interface RenderedSql {
  readonly text: string
  readonly params: readonly unknown[]
}

type Texts = { [D in Dialect]?: string }

// A template literal is one array for each place in the source, so its text is made once for each dialect.
const cache = new WeakMap<readonly string[], Texts>()

/** Text with the dialect's placeholders, and the values in their order. */
export function renderSql(query: Sql, dialect: Dialect): RenderedSql {
  const { strings, values } = query
  if (!values.some(isFragment)) return { text: flatText(strings, dialect), params: values }
  const params: unknown[] = []
  return { text: append(query, dialect, params), params }
}

function isFragment(value: unknown): value is Sql | Identifier {
  return value instanceof Sql || value instanceof Identifier
}

function flatText(strings: readonly string[], dialect: Dialect): string {
  let texts = cache.get(strings)
  if (texts === undefined) cache.set(strings, (texts = {}))
  return (texts[dialect] ??= dialect === 'postgres' ? strings.reduce((text, part, index) => `${text}$${index}${part}`) : strings.join('?'))
}

function append(query: Sql, dialect: Dialect, params: unknown[]): string {
  let text = query.strings[0] as string
  for (const [index, value] of query.values.entries()) {
    if (value instanceof Sql) text += append(value, dialect, params)
    else if (value instanceof Identifier) text += value.toText(dialect)
    else {
      params.push(value)
      text += dialect === 'postgres' ? `$${params.length}` : '?'
    }
    text += query.strings[index + 1] as string
  }
  return text
}
