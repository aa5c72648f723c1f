import type { Conditions } from '@glueful/database'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Car, describeShop } from './shop.ts'

type Row = { readonly price: number; readonly make: string; readonly note: string | null; readonly cost: string }
type Query = Conditions<typeof Car.columns>

/** Three-valued logic, as SQL has it: null is "unknown". */
type Truth = boolean | null

type Tree =
  | {
      readonly kind: 'compare'
      readonly column: 'price' | 'make' | 'note' | 'cost'
      readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>='
      readonly value: string | number
    }
  | { readonly kind: 'null'; readonly not: boolean }
  | { readonly kind: 'in'; readonly column: 'price' | 'note'; readonly values: readonly (string | number)[]; readonly not: boolean }
  | { readonly kind: 'between'; readonly low: number; readonly high: number; readonly not: boolean }
  | { readonly kind: 'starts'; readonly text: string }
  | { readonly kind: 'group'; readonly not: boolean; readonly parts: readonly { readonly or: boolean; readonly tree: Tree }[] }

const texts = ['a', 'b', 'B', "it's", 'z%', '_', '!']
const prices = [-5, 0, 3, 7]
const costs = ['-1.00', '0.00', '9.00', '10.50']

const rows: readonly Row[] = prices.flatMap((price, one) =>
  texts.map((make, two) => ({ price, make, note: (one + two) % 3 === 0 ? null : (texts[(one * two) % 7] as string), cost: costs[(one + two) % 4] as string })),
)

const value = {
  price: fc.constantFrom(...prices, 1),
  make: fc.constantFrom(...texts),
  note: fc.constantFrom(...texts),
  cost: fc.constantFrom(...costs, '1.25'),
}
const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=')
const equality = fc.constantFrom('=', '!=')

const { tree } = fc.letrec<{ tree: Tree; leaf: Tree; group: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('leaf'), tie('group')),
  leaf: fc.oneof(
    // Databases order letters differently, numbers alike.
    fc.record({ kind: fc.constant('compare' as const), column: fc.constant('price' as const), operator, value: value.price }),
    fc.record({ kind: fc.constant('compare' as const), column: fc.constant('cost' as const), operator, value: value.cost }),
    fc.record({ kind: fc.constant('compare' as const), column: fc.constantFrom('make' as const, 'note' as const), operator: equality, value: value.make }),
    fc.record({ kind: fc.constant('null' as const), not: fc.boolean() }),
    fc.record({ kind: fc.constant('in' as const), column: fc.constant('price' as const), values: fc.array(value.price, { maxLength: 6 }), not: fc.boolean() }),
    fc.record({ kind: fc.constant('in' as const), column: fc.constant('note' as const), values: fc.array(value.note, { maxLength: 6 }), not: fc.boolean() }),
    fc.record({ kind: fc.constant('between' as const), low: value.price, high: value.price, not: fc.boolean() }),
    fc.record({ kind: fc.constant('starts' as const), text: value.make }),
  ) as fc.Arbitrary<Tree>,
  group: fc.record({
    kind: fc.constant('group' as const),
    not: fc.boolean(),
    parts: fc.array(fc.record({ or: fc.boolean(), tree: tie('tree') }), { minLength: 1, maxLength: 4 }),
  }),
}))

/** Adds a tree to a query through its methods. */
function build(query: Query, { or, tree: node }: { readonly or: boolean; readonly tree: Tree }): void {
  const inner = (group: Query) => {
    switch (node.kind) {
      case 'compare':
        return group.where(node.column as 'price', node.operator, node.value as number)
      case 'null':
        return node.not ? group.whereNotNull('note') : group.whereNull('note')
      case 'in':
        return node.not ? group.whereNotIn(node.column as 'price', node.values as number[]) : group.whereIn(node.column as 'price', node.values as number[])
      case 'between':
        return node.not ? group.whereNotBetween('price', node.low, node.high) : group.whereBetween('price', node.low, node.high)
      case 'starts':
        return group.whereStartsWith('make', node.text)
      case 'group': {
        const parts = (each: Query) => node.parts.forEach((part) => build(each, part))
        return node.not ? group.whereNot(parts) : group.where(parts)
      }
    }
  }
  if (or) query.orWhere(inner)
  else inner(query)
}

const not = (truth: Truth): Truth => (truth === null ? null : !truth)
const and = (a: Truth, b: Truth): Truth => (a === false || b === false ? false : a === null || b === null ? null : true)
const or = (a: Truth, b: Truth): Truth => not(and(not(a), not(b)))

function compare(a: string | number | null, operator: string, b: string | number): Truth {
  if (a === null) return null
  const [x, y] = typeof b === 'string' && costs.concat('1.25').includes(b) ? [Number(a), Number(b)] : [a, b]
  return { '=': x === y, '!=': x !== y, '<': x < y, '<=': x <= y, '>': x > y, '>=': x >= y }[operator] as boolean
}

function judge(row: Row, node: Tree): Truth {
  switch (node.kind) {
    case 'compare':
      return compare(row[node.column], node.operator, node.value)
    case 'null':
      return node.not === (row.note !== null)
    case 'in': {
      const found = row[node.column]
      if (node.values.length === 0) return node.not
      return found === null ? null : node.values.includes(found) !== node.not
    }
    case 'between':
      return (row.price >= node.low && row.price <= node.high) !== node.not
    case 'starts':
      return row.make.toLowerCase().startsWith(node.text.toLowerCase())
    case 'group': {
      const truth = judgeAll(row, node.parts)
      return node.not ? not(truth) : truth
    }
  }
}

/** `and` binds tighter than `or`. */
function judgeAll(row: Row, parts: readonly { readonly or: boolean; readonly tree: Tree }[]): Truth {
  let sum: Truth = false
  let product: Truth = true
  parts.forEach((part, index) => {
    if (part.or && index > 0) {
      sum = or(sum, product)
      product = true
    }
    product = and(product, judge(row, part.tree))
  })
  return or(sum, product)
}

await describeShop((open) => {
  test('random trees of conditions find what an oracle in memory finds, and count, and delete it', async () => {
    await using shop = await open()
    const cars = await Car.createMany(rows)
    const idOf = new Map(cars.map((car, index) => [car.id, index]))
    await fc.assert(
      fc.asyncProperty(tree, async (node) => {
        const query = Car.query()
        build(query, { or: false, tree: node })
        const expected = rows.flatMap((row, index) => (judge(row, node) === true ? [index] : []))
        const found = (await query.get()).map(({ id }) => idOf.get(id) as number).sort((a, b) => a - b)
        expect(found).toEqual(expected)
        expect(await query.count()).toBe(expected.length)
      }),
      { numRuns: shop.dialect === 'sqlite' ? 400 : 150 },
    )
  })
})
