import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { isOptional } from './is-optional.ts'

const own = (validate: (value: unknown) => unknown) => ({ '~standard': { version: 1, vendor: 'own', validate } }) as unknown as Schema

test.each([
  ['z.string()', z.string(), false],
  ['z.any()', z.any(), false],
  ['z.string().optional()', z.string().optional(), true],
  ['z.string().default()', z.string().default('a'), true],
  ['one that takes nothing', own((value) => ({ value })), true],
  ['one that refuses nothing', own(() => ({ issues: [{ message: 'no' }] })), false],
  ['one that answers later', own(async (value) => ({ value })), false],
  ['one that fails over nothing', own((value) => ({ value: Object.keys(value as object) })), false],
  ['one that fails over nothing later', own(async (value) => ({ value: Object.keys(value as object) })), false],
])('%s: %#', (_, schema, optional) => {
  expect(isOptional(schema)).toBe(optional)
})
