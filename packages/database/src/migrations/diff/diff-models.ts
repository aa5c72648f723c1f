import type { ManagedDatabase } from '../../connection/create-database.ts'
import { toObjects } from '../../connection/row-objects.ts'
import { readLiveSchema } from '../../schema/introspect/read-schema.ts'
import type { ModelTable } from '../../schema/model-tables.ts'
import type { Migration } from '../migration.ts'
import { recordChanges } from '../record-changes.ts'
import { compareSchema, type SchemaDiff } from './compare-schema.ts'

const own = ['schema_migrations', 'schema_seeds', 'schema_release']

/** The difference between models and a live schema. Tables that migrations of extensions make are theirs. */
export async function diffModels(database: ManagedDatabase, models: readonly ModelTable[], extensions: readonly Migration[]): Promise<SchemaDiff> {
  const { dialect } = database
  const live = await readLiveSchema(dialect, async (text, params = []) => toObjects(await database.execute(text, params, { writes: true })))
  const theirs = await Promise.all(extensions.map((migration) => recordChanges(migration, 'up', dialect)))
  const tables = theirs.flatMap(({ changes }) => changes.flatMap((change) => (change.kind === 'createTable' ? [change.table.name] : [])))
  return compareSchema(dialect, models, live, new Set([...own, ...tables]))
}
