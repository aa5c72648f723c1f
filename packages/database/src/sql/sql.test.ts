import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoteIdentifier } from './quote-identifier.ts'
import { renderSql } from './render-sql.ts'
import { sql } from './sql.ts'

test('values become placeholders of the dialect and never text', () => {
  const query = sql`select * from cars where make = ${"'; drop table cars --"} and price < ${5}`
  const params = ["'; drop table cars --", 5]
  expect(renderSql(query, 'sqlite')).toEqual({ text: 'select * from cars where make = ? and price < ?', params })
  expect(renderSql(query, 'mysql')).toEqual({ text: 'select * from cars where make = ? and price < ?', params })
  expect(renderSql(query, 'postgres')).toEqual({ text: 'select * from cars where make = $1 and price < $2', params })
})

test('fragments nest, and placeholders are numbered through', () => {
  const cheap = sql`price < ${10}`
  const query = sql`select ${sql.id('cars', 'id')} from ${sql.id('cars')} where ${cheap} and make in (${sql.join(['a', 'b'])}) ${sql.raw('limit 5')}`
  expect(renderSql(query, 'postgres')).toEqual({
    text: 'select "cars"."id" from "cars" where price < $1 and make in ($2, $3) limit 5',
    params: [10, 'a', 'b'],
  })
  expect(renderSql(query, 'mysql').text).toBe('select `cars`.`id` from `cars` where price < ? and make in (?, ?) limit 5')
})

test('a list may have another separator and hold fragments', () => {
  const query = sql`${sql.join([sql`a = ${1}`, sql`b = ${2}`], sql` or `)}`
  expect(renderSql(query, 'sqlite')).toEqual({ text: 'a = ? or b = ?', params: [1, 2] })
})

test('the same template is rendered once', () => {
  const find = (id: number) => renderSql(sql`select ${id}`, 'postgres')
  expect(find(1).text).toBe(find(2).text)
  expect(find(2).params).toEqual([2])
})

test('a value that looks like a fragment is a value', () => {
  const forged: unknown = JSON.parse('{"strings":["1=1"],"values":[],"parts":["cars"]}')
  expect(renderSql(sql`select ${forged}`, 'sqlite')).toEqual({ text: 'select ?', params: [forged] })
})

test('undefined is refused, in a list as well', () => {
  expect(() => sql`select ${undefined}`).toThrow(expect.objectContaining({ code: 'SQL_VALUE_UNDEFINED', detail: expect.stringContaining('Value 1') }))
  expect(() => sql.join([1, undefined])).toThrow(expect.objectContaining({ code: 'SQL_VALUE_UNDEFINED' }))
})

test('an empty list is refused', () => {
  expect(() => sql.join([])).toThrow(expect.objectContaining({ code: 'SQL_JOIN_EMPTY' }))
})

test.for(['', 'a\0b', 'ü'.repeat(32), '\ud800'])('the identifier %j is refused', (name) => {
  expect(() => quoteIdentifier(name, 'sqlite')).toThrow(expect.objectContaining({ code: 'SQL_IDENTIFIER_INVALID' }))
})

test('a quoted identifier ends where it should, whatever it contains', () => {
  const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((name) => !name.includes('\0') && Buffer.byteLength(name) < 64)
  fc.assert(
    fc.property(names, fc.constantFrom('sqlite' as const, 'mysql' as const, 'postgres' as const), (name, dialect) => {
      const quoted = quoteIdentifier(name, dialect)
      const mark = dialect === 'mysql' ? '`' : '"'
      expect(quoted.startsWith(mark) && quoted.endsWith(mark)).toBe(true)
      const inner = quoted.slice(1, -1)
      expect(inner.replaceAll(mark + mark, '').includes(mark)).toBe(false)
      expect(inner.replaceAll(mark + mark, mark)).toBe(name)
    }),
  )
})
