import type { ManagedDatabase } from '../connection/create-database.ts'
import { toObjects } from '../connection/row-objects.ts'
import { renderChange } from '../schema/render-change.ts'
import { renderSql } from '../sql/render-sql.ts'
import { splitStatements } from '../sql/split-statements.ts'
import type { Migration } from './migration.ts'
import { recordChanges } from './record-changes.ts'

/** The statements that a migration would run, as far as they do not depend on what those before them change. */
export async function previewMigration(migration: Migration, direction: 'up' | 'down', database: ManagedDatabase): Promise<string[]> {
  const { dialect } = database
  const read = async (text: string, params: readonly unknown[] = []) => toObjects(await database.execute(text, params, { writes: true }))
  const { changes, error } = await recordChanges(migration, direction, dialect)
  const statements: string[] = []
  for (const change of changes) {
    if (change.kind === 'query') {
      statements.push(renderSql(change.query, dialect).text)
      continue
    }
    try {
      const texts = await renderChange(dialect, change, read)
      statements.push(...(change.kind === 'sql' ? texts.flatMap((text) => splitStatements(text, dialect).map((statement) => statement.text)) : texts))
    } catch (cause) {
      statements.push(`-- ${change.kind}: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  }
  return error === undefined ? statements : [...statements, '-- and more, which depends on data']
}
