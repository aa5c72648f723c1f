import { bigint, string, text } from '../columns/builders.ts'
import { migration } from '../migrations/migration.ts'

// Keys are hashes of what they stand for: databases compare text by rules of their own (case, trailing spaces, lengths).

/** The tables in which core keeps limits, locks, cache and Idempotency-Keys where the database is their store. */
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
  // Times are ms since the epoch by the application's clock.
  migration('20260101000002_glueful_idempotency', {
    up: (schema) =>
      schema.createTable(
        'glueful_idempotency',
        {
          id: string(64).primary(),
          fingerprint: string(64),
          owner: string(36),
          claimed_until: bigint({ as: 'number' }),
          kept_until: bigint({ as: 'number' }),
          answer: text().nullable(),
        },
        { indexes: [['kept_until']] },
      ),
    down: (schema) => schema.dropTable('glueful_idempotency'),
  }),
  migration('20260101000003_glueful_cache', {
    up: async (schema) => {
      await schema.createTable(
        'glueful_cache',
        {
          id: string(64).primary(),
          name: string(600),
          data: text(),
          created_at: bigint({ as: 'number' }),
          fresh_until: bigint({ as: 'number' }),
          keep_until: bigint({ as: 'number' }),
          tags: text(),
        },
        { indexes: [['keep_until']] },
      )
      await schema.createTable(
        'glueful_cache_tags',
        { id: string(64).primary(), version: string(36), keep_until: bigint({ as: 'number' }) },
        { indexes: [['keep_until']] },
      )
      await schema.createTable('glueful_cache_leases', { id: string(64).primary(), token: string(64), ends_at: bigint({ as: 'number' }) })
    },
    down: async (schema) => {
      await schema.dropTable('glueful_cache_leases')
      await schema.dropTable('glueful_cache_tags')
      await schema.dropTable('glueful_cache')
    },
  }),
]
