import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../connection/database.ts'
import type { TestDatabase } from '../../testing/test-database.ts'
import { sql } from '../../sql/sql.ts'
import { describeDialects } from '../../testing/describe-dialects.ts'
import { openTestDatabase } from '../../testing/open-test-database.ts'
import { outsideTransaction } from '../../transaction/scope.ts'
import { afterCommit, afterRollback } from '../../transaction/transaction.ts'

await describeDialects(
  describe,
  ({ dialect, open }) => {
    const sleep = (seconds: number) => (dialect === 'postgres' ? sql`select pg_sleep(${seconds})` : sql`select sleep(${seconds})`)
    const ownId = dialect === 'postgres' ? sql`select pg_backend_pid() as id` : sql`select connection_id() as id`
    const idOf = async (db: Database) => (await db.first<{ id: number }>(ownId))?.id as number
    const kill = (admin: Database, id: number) => (dialect === 'postgres' ? admin.all(sql`select pg_terminate_backend(${id})`) : admin.script(`kill ${id}`))

    /** A proxy that can be told to swallow everything, as a network that went away. */
    async function throughProxy(database: TestDatabase) {
      const target = new URL(database.url)
      const sockets: Socket[] = []
      let silent = false
      const server = createServer((client) => {
        const upstream = connect(Number(target.port), target.hostname)
        sockets.push(client, upstream)
        client.on('data', (chunk) => silent || upstream.write(chunk))
        upstream.on('data', (chunk) => silent || client.write(chunk))
        for (const [one, other] of [
          [client, upstream],
          [upstream, client],
        ] as const)
          one.on('error', () => other.destroy()).on('close', () => other.destroy())
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const url = new URL(target)
      url.port = String((server.address() as { port: number }).port)
      return {
        url: url.href,
        swallow: (on: boolean) => void (silent = on),
        cut: () => sockets.splice(0).forEach((socket) => socket.destroy()),
        stop: () => {
          sockets.forEach((socket) => socket.destroy())
          server.close()
        },
      }
    }

    test('a connection that the server closed is replaced without anybody noticing', async () => {
      await using database = await open({ poolMax: 1 })
      const admin = await openTestDatabase(database.url)
      const id = await idOf(database.db)
      await kill(admin.default, id)
      await expect.poll(() => idOf(database.db).catch(() => id)).not.toBe(id)
      await admin.stop()
    })

    test('a query whose connection is killed fails as lost, and what it would have committed as unknown or lost', async () => {
      await using database = await open({ poolMax: 2 })
      const { db } = database
      const admin = await openTestDatabase(database.url)
      const { promise: known, resolve: tell } = Promise.withResolvers<number>()
      const killed = db.transaction(async () => {
        tell(await idOf(db))
        await db.all(sleep(10))
      })
      const refused = expect(killed).rejects.toMatchObject({ code: 'DATABASE_CONNECTION_LOST', status: 503, headers: ['retry-after', '1'] })
      await kill(admin.default, await known)
      await refused
      expect(await db.first(sql`select 1 as one`)).toEqual({ one: 1 })
      await admin.stop()
    })

    test('a connection that is cut while committing leaves the outcome open, and nothing is tried again', async () => {
      await using database = await open()
      await database.db.script('create table notes (body varchar(20))')
      const proxy = await throughProxy(database)
      const through = await openTestDatabase(proxy.url)
      const calls: string[] = []
      const written: string[] = []
      through.default.onWritten = (tables) => void written.push(...Array.from(tables, ({ table }) => table))
      let runs = 0
      const committing = through.default.transaction(async () => {
        runs++
        afterCommit(() => void calls.push('committed'))
        afterRollback(() => void calls.push('rolled back'))
        await through.default.run(sql`insert into notes values ('a')`)
        proxy.swallow(true)
        setImmediate(() => setTimeout(proxy.cut, 20))
      })
      await expect(committing).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN', status: 500 })
      expect({ runs, calls }).toEqual({ runs: 1, calls: [] })
      // It may have been committed: what is cached of the table must go.
      expect(written).toEqual(['notes'])
      proxy.swallow(false)
      // A single write commits by itself, so it is the same.
      await through.default.all(sql`select 1`)
      proxy.swallow(true)
      const single = through.default.run(sql`insert into notes values ('b')`)
      setTimeout(proxy.cut, 20)
      await expect(single).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' })
      expect(written).toEqual(['notes', 'notes'])
      proxy.swallow(false)
      expect(await through.default.all(sql`select body from notes`)).toEqual([])
      proxy.stop()
      await through.stop()
    })

    test('a server that answers nothing any more is given up, and health knows', async () => {
      await using database = await open()
      const proxy = await throughProxy(database)
      const through = await openTestDatabase(proxy.url, { statementTimeout: 100, acquireTimeout: 300, connectTimeout: 300 })
      await through.default.all(sql`select 1`)
      await through.default.driver.check()
      proxy.swallow(true)
      await expect(through.default.driver.check()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
      await expect(through.default.all(sql`select 1`)).rejects.toMatchObject({ status: 503 })
      proxy.cut()
      proxy.swallow(false)
      await expect.poll(() => through.default.first(sql`select 1 as one`).catch(() => undefined)).toEqual({ one: 1 })
      proxy.stop()
      await through.stop()
    })

    test('a query that takes too long is ended by the server', async () => {
      await using database = await open({ statementTimeout: 200 })
      // MySQL, other than MariaDB, answers with a row when it ends a sleep.
      const all = ['a', 'b', 'c', 'd', 'e'].map((name) => `information_schema.collations ${name}`).join(', ')
      const long = dialect === 'postgres' ? sleep(20) : sql.raw(`select count(*) from ${all}`)
      await expect(database.db.all(long)).rejects.toMatchObject({ code: 'QUERY_TIMED_OUT', status: 504 })
      expect(await database.db.first(sql`select 1 as one`)).toEqual({ one: 1 })
    })

    test('a record that somebody else holds is waited for only so long', async () => {
      await using database = await open({ statementTimeout: 2_000 })
      const { db } = database
      await db.script('create table notes (id integer primary key, body varchar(20))')
      await db.run(sql`insert into notes values (1, 'a')`)
      await db.transaction(async () => {
        await db.run(sql`update notes set body = 'b'`)
        const other = outsideTransaction(() =>
          db.transaction(async () => {
            if (dialect === 'postgres') await db.run(sql`set local lock_timeout = '50ms'`)
            await db.run(sql`update notes set body = 'c'`)
          }),
        )
        await expect(other).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', status: 503 })
      })
    })

    test('a server that is not there, or does not let in, keeps the application from starting', async () => {
      await using database = await open()
      const nobody = new URL(database.url)
      nobody.port = '1'
      await expect(openTestDatabase(nobody.href, { acquireTimeout: 200 })).rejects.toMatchObject({
        code: 'DATABASE_START_FAILED',
        detail: expect.stringContaining(':1/'),
        cause: { code: 'DATABASE_UNREACHABLE', status: 503 },
      })
      const missing = new URL(database.url)
      missing.pathname = '/there_is_no_such_database'
      await expect(openTestDatabase(missing.href)).rejects.toMatchObject({
        code: 'DATABASE_START_FAILED',
        detail: expect.stringMatching(/there_is_no_such_database/),
      })
    })

    test('statements go on working when their table changes, and when there are more than are prepared', async () => {
      await using database = await open({ poolMax: 1 })
      const { db } = database
      await db.script('create table notes (id integer primary key, body varchar(20))')
      await db.run(sql`insert into notes values (1, 'a')`)
      const read = () => db.all(sql`select * from notes`)
      for (let round = 0; round < 3; round++) expect(await read()).toEqual([{ id: 1, body: 'a' }])
      await db.script('alter table notes add column size integer default 5')
      for (let round = 0; round < 3; round++) expect(await read()).toEqual([{ id: 1, body: 'a', size: 5 }])
      for (let round = 0; round < 2; round++)
        for (let index = 0; index < 1_100; index++) expect((await db.execute(`select ${index} as n`, [])).rows).toEqual([[index]])
      expect(await read()).toEqual([{ id: 1, body: 'a', size: 5 }])
    })
  },
  ['postgres', 'mysql'],
)
