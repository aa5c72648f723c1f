import { expect, test } from 'vitest'
import type { LiveTable } from '../schema/introspect/live-table.ts'
import type { TableAccess } from './plan.ts'
import type { ColumnCondition, TableUse } from './query-shape.ts'
import { suggestIndex } from './suggest-index.ts'

const column = (name: string, type = 'integer') => ({ name, type, nullable: false, default: undefined, counted: false })

/** Cars of which one in 1,000 has a make, one in four a fuel; none is deleted. */
function suggest(
  conditions: readonly (readonly [ColumnCondition['kind'], string])[],
  {
    indexes = [],
    access = { alias: 'cars', kind: 'scan', index: undefined },
    rows = 10_000,
    sorts = false,
    ...use
  }: {
    readonly indexes?: readonly string[]
    readonly access?: TableAccess
    readonly rows?: number
    readonly sorts?: boolean
  } & Partial<Pick<TableUse, 'order' | 'limited' | 'hindrances'>> = {},
) {
  const live: LiveTable = {
    name: 'cars',
    columns: [column('id'), column('make'), column('fuel'), column('price'), column('deletedAt'), column('specs', 'jsonb')],
    primary: ['id'],
    indexes: indexes.map((columns) => ({ name: `on_${columns.replace(',', '_')}`, columns: columns.split(','), unique: false, partial: false })),
    foreignKeys: [],
    checks: [],
    fullText: undefined,
  }
  const shares: Record<string, { equal: number; null: number }> = {
    make: { equal: 0.001, null: 0 },
    fuel: { equal: 0.25, null: 0 },
    price: { equal: 0.0001, null: 0 },
    deletedAt: { equal: 1, null: 1 },
  }
  return suggestIndex({
    dialect: 'postgres',
    live,
    use: {
      table: 'cars',
      alias: 'cars',
      order: undefined,
      limited: false,
      hindrances: [],
      ...use,
      conditions: conditions.map(([kind, name]) => ({ kind, column: name, parameters: [] })),
    },
    sample: { rows, share: (name) => shares[name] ?? { equal: 1, null: 1 } },
    plan: { lines: [], accesses: [access], sorts },
  })
}

test('values that few rows have come first, then the order or a range; what most rows have is left out', () => {
  expect(
    suggest([
      ['null', 'deletedAt'],
      ['equal', 'fuel'],
      ['equal', 'make'],
      ['range', 'price'],
    ]),
  ).toMatchObject({ columns: ['make', 'fuel', 'price'] })
  expect(suggest([['equal', 'fuel']], { order: ['price'], limited: true, sorts: true })).toMatchObject({ columns: ['fuel', 'price'], readsThen: 100 })
  expect(suggest([['equal', 'fuel']], { order: ['price'] })).toMatchObject({ columns: undefined, reason: expect.stringContaining('too many rows match fuel') })
  expect(suggest([], { order: ['price'], limited: true, sorts: true })).toMatchObject({ columns: ['price'] })
  expect(suggest([['null', 'deletedAt']])).toMatchObject({ columns: undefined, reason: expect.stringContaining('most rows have the same deletedAt') })
  expect(suggest([['joined', 'make']])).toMatchObject({ columns: ['make'] })
  expect(
    suggest([
      ['joined', 'make'],
      ['equal', 'price'],
    ]),
  ).toMatchObject({ columns: ['price'] })
})

test('a few rows, whichever they are, are not all of them', () => {
  expect(suggest([], { limited: true })).toBeUndefined()
  expect(suggest([])).toMatchObject({ reason: expect.stringContaining('asks for all of them') })
  expect(suggest([], { limited: true, hindrances: ['conditions are joined by or'] })).toMatchObject({ reason: 'conditions are joined by or' })
})

test('an index that is read in order past what does not match is no help, unless much matches', () => {
  const walk = { access: { alias: 'cars', kind: 'index', index: 'on_price' }, indexes: ['price'], order: ['price'], limited: true } as const
  expect(suggest([['equal', 'make']], walk)).toMatchObject({
    columns: ['make', 'price'],
    problem: expect.stringContaining('on_price of cars is read in order'),
  })
  expect(suggest([['equal', 'fuel']], walk)).toBeUndefined()
  expect(suggest([], walk)).toBeUndefined()
  expect(suggest([['range', 'price']], walk)).toBeUndefined()
})

test('what is small, or searched well, needs nothing', () => {
  expect(suggest([['equal', 'make']], { rows: 999 })).toBeUndefined()
  const access = { alias: 'cars', kind: 'index', index: 'on_make' } as const
  expect(suggest([['equal', 'make']], { access, indexes: ['make'] })).toBeUndefined()
  // Few rows are quickly sorted; many are not.
  expect(suggest([['equal', 'make']], { access, indexes: ['make'], order: ['price'], limited: true, sorts: true })).toBeUndefined()
  expect(suggest([['equal', 'make']], { access, indexes: ['make'], order: ['price'], limited: true, sorts: true, rows: 1_000_000 })).toMatchObject({
    columns: ['make', 'price'],
    problem: expect.stringContaining('1,000 rows of cars are read and sorted'),
    replaces: ['on_make'],
  })
})

test('it says why an index that is there is not taken, and why none can be', () => {
  expect(suggest([['equal', 'make']], { indexes: ['make,price'] })).toMatchObject({
    columns: undefined,
    reason: expect.stringContaining('on_make_price is there'),
  })
  expect(suggest([['equal', 'make']], { indexes: ['fuel,make'] })).toMatchObject({
    columns: ['make'],
    reason: expect.stringContaining('on_fuel_make begins with fuel'),
  })
  expect(suggest([['equal', 'specs']])).toMatchObject({ columns: undefined, reason: expect.stringContaining('specs is of a type') })
  expect(suggest([], { hindrances: ['conditions are joined by or'] })).toMatchObject({ columns: undefined, reason: 'conditions are joined by or' })
})
