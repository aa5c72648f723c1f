import { describe, expect, test } from 'vitest'
import { describeDialects } from '../testing/describe-dialects.ts'
import { createDatabaseShell } from './database-shell.ts'
import { describeDatabase } from './describe-database.ts'
import { renderRows } from './render-rows.ts'

await describeDialects(describe, ({ dialect, open }) => {
  test('a shell runs statements once they are complete, and goes on after an error', async () => {
    await using place = await open()
    const printed: string[] = []
    const shell = createDatabaseShell({ database: place.db, print: (text) => printed.push(text), readOnly: false })
    expect(await shell.line('create table cars (id integer primary key, make varchar(20));')).toBe(true)
    await shell.line("insert into cars values (1, 'a;b'),")
    expect(shell.unfinished).toBe(true)
    await shell.line('(2, null); select * from cars')
    await shell.line('order by id;')
    expect(shell.unfinished).toBe(false)
    expect(await shell.line('select * from nowhere;')).toBe(false)
    expect(printed[1]).toMatch(/^2 rows · /)
    expect(printed[2]).toBe('id  make\n--  ----\n1   a;b\n2   NULL')
    expect(printed.at(-1)).toMatch(/nowhere.*\[QUERY_FAILED\]/s)
  })

  test('a shell that only reads writes nothing', async () => {
    await using place = await open()
    await place.db.script('create table cars (id integer primary key)')
    const printed: string[] = []
    const shell = createDatabaseShell({ database: place.db, print: (text) => printed.push(text), readOnly: true })
    expect(await shell.line('insert into cars values (1);')).toBe(false)
    expect(printed.at(-1)).toContain('TRANSACTION_READ_ONLY')
    expect(await shell.line('select count(*) as n from cars;')).toBe(true)
    expect(printed.at(-2)).toBe('n\n-\n0')
  })

  test('a database is described by its version, size and tables', async () => {
    await using place = await open()
    await place.db.script(
      'create table cars (id integer primary key); create table "dealers" (id integer primary key)'.replaceAll('"', dialect === 'mysql' ? '`' : '"'),
    )
    const { tables, version, bytes, ...about } = await describeDatabase(place.db)
    expect(about).toEqual({ name: 'default', dialect })
    expect(version).toMatch(/^\d+\.\d+/)
    expect(bytes).toBeGreaterThan(0)
    expect(tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['cars', 0],
      ['dealers', 0],
    ])
  })
})

test('what a terminal would obey is shown instead', () => {
  const rows = { columns: ['a'], rows: [['\x1b[2J\x9b'], [new Uint8Array([1, 255])], ['x'.repeat(100)], [10n]], rowCount: 4 }
  expect(renderRows(rows).split('\n').slice(2)).toEqual(['\\u001b[2J\\u009b', '0x01ff', `${'x'.repeat(59)}…`, '10'])
  const many = { columns: ['a'], rows: Array.from({ length: 501 }, () => [1]), rowCount: 501 }
  expect(renderRows(many).split('\n').at(-1)).toBe('… 1 more')
})
