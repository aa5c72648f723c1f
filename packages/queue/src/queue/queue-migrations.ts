import { migration, type Migration } from '@glueful/database'
import { createJobTables, createQueueLimitTable, jobTables } from '../engine/engines/database/tables.ts'

/** The tables of the queue, run by `glueful migrate` with those of the application. */
export const queueMigrations: readonly Migration[] = [
  migration('20261126000100_glueful_jobs', {
    up: async (schema) => {
      for (const text of createJobTables(schema.dialect)) await schema.sql(text)
    },
    down: async (schema) => {
      for (const table of jobTables) await schema.dropTable(table, { ifExists: true })
    },
  }),
  migration('20261126170000_glueful_queue_limits', {
    up: (schema) => schema.sql(createQueueLimitTable(schema.dialect)),
    down: (schema) => schema.dropTable('glueful_queue_limits', { ifExists: true }),
  }),
]
