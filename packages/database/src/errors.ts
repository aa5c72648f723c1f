import { defineErrors } from 'glueful'
import { columnEntries } from './column-entries.ts'
import { connectionEntries } from './connection-entries.ts'
import { factoryEntries } from './factory-entries.ts'
import { filterEntries } from './filter-entries.ts'
import { migrationEntries } from './migration-entries.ts'
import { modelEntries } from './model-entries.ts'
import { queryEntries } from './query-entries.ts'
import { resourceEntries } from './resource-entries.ts'
import { schemaEntries } from './schema-entries.ts'
import { transactionEntries } from './transaction-entries.ts'

/**
 * Every error that the database package makes. Each code is thrown somewhere, tested, and documented in docs/errors.md;
 * `npm run check` holds the three together.
 */
export const fail = defineErrors({
  ...columnEntries,
  ...connectionEntries,
  ...factoryEntries,
  ...filterEntries,
  ...migrationEntries,
  ...modelEntries,
  ...queryEntries,
  ...resourceEntries,
  ...schemaEntries,
  ...transactionEntries,
})
