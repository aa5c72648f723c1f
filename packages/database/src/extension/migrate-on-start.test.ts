import { createApp, defineExtension, provide, service } from 'glueful'
import { expect, test } from 'vitest'
import { database, Database, migration, sql, uuid } from '../index.ts'

const jobs = migration('20260101000000_jobs', {
  up: (schema) => schema.createTable('jobs', { id: uuid().primary() }),
  down: (schema) => schema.dropTable('jobs'),
})
const Worker = service<{ jobs: number }>('worker')
const queue = defineExtension({
  name: 'queue',
  migrations: [jobs],
  services: [
    provide(Worker, ({ use }) => ({ jobs: -1, database: use(Database) }), {
      start: async (worker) => {
        const row = await (worker as unknown as { database: Database }).database.first<{ count: number }>(sql`select count(*) as count from jobs`)
        worker.jobs = row?.count ?? -1
      },
    }),
  ],
})

test('an application migrates before what needs the tables starts', async () => {
  const app = createApp({ name: 'shop', routes: {}, extensions: [queue, database()] }).with({ env: {}, environment: 'test' })
  await app.ready()
  expect(app.use(Worker).jobs).toBe(0)
  await app.close()
})

test('in production it only says what is pending, unless it is told to migrate', async () => {
  const lines: string[] = []
  const start = (options: Parameters<typeof database>[0]) =>
    createApp({ name: 'shop', routes: {}, extensions: [defineExtension({ name: 'queue', migrations: [jobs] }), database(options)] }).with({
      environment: 'production',
      env: { DATABASE_URL: 'sqlite::memory:', LOG_FORMAT: 'json' },
      logDestination: { write: (line: string) => void lines.push(line), flush: () => undefined },
    })
  const waits = start({})
  await waits.ready()
  expect(lines.join('')).toMatch(/"pending":\[[^\]]*"20260101000000_jobs"/)
  await expect(waits.use(Database).run(sql`select * from jobs`)).rejects.toThrow(/jobs/)
  await waits.close()
  const migrates = start({ migrateOnStart: true })
  await migrates.ready()
  expect(await migrates.use(Database).all(sql`select * from jobs`)).toEqual([])
  await migrates.close()
})
