import { bigint, string, text } from '../columns/builders.ts'
import { migration } from '../migrations/migration.ts'

// Keys are hashes of what they stand for: databases compare text by rules of their own (case, trailing spaces, lengths).

/** The tables in which core keeps limits and locks where the database is their store. */
export const storeMigrations = [
  migration('20260101000000_glueful_limits', {
    up: async (schema) => {
      await schema.createTable(
        'glueful_limits',
        { id: string(64).primary(), state: text(), expires_at: bigint({ as: 'number' }) },
        { indexes: [['expires_at']] },
      )
      await schema.createTable(
        'glueful_blocks',
        { id: string(64).primary(), list: string(64), subject: text(), ends_at: bigint({ as: 'number' }) },
        { indexes: [['list', 'ends_at']] },
      )
    },
    down: async (schema) => {
      await schema.dropTable('glueful_blocks')
      await schema.dropTable('glueful_limits')
    },
  }),
  migration('20260101000001_glueful_locks', {
    up: (schema) =>
      schema.createTable(
        'glueful_locks',
        { id: string(64).primary(), name: string(255), owner: string(64), token: bigint({ as: 'number' }), ends_at: bigint({ as: 'number' }) },
        { indexes: [['ends_at']] },
      ),
    down: (schema) => schema.dropTable('glueful_locks'),
  }),
]
