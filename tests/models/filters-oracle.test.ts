import { listQuery } from '@glueful/database'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Car, describeShop } from './shop.ts'

const texts = ['a', 'b', 'Ab', "it's", '50%', 'a_b', 'x!y', 'back\\slash', '"q"', 'ü', '']
const prices = [-5, 0, 3, 7]
const costs = ['-1.00', '0.00', '9.00', '10.50']
const rows = prices.flatMap((price, one) =>
  texts.map((make, two) => ({
    price,
    make,
    note: (one + two) % 3 === 0 ? null : (texts[(one * two + 1) % texts.length] as string),
    cost: costs[(one + two) % 4] as string,
  })),
)
type Row = (typeof rows)[number]

const list = listQuery(Car, { filter: { price: true, cost: true, make: true, note: true }, sort: ['price', 'make'], search: ['make', 'note'] })

interface Asked {
  readonly parameter: string
  readonly value: string | readonly string[]
  readonly holds: (row: Row) => boolean
}

const numbers = {
  eq: (a: number, b: number) => a === b,
  ne: (a: number, b: number) => a !== b,
  gt: (a: number, b: number) => a > b,
  gte: (a: number, b: number) => a >= b,
  lt: (a: number, b: number) => a < b,
  lte: (a: number, b: number) => a <= b,
}
const lower = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
const words = {
  contains: (text: string, part: string) => lower(text).includes(lower(part)),
  starts: (text: string, part: string) => lower(text).startsWith(lower(part)),
  ends: (text: string, part: string) => lower(text).endsWith(lower(part)),
}
const text = fc.constantFrom(...texts, 'A', '%', '_', '!', '\\', "' or 1=1 --")
const textField = fc.constantFrom('make' as const, 'note' as const)
const numeric = fc.constantFrom('price' as const, 'cost' as const)

const filter: fc.Arbitrary<Asked> = fc.oneof(
  fc.tuple(numeric, fc.constantFrom(...(Object.keys(numbers) as (keyof typeof numbers)[])), fc.constantFrom(...prices, 1)).map(([field, operator, value]) => ({
    parameter: `filter[${field}][${operator}]`,
    value: String(value),
    holds: (row: Row) => numbers[operator](Number(row[field]), value),
  })),
  fc.tuple(numeric, fc.constantFrom(...prices), fc.constantFrom(...prices)).map(([field, low, high]) => ({
    parameter: `filter[${field}][between]`,
    value: [String(low), String(high)],
    holds: (row: Row) => Number(row[field]) >= low && Number(row[field]) <= high,
  })),
  fc.tuple(textField, fc.constantFrom('eq' as const, 'ne' as const), text).map(([field, operator, value]) => ({
    parameter: `filter[${field}][${operator}]`,
    value,
    // As in SQL, null is neither equal to a value nor different from it.
    holds: (row: Row) => row[field] !== null && (row[field] === value) === (operator === 'eq'),
  })),
  fc.tuple(textField, fc.constantFrom('in' as const, 'nin' as const), fc.array(text, { minLength: 2, maxLength: 5 })).map(([field, operator, values]) => ({
    parameter: `filter[${field}][${operator}]`,
    value: values,
    holds: (row: Row) => row[field] !== null && values.includes(row[field]) === (operator === 'in'),
  })),
  fc.tuple(textField, fc.constantFrom(...(Object.keys(words) as (keyof typeof words)[])), text).map(([field, operator, value]) => ({
    parameter: `filter[${field}][${operator}]`,
    value,
    holds: (row: Row) => row[field] !== null && words[operator](row[field], value),
  })),
  fc.boolean().map((wanted) => ({ parameter: 'filter[note][null]', value: String(wanted), holds: (row: Row) => (row.note === null) === wanted })),
  text.map((value) => ({
    parameter: 'search',
    value,
    holds: (row: Row) =>
      value
        .split(/\s+/)
        .filter((word) => word !== '')
        .every((word) => words.contains(row.make, word) || (row.note !== null && words.contains(row.note, word))),
  })),
)

await describeShop((open) => {
  test('random filters find what an oracle in memory finds, in the order asked for', async () => {
    await using shop = await open()
    const cars = await Car.createMany(rows)
    const indexOf = new Map(cars.map((car, index) => [car.id, index]))
    const asked = fc.uniqueArray(filter, { minLength: 1, maxLength: 4, selector: ({ parameter }) => parameter })
    await fc.assert(
      fc.asyncProperty(asked, fc.constantFrom('price', '-price', undefined), async (filters, sort) => {
        const query = { ...Object.fromEntries(filters.map(({ parameter, value }) => [parameter, value])), ...(sort === undefined ? {} : { sort }) }
        const result = await list['~standard'].validate(query)
        if (result.issues !== undefined) return expect.unreachable()
        const found = await result.value.apply(Car.query()).get()
        const expected = rows.flatMap((row, index) => (filters.every(({ holds }) => holds(row)) ? [index] : []))
        expect(found.map(({ id }) => indexOf.get(id) as number).sort((a, b) => a - b)).toEqual(expected)
        const ordered = found.map(({ price }) => price)
        if (sort !== undefined) expect(ordered).toEqual([...ordered].sort((a, b) => (sort === 'price' ? a - b : b - a)))
      }),
      { numRuns: shop.dialect === 'sqlite' ? 400 : 150 },
    )
  })
})
