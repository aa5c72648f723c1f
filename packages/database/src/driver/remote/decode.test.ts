import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseArray } from '../postgres/postgres-types.ts'
import { decodeInteger, decodeJson, decodeTimestamp } from './decode.ts'

test.for<[string, string]>([
  ['2026-03-29 01:30:00.123+00', '2026-03-29T01:30:00.123Z'],
  ['2026-03-29 01:30:00.123456+00', '2026-03-29T01:30:00.123Z'],
  ['2026-03-29 01:30:00.1', '2026-03-29T01:30:00.100Z'],
  ['2026-03-29T01:30:00', '2026-03-29T01:30:00.000Z'],
  ['2026-03-29 01:30:00+05:30', '2026-03-28T20:00:00.000Z'],
  ['2026-03-29 01:30:00-08', '2026-03-29T09:30:00.000Z'],
  ['12026-01-01 00:00:00+00', '+012026-01-01T00:00:00.000Z'],
])('%s is %s', ([text, date]) => {
  expect((decodeTimestamp(text) as Date).toISOString()).toBe(date)
})

test.for(['infinity', '-infinity', '0044-03-15 00:00:00 BC', ''])('%j stays text', (text) => {
  expect(decodeTimestamp(text)).toBe(text)
})

test('every date comes back as it was', () => {
  const dates = fc.date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  fc.assert(fc.property(dates, (date) => void expect(decodeTimestamp(date.toISOString().replace('T', ' ').replace('Z', '+00'))).toEqual(date)))
})

test('integers are numbers where numbers are exact', () => {
  expect(['5', '-9007199254740991', '9007199254740993'].map(decodeInteger)).toEqual([5, -9_007_199_254_740_991, 9_007_199_254_740_993n])
})

test('JSON is parsed once', () => {
  expect([decodeJson('{"a":[1]}'), decodeJson('null'), decodeJson(5)]).toEqual([{ a: [1] }, null, 5])
})

test('arrays of PostgreSQL are read as they are written', () => {
  const text = (value: string) => value
  expect(parseArray('{}', text)).toEqual([])
  expect(parseArray('{1,NULL,"NULL","a \\"b\\" \\\\ c","{x}"}', text)).toEqual(['1', null, 'NULL', 'a "b" \\ c', '{x}'])
  expect(parseArray('{{1,2},{3,4}}', Number)).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(parseArray('[0:1]={5,6}', Number)).toEqual([5, 6])
})
