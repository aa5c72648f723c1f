import { createApp } from 'glueful'
import { database, integer, migration, sql, string } from '@glueful/database'

/**
 * A process of an application that migrates when it starts; `migrations.test.ts` starts several at once. With HANG it says
 * so in the midst of the second migration, and goes no further.
 */
const count = 5
const migrations = Array.from({ length: count }, (_, index) =>
  migration(`2026010${index + 1}000000_step`, {
    up: async (schema) => {
      if (index === 1 && process.env['HANG'] === '1') {
        process.stdout.write('hanging\n')
        await new Promise(() => setInterval(() => undefined, 1_000))
      }
      if (index === 0) await schema.createTable('runs', { id: integer().primary(), name: string() })
      await schema.createTable(`step_${index}`, { id: integer().primary(), name: string() }, { indexes: [['name']] })
      // Not unique on purpose: a migration that ran twice would be there twice.
      await schema.run(sql`insert into runs (name) values (${`step ${index}`})`)
    },
    down: async () => undefined,
    ...(index === 3 ? { transaction: false } : {}),
  }),
)

const app = createApp({ name: 'migrating', routes: {}, extensions: [{ name: 'steps', migrations }, database({ migrateOnStart: true })] })
await app.ready()
await app.close()
