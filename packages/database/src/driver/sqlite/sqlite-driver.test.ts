import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sql } from '../../sql/sql.ts'
import { openTestDatabase } from '../../testing/open-test-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'glueful-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const freshUrl = () => `sqlite:${folder}/${++files}.sqlite`

async function withTable(url = freshUrl(), options = {}) {
  const databases = await openTestDatabase(url, options)
  const db = databases.default
  await db.script(
    'create table notes (id integer primary key, body text unique, size, parent integer references notes (id), ok integer not null default 1 check (ok < 2))',
  )
  return { db, databases, stop: () => databases.stop() }
}

test.for(['sqlite::memory:', 'file'])('a statement gives its rows as arrays and its changes without a promise (%s)', async (kind) => {
  const { db, stop } = await withTable(kind === 'file' ? freshUrl() : kind)
  expect(db.execute('insert into notes (body, size) values (?, ?), (?, ?)', ['a', 1, 'b', 2.5])).toMatchObject({ rowCount: 2, insertId: 2 })
  const read = db.execute('select id, body, size from notes order by id', [])
  expect(read).toEqual({
    columns: ['id', 'body', 'size'],
    rows: [
      [1, 'a', 1],
      [2, 'b', 2.5],
    ],
    rowCount: 2,
  })
  expect(await db.all(sql`select body from notes where id = ${2}`)).toEqual([{ body: 'b' }])
  expect(await db.first(sql`select body from notes where id = ${3}`)).toBeUndefined()
  expect(await db.run(sql`update notes set size = 0`)).toEqual({ rowCount: 2 })
  await stop()
})

test('whole numbers are stored as such, and large integers come back as bigint', async () => {
  const { db, stop } = await withTable()
  const large = 2n ** 62n + 1n
  await db.run(
    sql`insert into notes (body, size) values ('int', ${5}), ('large', ${large}), ('bytes', ${new Uint8Array([1, 0, 255])}), ('date', ${new Date(1_700_000_000_123)}), ('yes', ${true})`,
  )
  expect(await db.all(sql`select typeof(size) as type, size from notes order by id`)).toEqual([
    { type: 'integer', size: 5 },
    { type: 'integer', size: large },
    { type: 'blob', size: new Uint8Array([1, 0, 255]) },
    { type: 'integer', size: 1_700_000_000_123 },
    { type: 'integer', size: 1 },
  ])
  expect(await db.all(sql`insert into notes (body, size) values ('again', ${large}) returning id, size`)).toEqual([{ id: 6, size: large }])
  await stop()
})

test('what a table refuses is a typed error that tells clients nothing of the table', async () => {
  const { db, stop } = await withTable()
  await db.run(sql`insert into notes (body) values ('a')`)
  const unique = await db.run(sql`insert into notes (body) values ('a')`).catch((error: unknown) => error)
  expect(unique).toMatchObject({ code: 'UNIQUE_VIOLATION', status: 409, table: 'notes', columns: ['body'], detail: expect.not.stringContaining('notes') })
  await expect(db.run(sql`insert into notes (id) values (1)`)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION', columns: ['id'] })
  await expect(db.run(sql`insert into notes (parent) values (99)`)).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION', status: 409 })
  await expect(db.run(sql`insert into notes (ok) values (${null})`)).rejects.toMatchObject({ code: 'NOT_NULL_VIOLATION', status: 422, columns: ['ok'] })
  await expect(db.run(sql`insert into notes (ok) values (7)`)).rejects.toMatchObject({ code: 'CHECK_VIOLATION', status: 422 })
  await expect(db.run(sql`insert into notes (id) values ('no number')`)).rejects.toMatchObject({ code: 'VALUE_REJECTED', status: 422 })
  await expect(db.all(sql`select * from nowhere`)).rejects.toMatchObject({ code: 'QUERY_FAILED', status: 500, detail: expect.stringContaining('nowhere') })
  await stop()
})

test.for<[unknown, string]>([
  [{ a: 1 }, 'SQL_VALUE_UNSUPPORTED'],
  [[1], 'SQL_VALUE_UNSUPPORTED'],
  [Number.NaN, 'SQL_VALUE_UNSUPPORTED'],
  [2n ** 64n, 'SQL_VALUE_UNSUPPORTED'],
  [new Date(Number.NaN), 'SQL_VALUE_UNSUPPORTED'],
  [Symbol('x'), 'SQL_VALUE_UNSUPPORTED'],
  ['half \ud83d of a pair', 'SQL_TEXT_INVALID'],
])('the value %o is refused', async ([value, code]) => {
  const { db, stop } = await withTable()
  await expect(db.all(sql`select ${value}`)).rejects.toMatchObject({ code })
  expect(() => db.execute('select ?', [undefined])).toThrow(expect.objectContaining({ code: 'SQL_VALUE_UNDEFINED' }))
  await stop()
})

test('a second statement in a text is refused, not forgotten', async () => {
  const { db, stop } = await withTable()
  expect(() => db.execute('select 1; delete from notes', [])).toThrow(expect.objectContaining({ code: 'SQL_STATEMENTS_SEVERAL' }))
  expect(db.execute('select 1; -- done\n', [])).toMatchObject({ rows: [[1]] })
  await stop()
})

test('rows in batches hold one snapshot and leave the connection free', async () => {
  const { db, stop } = await withTable()
  await db.run(sql`insert into notes (body) select value from json_each('["a","b","c","d","e"]')`)
  const sizes: number[] = []
  for await (const { rows } of db.batches('select id from notes', [], 2)) {
    sizes.push(rows.length)
    await db.run(sql`insert into notes (body) values (${`new ${sizes.length}`})`)
  }
  expect(sizes).toEqual([2, 2, 1])
  expect(await db.first(sql`select count(*) as count from notes`)).toEqual({ count: 8 })
  await stop()
})

test('a lock of another process is waited for, and given up in time', async () => {
  const url = freshUrl()
  const first = await withTable(url)
  const second = await openTestDatabase(url, { busyTimeout: 40 })
  const third = await openTestDatabase(url)
  let waiting: Promise<unknown> | undefined
  await first.db.transaction(async () => {
    await first.db.run(sql`insert into notes (body) values ('held')`)
    await expect(second.default.run(sql`insert into notes (body) values ('too late')`)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', status: 503 })
    await expect(second.default.transaction(() => Promise.resolve())).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    waiting = third.default.run(sql`insert into notes (body) values ('patient')`)
    expect(await second.default.all(sql`select * from notes`)).toEqual([])
  })
  await waiting
  expect(await second.default.all(sql`select body from notes order by id`)).toEqual([{ body: 'held' }, { body: 'patient' }])
  await Promise.all([first.stop(), second.stop(), third.stop()])
})

test('foreign keys hold, and the journal is written ahead', async () => {
  const { db, stop } = await withTable()
  expect(await db.first(sql`select * from pragma_foreign_keys`)).toEqual({ foreign_keys: 1 })
  expect(await db.first(sql`select * from pragma_journal_mode`)).toEqual({ journal_mode: 'wal' })
  expect(db.execute('pragma synchronous', [])).toMatchObject({ rows: [[2]] })
  await stop()
})

test('a closed database refuses what comes late', async () => {
  const { db, stop } = await withTable()
  await stop()
  await expect(db.run(sql`delete from notes`)).rejects.toMatchObject({ code: 'DATABASE_CLOSED', status: 503 })
})
