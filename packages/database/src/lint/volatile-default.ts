import type { Dialect } from '../sql/dialect.ts'

// PostgreSQL evaluates these once for a column that is added.
const once = new Set([
  'now',
  'current_timestamp',
  'current_date',
  'current_time',
  'localtime',
  'localtimestamp',
  'transaction_timestamp',
  'statement_timestamp',
])
const values = new Set([
  'cast',
  'array',
  'row',
  'jsonb_build_object',
  'jsonb_build_array',
  'json_object',
  'json_array',
  'make_interval',
  'interval',
  'date',
  'timestamp',
  'lower',
  'upper',
  'coalesce',
  'varchar',
  'char',
  'numeric',
  'decimal',
  'bit',
])

/** Whether a default is computed for each row that is there, so that adding it writes all of them. */
export function isVolatileDefault(expression: string, dialect: Dialect): boolean {
  const calls = [...expression.matchAll(/([\p{L}_][\p{L}\p{N}_]*)\s*\(/gu)].map((match) => (match[1] as string).toLowerCase())
  const isTime = /\b(?:current_timestamp|current_date|current_time|localtimestamp|now\s*\()/i.test(expression)
  // SQLite refuses these for a column that is added; the others know the time of the statement.
  if (dialect === 'sqlite' && isTime) return true
  return calls.some((call) => !once.has(call) && !values.has(call))
}
