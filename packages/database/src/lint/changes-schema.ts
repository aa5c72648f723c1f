import type { SchemaChange } from '../schema/schema-change.ts'
import type { Dialect } from '../sql/dialect.ts'
import { renderSql } from '../sql/render-sql.ts'
import { splitStatements } from '../sql/split-statements.ts'

const dataWords = /^(?:select|insert|update|delete|replace|with|values|set|explain|show)\b/i

/** Whether a change is one of the schema, rather than of data. */
export function changesSchema(change: SchemaChange, dialect: Dialect): boolean {
  const text =
    change.kind === 'query'
      ? renderSql(change.query, dialect).text
      : change.kind === 'sql'
        ? typeof change.sql === 'string'
          ? change.sql
          : change.sql[dialect]
        : undefined
  if (change.kind !== 'query' && change.kind !== 'sql') return true
  return splitStatements(text ?? '', dialect).some((statement) => !dataWords.test(statement.skeleton))
}
