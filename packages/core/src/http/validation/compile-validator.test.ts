import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Schema, SchemaResult } from '../context/schema.ts'
import { compileValidator, type Validated, type ValidatorOptions } from './compile-validator.ts'

function validate(schema: Schema, value: unknown, options: Partial<ValidatorOptions> = {}): Validated | Promise<Validated> {
  return compileValidator(schema, { location: 'body', route: 'test', unknown: undefined, ...options })(value)
}

/** Paths, without the location, of the fields that a strict validator refuses. */
function refused(schema: Schema, value: unknown): string[] {
  const result = validate(schema, value, { unknown: 'reject' }) as { errors?: readonly { path: readonly (string | number)[]; code: string }[] }
  return (result.errors ?? []).map(({ path, code }) => `${code === 'unrecognized_keys' ? '' : `${code}:`}${path.slice(1).join('.')}`).sort()
}

function foreign(judge: (value: unknown) => SchemaResult<unknown> | Promise<SchemaResult<unknown>>, jsonSchema?: object): Schema {
  const converter = jsonSchema === undefined ? {} : { jsonSchema: { input: () => jsonSchema, output: () => jsonSchema } }
  return { '~standard': { version: 1, vendor: 'other', validate: judge, ...converter } }
}

describe('faults', () => {
  test('are all listed, with location, path, code and message', () => {
    const schema = z.object({ price: z.number().min(1), make: z.string(), tags: z.array(z.enum(['a', 'b'])), id: z.uuid() })
    expect(validate(schema, { price: 0, tags: ['a', 'c'], id: 'x' })).toEqual({
      errors: [
        { path: ['body', 'price'], code: 'too_small', message: expect.any(String) as string },
        { path: ['body', 'make'], code: 'invalid_type', message: expect.any(String) as string },
        { path: ['body', 'tags', 1], code: 'invalid_value', message: expect.any(String) as string },
        { path: ['body', 'id'], code: 'invalid_format', message: expect.any(String) as string },
      ],
    })
  })

  test('never show what was sent', () => {
    const schema = z.object({
      password: z.email(),
      pin: z.literal('1234567'),
      kind: z.discriminatedUnion('k', [z.object({ k: z.literal('a') })]),
      flag: z.boolean(),
    })
    const text = JSON.stringify(validate(schema, { password: 'hunter2-secret', pin: 'hunter2-secret', kind: { k: 'hunter2-secret' }, flag: 'hunter2-secret' }))
    expect(text).not.toContain('hunter2')
  })

  test('are at most 100, whatever is sent', () => {
    const many = Array.from({ length: 10_000 }, () => 'x')
    expect((validate(z.array(z.number()), many) as { errors: object[] }).errors).toHaveLength(100)
    const fields = Object.fromEntries(many.map((_, index) => [`f${index}`, 1]))
    expect((validate(z.strictObject({}), fields) as { errors: object[] }).errors).toHaveLength(100)
    expect(refused(z.object({}), fields)).toHaveLength(100)
    const long = validate(z.object({}), { ['k'.repeat(100_000)]: 1 }, { unknown: 'reject' })
    expect(JSON.stringify(long).length).toBeLessThan(1_000)
  })

  test('of other vendors have the code invalid', () => {
    expect(
      validate(
        foreign(() => ({ issues: [{ message: 'm'.repeat(2_000), path: ['a', { key: Symbol('s') }] }] })),
        1,
      ),
    ).toEqual({
      errors: [{ path: ['body', 'a', 'Symbol(s)'], code: 'invalid', message: 'm'.repeat(500) }],
    })
  })
})

