import { bigint, integer, migration, string, text, type Migration } from '@glueful/database'

/**
 * Times are milliseconds since the epoch, not timestamps: they are compared with the application's clock in conditions
 * that decide who gets in, and so mean the same in every database and time zone.
 */
const time = () => bigint({ as: 'number' })

/** Ids of users are the application's: text of any kind that fits. */
const userId = () => string(191)
const sha256 = () => string(64)

export const authMigrations: readonly Migration[] = [
  migration('20261126090000_auth', {
    up: async (schema) => {
      await schema.createTable('auth_keys', {
        kid: string(64).primary(),
        algorithm: string(8),
        public_key: text(),
        private_key: text(),
        created_at: time(),
        active_from: time(),
        retires_at: time().nullable(),
      })
      await schema.createTable(
        'auth_sessions',
        {
          id: string(36).primary(),
          user_id: userId(),
          kind: string(8),
          secret: sha256().unique(),
          created_at: time(),
          last_used_at: time(),
          idle_until: time(),
          expires_at: time(),
          ended_at: time().nullable(),
          end_reason: string(32).nullable(),
          ip: string(64),
          user_agent: string(255),
        },
        { indexes: [['user_id'], ['ended_at'], ['expires_at']] },
      )
      await schema.createTable(
        'auth_refresh_tokens',
        {
          hash: sha256().primary(),
          session_id: string(36),
          created_at: time(),
          expires_at: time(),
          used_at: time().nullable(),
        },
        { indexes: [['session_id'], ['expires_at']] },
      )
      await schema.createTable(
        'auth_attempts',
        {
          subject: sha256().primary(),
          failures: integer(),
          pending: integer(),
          lockouts: integer(),
          last_at: time(),
          counts_until: time(),
          locked_until: time().nullable(),
        },
        { indexes: [['last_at']] },
      )
      await schema.createTable(
        'auth_api_keys',
        {
          id: string(36).primary(),
          user_id: userId(),
          name: string(100),
          hash: sha256().unique(),
          shown: string(16),
          mode: string(4),
          scopes: text(),
          networks: text(),
          rate_limit: integer().nullable(),
          created_at: time(),
          expires_at: time().nullable(),
          revoked_at: time().nullable(),
          replaced_by: string(36).nullable(),
          last_used_at: time().nullable(),
        },
        { indexes: [['user_id']] },
      )
      await schema.createTable(
        'auth_api_key_usage',
        { key_id: string(36), day: string(10), requests: bigint({ as: 'number' }) },
        { primary: ['key_id', 'day'], indexes: [['day']] },
      )
      await schema.createTable(
        'auth_one_time_tokens',
        {
          hash: sha256().primary(),
          purpose: string(32),
          user_id: userId(),
          about: string(255),
          created_at: time(),
          expires_at: time(),
          used_at: time().nullable(),
        },
        { indexes: [['user_id'], ['expires_at']] },
      )
    },
    down: async (schema) => {
      for (const table of ['keys', 'sessions', 'refresh_tokens', 'attempts', 'api_keys', 'api_key_usage', 'one_time_tokens'])
        await schema.dropTable(`auth_${table}`)
    },
  }),
]
