import { integer, Model, sql, string } from '@glueful/database'
import { expect, test } from 'vitest'
import { addBooted, removeBooted } from '../../packages/database/src/connection/databases.ts'
import { openTestDatabase } from '../../packages/database/src/testing/open-test-database.ts'
import { canRun, ownServer } from './own-servers.ts'

class Part extends Model('parts', { id: integer().primary(), name: string() }) {}

const here = canRun.mysql || process.env['CI'] === 'true'

test.skipIf(!here)(
  `the keys of rows inserted together are known where a cluster leaves keys out for its other servers${here ? '' : ' (skipped: no server program to start)'}`,
  { timeout: 120_000 },
  async () => {
    const server = await ownServer('mysql')
    await server.start()
    try {
      const first = await openTestDatabase(server.url)
      await first.default.script(
        'set global auto_increment_increment = 3; create table parts (id int not null auto_increment primary key, name varchar(255) not null)',
      )
      await first.stop()
      // Who connects from now on is told.
      const databases = await openTestDatabase(server.url)
      addBooted(databases)
      const names = ['a', 'b', 'c', 'd']
      const made = await Part.createMany(names.map((name) => ({ name })))
      expect(made.map(({ id }) => id)).toEqual([1, 4, 7, 10])
      expect(await databases.default.all(sql`select id, name from parts order by id`)).toEqual(made.map(({ id, name }) => ({ id, name })))
      removeBooted(databases)
      await databases.stop()
    } finally {
      await server.stop('kill')
      await server.remove()
    }
  },
)
