import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSlowQueries } from '../observe/slow-queries.ts'
import { readQueryShape } from './query-shape.ts'

const shape = (text: string) =>
  readQueryShape(text, (table, column) => (table === 'cars' ? ['make', 'price', 'note'] : ['name']).includes(column)).map(
    ({ table, conditions, order, limited, hindrances }) => ({
      table,
      conditions: conditions.map(({ kind, column, parameters }) => `${kind} ${column} ${parameters.join()}`.trim()),
      ...(order === undefined ? {} : { order: order.join() }),
      ...(limited ? { limited } : {}),
      ...(hindrances.length === 0 ? {} : { hindrances: hindrances.length }),
    }),
  )

test.each<[string, object[]]>([
  [
    'select "cars"."make" from "cars" where "cars"."make" = $2 and ("cars"."price" between $1 and $3 and "cars"."deletedAt" is null) order by "cars"."price" desc, "cars"."id" desc limit $4',
    [{ table: 'cars', conditions: ['equal make 1', 'range price 0,2', 'null deletedAt'], order: 'price,id', limited: true }],
  ],
  ['select * from `cars` where make in (?, ?) and price > ? order by price, make desc', [{ table: 'cars', conditions: ['equal make 0,1', 'range price 2'] }]],
  ['select * from cars where ? < price and lower(make) = ?', [{ table: 'cars', conditions: ['range price 0'], hindrances: 1 }]],
  [
    'select c.id from cars as c, dealers d where c.dealer = d.id and d.name = ?',
    [
      { table: 'cars', conditions: ['joined dealer'] },
      { table: 'dealers', conditions: ['joined id', 'equal name 0'] },
    ],
  ],
  [
    'select * from cars left join dealers on dealers.id = cars.dealer and dealers.name <> ? where make is not null and price <> ?',
    [
      { table: 'cars', conditions: ['joined dealer'] },
      { table: 'dealers', conditions: ['joined id'] },
    ],
  ],
  [
    'select * from cars where exists (select 1 from dealers t1 where t1.id = cars.dealer and t1.city = ?)',
    [
      { table: 'cars', conditions: [] },
      { table: 'dealers', conditions: ['joined id', 'equal city 0'] },
    ],
  ],
  ['update cars set price = ?, make = ? where make = ?', [{ table: 'cars', conditions: ['equal make 2'] }]],
  ['delete from "cars" where "cars"."make" = any($1)', [{ table: 'cars', conditions: ['equal make 0'] }]],
  ['select * from cars where make = ? or price = ?', [{ table: 'cars', conditions: [], hindrances: 1 }]],
  [
    "select * from cars where make like ? and price = 5 and note = 'it''s -- (no' for update",
    [{ table: 'cars', conditions: ['equal price', 'equal note'], hindrances: 1 }],
  ],
  ['select k from (select make as k from cars where price = ?) x where k = ?', [{ table: 'cars', conditions: ['equal price 0'] }]],
  ['select value from json_each(?) where value = ?', []],
  ['select 1', []],
])('%s', (text, expected) => {
  // Conditions without a table of the scope belong to nobody here.
  expect(shape(text).map((use) => ({ ...use, conditions: use.conditions.filter((condition) => !/ (?:k|value) /.test(`${condition} `)) }))).toEqual(expected)
})

test('any text is read to its end', () => {
  const piece = fc.constantFrom(
    'select',
    'from',
    'where',
    'cars',
    '"',
    "'",
    '(',
    ')',
    'and',
    'or',
    '=',
    '?',
    '$1',
    'order by',
    'between',
    ',',
    '.',
    'join',
    'on',
    'is',
    'null',
    '--',
    '/*',
    'x',
    '[',
  )
  fc.assert(fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => Array.isArray(readQueryShape(pieces.join(' '), () => true))))
})

test('only so many statements are noted, and none of those that are made for one time', () => {
  const noted = createSlowQueries()
  for (let at = 0; at < 300; at++) noted.note('default', `select ${at}`, 10, undefined)
  noted.note('default', `select '${'x'.repeat(10_000)}'`, 10, undefined)
  noted.note('default', 'select 0', 30, 'routes/cars.ts:1:1')
  const taken = noted.take()
  expect(taken).toHaveLength(200)
  expect(taken[0]).toEqual({ database: 'default', text: 'select 0', runs: 2, totalMs: 40, longestMs: 30, place: 'routes/cars.ts:1:1' })
  expect(noted.take()).toEqual([])
})
