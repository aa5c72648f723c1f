import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { listFields, wrapLists } from './list-fields.ts'

const list = z.array(z.string())

test.each([
  ['a list', z.object({ a: list }), ['a']],
  ['one that may be missing', z.object({ a: list.optional(), b: list.default([]), c: list.nullish(), d: list.readonly() }), ['a', 'b', 'c', 'd']],
  ['one that becomes something else', z.object({ a: list.transform((all) => all.length) }), ['a']],
  ['a tuple, and lists of lists or numbers', z.object({ a: z.tuple([z.string()]), b: z.array(list), c: z.array(z.coerce.number()) }), ['a', 'b', 'c']],
  ['a choice of lists', z.object({ a: z.union([list, z.array(z.stringbool())]) }), ['a']],
  ['a single value', z.object({ a: z.string(), b: z.coerce.number() }), []],
  ['a choice that takes a single value', z.object({ a: z.union([z.string(), list]) }), []],
  ['what makes lists itself', z.object({ a: z.preprocess((value) => [value].flat(), list) }), []],
  ['an intersection', z.intersection(z.object({ a: list }), z.object({ b: list })), ['a', 'b']],
  ['a choice of objects', z.union([z.object({ a: list, c: list }), z.object({ b: list, c: z.string() })]), ['a', 'b']],
  ['a schema that is refined, or described later', z.lazy(() => z.object({ a: list }).refine(() => true)), ['a']],
  ['no object', z.string(), []],
])('lists are wanted by %s', (_, schema, fields) => {
  expect(listFields(schema)).toEqual(fields)
})

test('schemas of other libraries are asked for their JSON Schema', () => {
  const input = () => ({ properties: { a: { type: 'array' }, b: { type: 'string' } }, allOf: [{ properties: { c: { type: 'array' } } }] })
  const schema = { '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value }), jsonSchema: { input, output: input } } }
  expect(listFields(schema as Schema)).toEqual(['a', 'c'])
  const silent = { '~standard': { version: 1, vendor: 'silent', validate: (value: unknown) => ({ value }) } }
  expect(listFields(silent as Schema)).toEqual([])
})

test('what came once is put into a list; what came not at all, or as a list, stays', () => {
  const values: Record<string, unknown> = { a: 'x', b: ['y'], c: 'z' }
  wrapLists(values, ['a', 'b', 'd'])
  expect(values).toEqual({ a: ['x'], b: ['y'], c: 'z' })
})