describe('asynchronous schemas', () => {
  test('are awaited, and their checks run once a value', async () => {
    let runs = 0
    const free = z.object({
      name: z.string().refine(async (name) => {
        runs++
        return name !== 'taken'
      }),
    })
    const validator = compileValidator(free, { location: 'body', route: 'test', unknown: 'reject' })
    await expect(validator({ name: 'free' })).resolves.toEqual({ value: { name: 'free' } })
    const before = runs
    await expect(validator({ name: 'taken', more: 1 })).resolves.toMatchObject({
      errors: [{ path: ['body', 'name'], code: 'custom' }, { path: ['body', 'more'] }],
    })
    expect(runs).toBe(before + 1)
  })

  test('of other vendors are awaited too', async () => {
    await expect(
      validate(
        foreign(async (value) => ({ value: Number(value) * 2 })),
        4,
      ),
    ).resolves.toEqual({ value: 8 })
  })

  test('that throw reject, and do not pass', async () => {
    expect(() =>
      validate(
        z.string().refine(() => {
          throw new TypeError('broken')
        }),
        'x',
      ),
    ).toThrow('broken')
    await expect(
      validate(
        foreign(() => Promise.reject(new TypeError('broken'))),
        'x',
      ),
    ).rejects.toThrow('broken')
  })
})

describe('unknown fields are refused', () => {
  const Point = z.object({ x: z.number() })

  test.each<[string, Schema, unknown, string[]]>([
    ['at the root', Point, { x: 1, y: 2 }, ['y']],
    ['in lists', z.array(Point), [{ x: 1 }, { x: 1, y: 2 }], ['1.y']],
    ['in tuples', z.tuple([Point, z.string()], Point), [{ x: 1, a: 1 }, 's', { x: 1, b: 1 }], ['0.a', '2.b']],
    [
      'below optional, nullable, default, readonly and catch',
      z.object({ a: Point.optional(), b: Point.nullable(), c: Point.default({ x: 1 }), d: Point.readonly(), e: Point.catch({ x: 1 }) }),
      { a: { x: 1, q: 1 }, b: { x: 1, q: 1 }, c: { x: 1, q: 1 }, d: { x: 1, q: 1 }, e: { x: 1, q: 1 } },
      ['a.q', 'b.q', 'c.q', 'd.q', 'e.q'],
    ],
    ['in the values of records', z.record(z.string(), Point), { any: { x: 1, y: 2 } }, ['any.y']],
    ['in what a loose object names', z.looseObject({ at: Point }), { at: { x: 1, y: 2 }, more: 1 }, ['at.y']],
    ['in the rest of an object with a catchall', z.object({}).catchall(Point), { any: { x: 1, y: 2 } }, ['any.y']],
    ['before a transform', Point.transform(({ x }) => x), { x: 1, y: 2 }, ['y']],
    ['in both sides of an intersection', z.intersection(Point, z.object({ z: z.number() })), { x: 1, z: 1, q: 1 }, ['q']],
    [
      'in recursive schemas',
      z.object({
        get children() {
          return z.array(Tree)
        },
      }),
      { children: [{ children: [], q: 1 }] },
      ['children.0.q'],
    ],
    [
      'in schemas with an id',
      z.object({
        a: z.object({ x: z.number() }).meta({ id: 'StrictPoint' }),
        b: z.array(z.object({ x: z.number() }).meta({ id: 'StrictPoint2', description: 'd' })),
      }),
      { a: { x: 1, q: 1 }, b: [{ x: 1, q: 1 }] },
      ['a.q', 'b.0.q'],
    ],
    ['together with other faults', Point, { x: 'one', y: 2 }, ['invalid_type:x', 'y']],
    ['once, where the schema is strict itself', z.strictObject({ x: z.number() }), { x: 1, y: 2 }, ['y']],
  ])('%s', (_, schema, value, expected) => {
    expect(refused(schema, value)).toEqual(expected)
  })

  test.each<[string, Schema, unknown, string[]]>([
    ['that no member of a union knows', z.union([Point, z.object({ y: z.number() })]), { x: 1, y: 1, q: 1 }, ['q']],
    ['beside members that are no objects', z.union([z.string(), Point.optional()]), { x: 1, q: 1 }, ['q']],
    ['behind transforms and other unions', z.union([z.union([Point.transform(String), z.number()]), z.null()]), { x: 1, q: 1 }, ['q']],
    ['in lists of a union', z.union([z.array(Point), z.string()]), [{ x: 1, q: 1 }], ['0.q']],
    [
      'of the member that is meant',
      z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), x: z.number() }), z.object({ kind: z.literal('b'), y: z.number() })]),
      { kind: 'a', x: 1, y: 1 },
      ['y'],
    ],
    [
      'below a field that only one member knows',
      z.union([z.object({ x: z.number(), a: Point }), z.object({ x: z.number() })]),
      { x: 1, a: { x: 1, q: 1 } },
      ['a.q'],
    ],
  ])('in unions: %s', (_, schema, value, expected) => {
    expect(refused(schema, value)).toEqual(expected)
  })

  test.each<[string, Schema, unknown]>([
    ['a record beside an object', z.union([Point, z.record(z.string(), z.number())]), { q: 1 }],
    ['anything beside an object', z.union([Point, z.any()]), { q: 1 }],
    ['a preprocessed value', z.preprocess((value) => value, Point), { x: 1, q: 1 }],
    ['a date', z.object({ at: z.date() }), { at: new Date(0) }],
    ['a list of anything', z.object({ list: z.array(z.unknown()) }), { list: [{ q: 1 }] }],
  ])('but not where the schema takes them: %s', (_, schema, value) => {
    expect(refused(schema, value)).toEqual([])
  })

  test('in recursive choices in a time that grows with the value, not with its power', () => {
    const Node: z.ZodType = z.lazy(() =>
      z.union([z.object({ a: Node.optional(), n: z.string().optional() }), z.object({ a: Node.optional(), m: z.number().optional() })]),
    )
    let value: Record<string, unknown> = { q: 1 }
    for (let depth = 0; depth < 60; depth++) value = { a: value }
    expect(refused(Node, value)).toEqual([`${'a.'.repeat(60)}q`])
  })

  test('for any vendor that describes itself by Standard JSON Schema', () => {
    const schema = foreign((value) => ({ value }), {
      type: 'object',
      properties: { a: { $ref: '#/$defs/A' }, b: { oneOf: [{ type: 'null' }, { $ref: '#/$defs/A' }] } },
      $defs: { A: { type: 'object', properties: { x: {} } } },
    })
    expect(refused(schema, { a: { x: 1, q: 1 }, b: { q: 1 }, c: 1 })).toEqual(['a.q', 'b.q', 'c'])
  })

  test('or the application does not start: STRICT_UNSUPPORTED', () => {
    for (const unknown of ['reject', 'report', 'strip'] as const) {
      expect(() =>
        validate(
          foreign((value) => ({ value })),
          1,
          { unknown },
        ),
      ).toThrow(expect.objectContaining({ code: 'STRICT_UNSUPPORTED' }))
    }
    const silent: Schema = {
      '~standard': {
        version: 1,
        vendor: 'other',
        validate: (value) => ({ value }),
        ...({
          jsonSchema: {
            input: () => {
              throw new TypeError('no')
            },
          },
        } as object),
      },
    }
    expect(() => validate(silent, 1, { unknown: 'reject' })).toThrow(expect.objectContaining({ code: 'STRICT_UNSUPPORTED' }))
  })
})

