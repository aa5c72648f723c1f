import { expect, test } from 'vitest'
import { writtenTables } from './written-tables.ts'

test.each<[string, string[]]>([
  ['insert into "cars" ("id") values ($1)', ['insert cars']],
  ['INSERT OR REPLACE INTO cars values (1)', ['delete cars']],
  ['insert ignore into `cars` values (1)', ['insert cars']],
  ['replace into cars values (1)', ['delete cars']],
  ['update "public"."cars" set a = 1', ['update cars']],
  ['update only cars set a = 1', ['update cars']],
  ['update or ignore cars set a = 1', ['update cars']],
  ['delete from [old cars] where id = ?', ['delete old cars']],
  ['truncate table cars', ['delete cars']],
  ['merge into cars using news on true when matched then delete', ['delete cars']],
  [
    'with gone as (delete from cars returning *), n as (update dealers set a = 1) insert into log select * from gone',
    ['delete cars', 'update dealers', 'insert log'],
  ],
  ['select * from cars', []],
  ['/* update */ select updated_at from cars', []],
])('%s', (text, expected) => {
  expect(writtenTables(text).map(({ how, table }) => `${how} ${table}`)).toEqual(expected)
})

test('a conflict that updates writes to the table of the insert', () => {
  expect(writtenTables('insert into cars (id) values (?) on conflict (id) do update set price = 1')).toContainEqual({ table: 'cars', how: 'insert' })
})

test('a statement of a megabyte is read in a moment', () => {
  const text = `insert into cars values ${Array.from({ length: 100_000 }, () => '(?, ?, ?)').join(', ')}`
  expect(writtenTables(text)).toEqual([{ table: 'cars', how: 'insert' }])
})
