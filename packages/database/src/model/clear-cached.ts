import type { ManagedDatabase } from '../connection/create-database.ts'
import type { ModelDefinition } from './definition.ts'
import { databaseOf } from './save-record.ts'

/** Takes the model's table for written to, here and now. */
export async function clearCached(definition: ModelDefinition): Promise<void> {
  await (databaseOf(definition) as ManagedDatabase).noteWritten([{ table: definition.table, how: 'delete' }])
}
