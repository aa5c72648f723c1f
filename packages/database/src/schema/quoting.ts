import { fail } from '../errors.ts'
import type { Dialect } from '../sql/dialect.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'

export const quoteNames = (dialect: Dialect, names: readonly string[]): string => names.map((name) => quoteIdentifier(name, dialect)).join(', ')

/** Text as a literal of DDL, which takes no bound values. */
export function quoteText(dialect: Dialect, value: string): string {
  if (value.includes('\0')) throw fail('SCHEMA_VALUE_INVALID', { found: JSON.stringify(value) })
  const doubled = value.replaceAll("'", "''")
  return `'${dialect === 'mysql' ? doubled.replaceAll('\\', '\\\\') : doubled}'`
}
