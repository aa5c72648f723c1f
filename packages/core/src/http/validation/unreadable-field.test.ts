import { expect, test } from 'vitest'
import { z } from 'zod'
import { createApp, route } from '../../index.ts'
import { unreadableField } from './unreadable-field.ts'

test.each([
  [{ page: z.number() }, 'number'],
  [{ page: z.int().min(1).default(1) }, 'number'],
  [{ page: z.bigint().optional() }, 'bigint'],
  [{ page: z.boolean().nullable() }, 'boolean'],
  [{ page: z.date() }, 'date'],
  [{ page: z.array(z.number()) }, 'number'],
  [{ page: z.number().transform(String) }, 'number'],
])('no text fills %#', (shape, type) => {
  expect(unreadableField(z.object({ make: z.string(), ...shape }))).toEqual({ field: 'page', type })
})

test.each([
  z.object({ page: z.coerce.number().int().default(1), at: z.coerce.date(), big: z.coerce.bigint(), ids: z.array(z.coerce.number()) }),
  z.object({ sold: z.stringbool(), kind: z.enum(['a', 'b']), page: z.string().transform(Number).pipe(z.number()) }),
  z.object({ page: z.preprocess(Number, z.number()), either: z.union([z.string(), z.number()]), any: z.any() }),
  z.record(z.string(), z.string()),
  z.looseObject({}),
])('text fills %#', (schema) => {
  expect(unreadableField(schema)).toBeUndefined()
})

test('FIELD_UNREADABLE: an application whose route nobody could ask does not start', async () => {
  const query = z.object({ page: z.number() })
  const app = (options: object) => createApp({ name: 'shop', routes: { cars: { list: route.post('/cars', options, () => []) } } }).with({ env: {} })
  await expect(app({ query }).ready()).rejects.toMatchObject({
    code: 'FIELD_UNREADABLE',
    detail: "The query of route cars.list has the field 'page' as a number, and what arrives there is text.",
  })
  // JSON has numbers.
  const fine = app({ body: query })
  await fine.ready()
  await fine.close()
})
