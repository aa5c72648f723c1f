import { createHash } from 'node:crypto'
import { createSchema } from '../schema/schema.ts'
import type { SchemaChange } from '../schema/schema-change.ts'
import type { Dialect } from '../sql/dialect.ts'
import { renderSql } from '../sql/render-sql.ts'
import type { Migration } from './migration.ts'

/** What a migration would do, found by running it against a list instead of a database: its reads find nothing. */
export interface Recording {
  readonly changes: readonly SchemaChange[]
  /** Set where the migration could not go on without data; then more may follow in truth. */
  readonly error?: unknown
}

export async function recordChanges(migration: Migration, direction: 'up' | 'down', dialect: Dialect): Promise<Recording> {
  const changes: SchemaChange[] = []
  const schema = createSchema({
    dialect,
    apply: async (change) => void changes.push(change),
    all: async () => [],
    columnsOf: async () => [],
  })
  try {
    await migration[direction]?.(schema)
    return { changes }
  } catch (error) {
    return { changes, error }
  }
}

/**
 * The checksum that tells whether a migration was changed after it had been applied: of its file, or of its changes where
 * it came as a value, so that it is the same whether it runs from its source or built.
 */
export async function checksumOf(migration: Migration, dialect: Dialect): Promise<string> {
  if (migration.checksum !== undefined) return migration.checksum
  const [up, down] = [await recordChanges(migration, 'up', dialect), await recordChanges(migration, 'down', dialect)]
  const content = JSON.stringify(
    [up.changes, down.changes].map((changes) => changes.map(plain)),
    toText,
  )
  return createHash('sha256').update(content).digest('hex')
}

function plain(change: SchemaChange): object {
  return change.kind === 'query' ? { kind: 'query', ...renderSql(change.query, 'sqlite') } : change
}

function toText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
