import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { covers } from './covers.ts'

test.each([
  [['orders.refund'], 'orders.refund', true],
  [['orders.*'], 'orders.refund', true],
  [['orders.*'], 'orders.lines.add', true],
  [['orders:*'], 'orders:read', true],
  [['*'], 'anything.at.all', true],
  [['cars.show', 'orders.*'], 'orders.refund', true],
  [[], 'orders.refund', false],
  [['orders.*'], 'orders', false],
  [['orders.*'], 'orders.', false],
  [['orders.*'], 'ordersx.refund', false],
  [['orders*'], 'orders.refund', false],
  [['*.refund'], 'orders.refund', false],
  [['orders.*.add'], 'orders.lines.add', false],
  [['ORDERS.*'], 'orders.refund', false],
  [['orders.refund.*'], 'orders.refund', false],
] as const)('%j covers %s: %s', (held, wanted, expected) => {
  expect(covers(held, wanted)).toBe(expected)
})

const word = fc.stringMatching(/^[a-z]{1,6}$/)

test('a name is covered by itself and by each of its beginnings with a wildcard, and by no other word', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 4 }), fc.nat(), (words, at) => {
      const name = words.join('.')
      const cut = 1 + (at % (words.length - 1))
      expect(covers([name], name)).toBe(true)
      expect(covers([`${words.slice(0, cut).join('.')}.*`], name)).toBe(true)
      expect(covers([`x${words[0]}.*`, `${words[0]}x.*`, `${name}x`], name)).toBe(false)
    }),
  )
})

test('holding more never takes anything away', () => {
  fc.assert(
    fc.property(fc.array(word), fc.array(word), word, (held, more, wanted) => {
      if (covers(held, wanted)) expect(covers([...held, ...more], wanted)).toBe(true)
    }),
  )
})
