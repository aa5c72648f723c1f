import { bigint, migration, sql, string, text, type Migration } from '@glueful/database'
import { firstHash } from './audit-chain.ts'

export const auditMigrations: readonly Migration[] = [
  migration('20261126120000_auth_audit', {
    up: async (schema) => {
      await schema.createTable(
        'auth_audit',
        {
          seq: bigint({ as: 'number' }).primary(),
          at: bigint({ as: 'number' }),
          actor: string(191).nullable(),
          action: string(120),
          target: string(255).nullable(),
          was: text().nullable(),
          became: text().nullable(),
          result: string(8),
          request_id: string(128).nullable(),
          ip: string(64).nullable(),
          previous: string(64),
          hash: string(64),
        },
        { indexes: [['at'], ['actor', 'seq'], ['action', 'seq'], ['target', 'seq']] },
      )
      // Two rows: `head` is the last entry, `start` the one before the first that is still there.
      await schema.createTable('auth_audit_ends', { id: string(8).primary(), seq: bigint({ as: 'number' }), hash: string(64), seal: string(96) })
      for (const id of ['head', 'start']) await schema.run(sql`insert into auth_audit_ends (id, seq, hash, seal) values (${id}, ${0}, ${firstHash}, ${''})`)
    },
    down: async (schema) => {
      await schema.dropTable('auth_audit_ends')
      await schema.dropTable('auth_audit')
    },
  }),
  migration('20261126150000_auth_audit_requests', {
    transaction: false,
    up: (schema) => schema.createIndex('auth_audit', ['request_id'], { concurrently: schema.dialect === 'postgres' }),
    down: (schema) => schema.dropIndex('auth_audit', ['request_id'], { concurrently: schema.dialect === 'postgres' }),
  }),
]