const Tree: z.ZodType = z.lazy(() => z.object({ children: z.array(Tree) }))

describe('unknown fields are reported', () => {
  test('by name to whoever asks for this one value, and change nothing', () => {
    const heard: (readonly string[])[] = []
    const schema = z.object({ list: z.array(z.object({ a: z.number() })) })
    const validator = compileValidator(schema, { location: 'body', route: 'test', unknown: 'report' })
    const value = { list: [{ a: 1, b: 2 }], more: 1 }
    expect(validator(value, (fields) => heard.push(fields))).toEqual(validate(schema, value))
    validator({ list: [] }, (fields) => heard.push(fields))
    expect(validator(value)).toEqual(validate(schema, value))
    expect(heard).toEqual([['list.0.b', 'more']])
  })
})

describe('unknown fields are dropped', () => {
  test('before a strict schema sees them, and the value itself is left as it is', () => {
    const schema = z.strictObject({ list: z.array(z.strictObject({ a: z.number() })) })
    const value = Object.freeze({ list: Object.freeze([Object.freeze({ a: 1, b: 2 }), { a: 3 }]), more: 1 })
    expect(validate(schema, value, { unknown: 'strip' })).toEqual({ value: { list: [{ a: 1 }, { a: 3 }] } })
  })

  test('from values that hold functions and objects of classes', () => {
    const keep = new (class Kept {
      run = () => 1
    })()
    expect(validate(z.object({ keep: z.any() }), { keep, more: 1 }, { unknown: 'strip' })).toEqual({ value: { keep } })
  })
})

