import { createApp } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { database } from '../extension/database-extension.ts'
import { sql } from '../sql/sql.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { testDatabase } from '../testing/test-database.ts'
import { databaseCommands } from './database-commands.ts'

/** Runs a command on the application as the command line does. */
async function run(name: string, url: string, options: Record<string, string | boolean> = {}, environment: 'test' | 'production' = 'test') {
  const app = createApp({ name: 'shop', routes: {}, extensions: [database({ migrateOnStart: false })] }).with({
    environment,
    env: { DATABASE_URL: url, APP_KEY: 'k'.repeat(64) },
    logDestination: createMemoryDestination(),
  })
  const printed: string[] = []
  const command = databaseCommands.find((candidate) => candidate.name === name)
  const code = await command?.run({ args: [], options, app, print: (text) => printed.push(text) })
  await app.close()
  return { code, printed: printed.join('\n') }
}

test('db show lists the tables of each connection', async () => {
  await using place = await testDatabase('sqlite')
  await place.db.script('create table cars (id integer primary key); insert into cars values (1), (2)')
  const { printed, code } = await run('db show', place.url)
  expect(code ?? 0).toBe(0)
  expect(printed).toMatch(/^default: sqlite \d+\.\d+\.\d+, \d+ kB\n {2}TABLE\s+ROWS\s+SIZE\n {2}cars\s+2$/)
  const json = JSON.parse((await run('db show', place.url, { json: true })).printed) as unknown
  expect(json).toMatchObject([{ name: 'default', dialect: 'sqlite', tables: [{ name: 'cars', rows: 2 }] }])
})

test('db shell runs a query and says by its exit code how that went', async () => {
  await using place = await testDatabase('sqlite')
  expect(await run('db shell', place.url, { query: 'create table cars (id integer primary key); insert into cars values (5)' })).toMatchObject({ code: 0 })
  expect((await run('db shell', place.url, { query: 'select * from cars' })).printed).toMatch(/^id\n--\n5\n1 row · /)
  expect(await run('db shell', place.url, { query: 'select * from nowhere' })).toMatchObject({ code: 1, printed: expect.stringContaining('nowhere') })
})

test('in production a shell only reads unless it is told otherwise', async () => {
  await using place = await testDatabase('sqlite')
  await place.db.script('create table cars (id integer primary key)')
  expect(await run('db shell', place.url, { query: 'insert into cars values (1)' }, 'production')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('TRANSACTION_READ_ONLY'),
  })
  expect(await run('db shell', place.url, { query: 'insert into cars values (1)', write: true }, 'production')).toMatchObject({ code: 0 })
})

test.for([{ query: true }, { query: ' ' }, { connection: '' }])('the options %o are refused', async (options) => {
  await using place = await testDatabase('sqlite')
  await expect((async () => run('db shell', place.url, options as Record<string, string | boolean>))()).rejects.toMatchObject({
    code: 'COMMAND_ARGUMENT_INVALID',
  })
})

test('a connection that does not exist is refused', async () => {
  await using place = await testDatabase('sqlite')
  await expect(run('db shell', place.url, { connection: 'reports', query: 'select 1' })).rejects.toMatchObject({ code: 'DATABASE_CONNECTION_UNKNOWN' })
})

await describeDialects(
  describe,
  ({ dialect, open }) => {
    test('db create makes a database that is not there, and leaves one that is', async () => {
      await using place = await open()
      const url = new URL(place.url)
      url.pathname += '_new'
      const name = url.pathname.slice(1)
      const missing = run('db show', url.href)
      await expect(missing).rejects.toMatchObject({ code: 'DATABASE_START_FAILED', fix: expect.stringContaining('glueful db create') })
      const target = `${dialect}://${url.host}${url.pathname}`
      try {
        expect((await run('db create', url.href)).printed).toBe(`default: ${target} created`)
        expect((await run('db create', url.href)).printed).toBe(`default: ${target} is there`)
        expect(JSON.parse((await run('db create', url.href, { json: true })).printed)).toEqual([{ connection: 'default', target, created: false }])
        expect((await run('db show', url.href)).printed).toContain('no tables')
      } finally {
        await place.db.run(sql`drop database if exists ${sql.id(name)}`)
      }
    })
  },
  ['postgres', 'mysql'],
)

test('a SQLite file needs no making', async () => {
  await using place = await testDatabase('sqlite')
  expect((await run('db create', place.url)).printed).toMatch(/^default: sqlite:.* is a file, made when it is first used$/)
})
