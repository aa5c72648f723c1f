import { fullTextColumn } from '../full-text/describe-full-text.ts'
import { renderType } from '../schema/render-column.ts'
import type { SchemaChange } from '../schema/schema-change.ts'
import type { StoredDefault } from '../schema/table-shape.ts'
import type { Dialect } from '../sql/dialect.ts'
import { renderSql } from '../sql/render-sql.ts'
import type { Effect, LocatedEffect } from './effect.ts'
import { effectsOfStatement } from './effects-of-sql.ts'
import { splitStatements } from '../sql/split-statements.ts'
import { isVolatileDefault } from './volatile-default.ts'

/** What one step of a migration does on this database. */
export function effectsOfChange(change: SchemaChange, dialect: Dialect): readonly LocatedEffect[] {
  if (change.kind === 'sql') return ofScript((typeof change.sql === 'string' ? change.sql : change.sql[dialect]) ?? '', dialect, true)
  if (change.kind === 'query') return ofScript(renderSql(change.query, dialect).text, dialect, false)
  return ofStructure(change, dialect).map((effect) => ({ effect, line: undefined }))
}

function ofScript(script: string, dialect: Dialect, hasLines: boolean): LocatedEffect[] {
  return splitStatements(script, dialect).flatMap((statement) =>
    effectsOfStatement(statement, dialect).map((effect) => ({ effect, line: hasLines ? statement.line : undefined })),
  )
}

function ofStructure(change: Exclude<SchemaChange, { kind: 'sql' | 'query' }>, dialect: Dialect): readonly Effect[] {
  const { kind } = change
  switch (kind) {
    case 'createTable':
      return [{ kind, table: change.table.name }]
    case 'dropTable':
      return [{ kind, table: change.table }]
    case 'renameTable':
      return [{ kind, table: change.table, to: change.to }]
    case 'addColumn': {
      const { table, column, indexes, foreignKey, check } = change
      return [
        {
          kind,
          table,
          column: column.name,
          nullable: column.nullable,
          fallback: column.type.kind === 'increment' ? 'volatile' : fallbackOf(column.default, dialect),
          stored: false,
          unique: false,
          references: foreignKey !== undefined,
          checked: check !== undefined,
        },
        ...indexes.map((index): Effect => ({ kind: 'createIndex', table, unique: index.unique, concurrently: false, method: index.using })),
      ]
    }
    case 'dropColumn':
      return [{ kind, table: change.table, column: change.column }]
    case 'renameColumn':
      return [{ kind, table: change.table, column: change.column, to: change.to }]
    case 'alterColumn': {
      const { table, column, type, nullable } = change
      return [
        ...(type === undefined ? [] : [{ kind: 'alterType', table, column, to: renderType(dialect, type) } as const]),
        ...(nullable === false ? [{ kind: 'setNotNull', table, column } as const] : []),
        ...(nullable === true || change.default !== undefined ? [{ kind: 'alterBriefly', table } as const] : []),
      ]
    }
    case 'createIndex':
      return [{ kind, table: change.table, unique: change.index.unique, concurrently: change.concurrently, method: change.index.using }]
    case 'dropIndex':
      return [{ kind, name: change.name, concurrently: change.concurrently }]
    case 'createFullText':
      return [{ kind: 'indexWords', table: change.table }]
    case 'dropFullText':
      return [{ kind: 'dropColumn', table: change.table, column: fullTextColumn }]
    case 'addForeignKey':
      return [{ kind, table: change.table, name: change.foreignKey.name, validated: change.validate }]
    case 'addCheck':
      return [{ kind, table: change.table, name: change.check.name, validated: change.validate, notNull: notNullColumn(change.check.expression, dialect) }]
    case 'validateConstraint':
      return [{ kind: 'validate', table: change.table, name: change.name }]
    case 'dropConstraint':
      return change.ifExists ? [] : [{ kind, table: change.table, name: change.name }]
  }
}

function fallbackOf(given: StoredDefault | undefined, dialect: Dialect): 'none' | 'constant' | 'volatile' {
  if (given === undefined) return 'none'
  if ('sql' in given) return isVolatileDefault(given.sql, dialect) ? 'volatile' : 'constant'
  return given.value === null || given.value === undefined ? 'none' : 'constant'
}

function notNullColumn(expression: { readonly sql: string } | { readonly column: string }, dialect: Dialect): string | undefined {
  if ('column' in expression) return undefined
  const [statement] = splitStatements(`alter table t add check (${expression.sql})`, dialect)
  const [effect] = statement === undefined ? [] : effectsOfStatement(statement, dialect)
  return effect?.kind === 'addCheck' ? effect.notNull : undefined
}