describe('compiled schemas', () => {
  const scalar: fc.Arbitrary<z.ZodType> = fc.oneof(
    fc.constantFrom<z.ZodType>(
      z.string(),
      z.number(),
      z.int(),
      z.boolean(),
      z.null(),
      z.uuid(),
      z.email(),
      z.any(),
      z.coerce.number(),
      z.string().trim(),
      z.iso.datetime(),
    ),
    fc.record({ min: fc.integer({ min: 0, max: 3 }), more: fc.integer({ min: 0, max: 3 }) }).map(({ min, more }) =>
      z
        .string()
        .min(min)
        .max(min + more),
    ),
    fc.record({ min: fc.integer({ min: -5, max: 5 }), more: fc.integer({ min: 0, max: 5 }) }).map(({ min, more }) =>
      z
        .number()
        .min(min)
        .max(min + more),
    ),
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }).map((values) => z.enum(values as [string, ...string[]])),
    fc.constantFrom('a', 1, true).map((value) => z.literal(value)),
    fc.constantFrom(
      z.string().refine((text) => text !== 'b'),
      z.number().transform((number) => number * 2),
      z.string().pipe(z.coerce.number()),
    ),
  )
  const schemas = fc.letrec<{ schema: z.ZodType }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      scalar,
      tie('schema').map((inner) => inner.optional()),
      tie('schema').map((inner) => inner.nullable()),
      tie('schema').map((inner) => inner.default('d')),
      fc.record({ inner: tie('schema'), max: fc.integer({ min: 0, max: 3 }) }).map(({ inner, max }) => z.array(inner).max(max)),
      fc
        .dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('schema'), { noNullPrototype: true })
        .map((shape) => z.object(shape as Record<string, z.ZodType>)),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')).map((shape) => z.strictObject(shape as Record<string, z.ZodType>)),
      fc.tuple(tie('schema'), tie('schema')).map(([one, other]) => z.union([one, other])),
      tie('schema').map((inner) => z.record(z.string(), inner)),
    ),
  })).schema
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(
        'a',
        'b',
        '',
        ' a ',
        'abc',
        '12',
        1,
        -3,
        2.5,
        1e20,
        true,
        false,
        null,
        'ada@example.com',
        '2026-01-01T00:00:00Z',
        'b4f2f3a6-0d0b-4c3e-9a57-5a2d8d1c5c11',
      ),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor'), tie('value'), { noNullPrototype: true }),
    ),
  })).value

  test('give the value or the issues that zod itself gives', () => {
    fc.assert(
      fc.property(schemas, fc.array(values, { minLength: 1, maxLength: 5 }), (schema, candidates) => {
        const validator = compileValidator(schema, { location: 'body', route: 'test', unknown: undefined })
        // Enough uses that the rest runs compiled.
        for (let uses = 0; uses < 20; uses++) validator(null)
        for (const value of candidates) {
          const own = schema.safeParse(value)
          const expected = own.success
            ? { value: own.data }
            : { errors: own.error.issues.flatMap((issue) => ('keys' in issue ? issue.keys.map(() => issue.code) : [issue.code])) }
          const found = validator(value) as Validated
          const shown = 'errors' in found ? { errors: found.errors.map(({ code }) => code) } : found
          // Not toStrictEqual, which takes a field called constructor for a class.
          if (!isDeepStrictEqual(shown, expected)) expect(shown).toBe(expected)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('run in generated code once they are used often', () => {
    const schema = z.object({ a: z.string() })
    const validator = compileValidator(schema, { location: 'body', route: 'test', unknown: undefined })
    for (let uses = 0; uses < 100; uses++) expect(validator({ a: 'x', b: 1 })).toEqual({ value: { a: 'x' } })
    expect(validator({ a: 1 })).toMatchObject({ errors: [{ code: 'invalid_type', path: ['body', 'a'] }] })
  })
})
