import { bigint, integer, migration, string, text, type Migration } from '@glueful/database'

/** Milliseconds since the epoch, by the application's clock. */
const time = () => bigint({ as: 'number' })
const id = () => string(40)

export const webhookMigrations: readonly Migration[] = [
  migration('20261126120000_webhooks', {
    up: async (schema) => {
      await schema.createTable(
        'webhook_endpoints',
        {
          id: id().primary(),
          tenant: string(191),
          url: text(),
          events: text(),
          description: string(255),
          secret: text(),
          previous_secret: text().nullable(),
          previous_until: time().nullable(),
          failing_since: time().nullable(),
          disabled_at: time().nullable(),
          disabled_reason: string(16).nullable(),
          created_at: time(),
        },
        { indexes: [['tenant']] },
      )
      await schema.createTable(
        'webhook_messages',
        { id: id().primary(), tenant: string(191), event: string(120), body: text(), created_at: time() },
        { indexes: [['created_at']] },
      )
      await schema.createTable(
        'webhook_deliveries',
        {
          id: id().primary(),
          message_id: id(),
          endpoint_id: id(),
          status: string(12),
          attempts: integer(),
          round_start: integer(),
          created_at: time(),
          next_attempt_at: time().nullable(),
          finished_at: time().nullable(),
        },
        { indexes: [['endpoint_id', 'created_at'], ['message_id'], ['status', 'finished_at']] },
      )
      await schema.createTable(
        'webhook_attempts',
        {
          delivery_id: id(),
          number: integer(),
          at: time(),
          duration_ms: integer(),
          outcome: string(16),
          response_status: integer().nullable(),
          response_body: text().nullable(),
          error: text().nullable(),
        },
        { primary: ['delivery_id', 'number'] },
      )
    },
    down: async (schema) => {
      for (const table of ['attempts', 'deliveries', 'messages', 'endpoints']) await schema.dropTable(`webhook_${table}`)
    },
  }),
  migration('20261126160000_webhook_limits', {
    up: async (schema) => {
      await schema.addColumn('webhook_endpoints', 'concurrency', integer().nullable())
      await schema.addColumn('webhook_endpoints', 'rate_limit', integer().nullable())
      await schema.addColumn('webhook_endpoints', 'rate_per', time().nullable())
      await schema.createIndex('webhook_messages', ['tenant', 'created_at'])
    },
    down: async (schema) => {
      await schema.dropIndex('webhook_messages', ['tenant', 'created_at'])
      for (const column of ['concurrency', 'rate_limit', 'rate_per']) await schema.dropColumn('webhook_endpoints', column)
    },
  }),
]
