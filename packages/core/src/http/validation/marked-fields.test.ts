import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { markedFields } from './marked-fields.ts'

const marked = z.string().meta({ redact: true })

test('fields are found by their mark, through what wraps, lists, joins and nests them', () => {
  interface Node {
    readonly alias: string
    readonly next?: Node | undefined
  }
  const node: z.ZodType<Node> = z.object({ alias: marked, next: z.lazy(() => node).optional() })
  const body = z.object({
    plain: z.string().meta({ title: 'plain' }),
    iban: marked,
    phone: z.string().optional().meta({ redact: true }),
    note: marked.nullable().default(null),
    emails: z.array(marked),
    address: z.object({ street: marked, city: z.string() }).optional(),
    way: z.discriminatedUnion('kind', [z.object({ kind: z.literal('card'), holder: marked }), z.object({ kind: z.literal('cash') })]),
    both: z.intersection(z.object({ left: marked }), z.object({ right: z.string() })),
    piped: z
      .string()
      .transform(Number)
      .pipe(z.number().meta({ redact: true })),
    pair: z.tuple([z.object({ inPair: marked })]),
    byName: z.record(z.string(), z.object({ inRecord: marked })),
    node,
    passport: z.object({ number: z.string() }).meta({ redact: true }),
    shared: marked,
  })
  expect(markedFields({ body }).sort()).toEqual([
    'alias',
    'emails',
    'holder',
    'iban',
    'inPair',
    'inRecord',
    'left',
    'note',
    'passport',
    'phone',
    'piped',
    'shared',
    'street',
  ])
})

test('a schema that is marked as a whole gives the place that it has', () => {
  expect(markedFields({ body: marked, query: z.object({ q: z.string() }), params: undefined })).toEqual(['body'])
})

test('schemas of other vendors are marked in their JSON Schema', () => {
  const described = {
    properties: {
      iban: { type: 'string', redact: true },
      list: { items: { properties: { inner: { redact: true } } } },
      person: { $ref: '#/$defs/Person' },
      plain: {},
    },
    $defs: { Person: { redact: true, properties: { age: {} } } },
  }
  const schema = {
    '~standard': { vendor: 'other', version: 1, validate: (value: unknown) => ({ value }), jsonSchema: { input: () => described, output: () => described } },
  }
  expect(markedFields({ body: schema as unknown as Schema }).sort()).toEqual(['iban', 'inner', 'person'])
  const silent = { '~standard': { vendor: 'other', version: 1, validate: (value: unknown) => ({ value }) } }
  expect(markedFields({ body: silent as unknown as Schema })).toEqual([])
})

test('a mark stays with what is made from a marked schema, and can be taken off', () => {
  const body = z.object({ limited: marked.min(3).describe('An account'), shown: marked.meta({ redact: false }) })
  expect(markedFields({ body })).toEqual(['limited'])
})
