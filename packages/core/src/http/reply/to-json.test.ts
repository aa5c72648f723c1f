import { expect, test } from 'vitest'
import type { Context } from '../context/context.ts'
import { toJson } from './to-json.ts'

const ctx = { path: '/x', route: undefined } as Context

test('toJSON is honoured', () => {
  expect(toJson(ctx, { price: { toJSON: () => 9_900 }, at: new Date(0) })).toBe('{"price":9900,"at":"1970-01-01T00:00:00.000Z"}')
})

test('an empty object and an instance without fields are {}', () => {
  expect(toJson(ctx, {})).toBe('{}')
  expect(toJson(ctx, new (class Empty {})())).toBe('{}')
})

const cycle: Record<string, unknown> = {}
cycle['self'] = cycle

test.each<[string, unknown, RegExp]>([
  ['a cycle', cycle, /circular/],
  ['a BigInt', { a: 1n }, /BigInt/],
  ['a function', () => 1, /a function has no JSON form/],
  ['a symbol', Symbol('x'), /a symbol has no JSON form/],
  ['a Map', new Map([[1, 2]]), /a Map has no JSON form/],
  ['a Set', new Set([1]), /a Set has no JSON form/],
  ['an Error', new TypeError('x'), /a Error has no JSON form/],
  ['a Response', new Response('x'), /a Response has no JSON form/],
  [
    'a toJSON that throws no Error',
    {
      toJSON: () => {
        throw 'why'
      },
    },
    /why/,
  ],
])('%s is a RESPONSE_NOT_JSON that says why', (_, value, reason) => {
  expect(() => toJson(ctx, value)).toThrow(expect.objectContaining({ code: 'RESPONSE_NOT_JSON', detail: expect.stringMatching(reason) as string }))
})
