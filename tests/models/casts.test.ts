import { sql, type Json } from '@glueful/database'
import fc from 'fast-check'
import { createSealing, Secret } from 'glueful'
import { expect, test } from 'vitest'
import { columnSeal } from '../../packages/database/src/columns/column-seal.ts'
import { currentDatabases } from '../../packages/database/src/connection/databases.ts'
import { setSurroundings } from '../../packages/database/src/model/surroundings.ts'
import { describeShop, Sample, type Shop } from './shop.ts'

type Input = NonNullable<Parameters<typeof Sample.create>[0]>

const wellFormed = fc.string({ unit: 'binary', maxLength: 60 })
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n) + 1n, max: 10n ** 24n - 1n }), fc.nat(999_999))
  .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(6, '0')}`)

const values = (dialect: Shop['dialect']): { readonly [K in keyof Input]-?: fc.Arbitrary<unknown> } => {
  const text = dialect === 'postgres' ? wellFormed.map((value) => value.replaceAll('\0', '')) : wellFormed
  const jsonText = fc.string({ unit: 'grapheme', maxLength: 20 })
  return {
    id: fc.uuid(),
    uuid: fc.uuid(),
    string: text,
    text,
    integer: fc.integer(),
    bigint: int64,
    large: fc.maxSafeInteger(),
    float: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }).map((value) => (value === 0 ? 0 : value)),
    decimal,
    boolean: fc.boolean(),
    date: fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).map((value) => value.toISOString().slice(0, 10)),
    timestamp: fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
    json: fc.oneof(fc.array(jsonText), fc.dictionary(jsonText, fc.integer()), jsonText, fc.integer(), fc.boolean()),
    enumeration: fc.constantFrom('a', "it's", 'ä'),
    binary: fc.uint8Array({ maxLength: 100 }),
    encrypted: wellFormed,
  }
}

const comparable = (value: unknown) =>
  value instanceof Uint8Array ? [...value] : typeof value === 'string' && /^-?0+\./.test(value) ? value.replace(/^-0\.0+$/, '0.000000') : value

await describeShop((open) => {
  const useKeys = (current: string, previous?: string) =>
    setSurroundings(currentDatabases(), {
      seal: columnSeal(
        createSealing({ appKey: new Secret(current), appPreviousKeys: previous === undefined ? undefined : new Secret(previous) }, 'production'),
      ),
    })

  test('what goes in comes out, from create, from the database, and when it is saved again', async () => {
    await using shop = await open()
    useKeys('k'.repeat(32))
    const record = fc.record(values(shop.dialect), { requiredKeys: [] })
    await fc.assert(
      fc.asyncProperty(record, async (input) => {
        const made = await Sample.create(input as Input)
        const found = await Sample.findOrFail(made.id)
        for (const [name, value] of Object.entries(input)) {
          expect(comparable(made[name as keyof Input]), `created ${name}`).toEqual(comparable(value))
          expect(comparable(found[name as keyof Input]), `read ${name}`).toEqual(comparable(value))
        }
        expect(found.isDirty()).toBe(false)
        expect(made.isDirty()).toBe(false)
        found.string = 'changed'
        await found.save()
        expect({ ...(await Sample.findOrFail(made.id)).toObject(), binary: null }).toEqual({ ...made.toObject(), string: 'changed', binary: null })
        await found.forceDelete()
      }),
      { numRuns: 60 },
    )
  })

  test('numbers are kept digit by digit or refused, and what JSON has no form for is no null', async () => {
    await using _ = await open()
    for (const decimal of [1e-7, 1.25e-6, -1e-7]) await expect(Sample.create({ decimal: decimal as never })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    expect((await Sample.create({ decimal: 1e-6 as never })).decimal).toBe('0.000001')
    expect((await Sample.create({ decimal: 1e21 as never })).decimal).toBe('1000000000000000000000.000000')
    for (const json of [Number.NaN, Infinity]) await expect(Sample.create({ json })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })

  test('moments that others wrote are read as they are, and stay when the record is saved', async () => {
    await using shop = await open()
    const id = '0190b0a0-0000-7000-8000-000000000001'
    const first = { sqlite: -62_135_596_800_000, postgres: '0001-01-01T00:00:00Z', mysql: '0001-01-01 00:00:00' }[shop.dialect]
    await shop.db.run(sql`insert into samples (id, ${sql.id('timestamp')}) values (${id}, ${first})`)
    const sample = await Sample.findOrFail(id)
    expect(sample.toJSON().timestamp).toBe('0001-01-01T00:00:00.000Z')
    expect(sample.timestamp?.toISOString()).toBe('0001-01-01T00:00:00.000Z')
    await sample.update({ string: 'saved' })
    expect((await Sample.findOrFail(id)).timestamp?.getUTCFullYear()).toBe(1)
    if (shop.dialect !== 'postgres') return
    for (const [moment, year] of [
      ['0044-03-15 12:00:00+00 BC', -43],
      ['20000-02-29 12:00:00+00', 20_000],
      ['infinity', Number.NaN],
    ] as const) {
      await shop.db.run(sql`update samples set timestamp = ${moment}`)
      const found = await Sample.findOrFail(id)
      const json = found.toJSON().timestamp
      expect(found.timestamp?.getUTCFullYear()).toBe(year)
      expect(json).toBe(Number.isNaN(year) ? null : found.timestamp?.toISOString())
      await found.update({ string: moment })
      expect(await shop.db.first(sql`select "timestamp" = ${moment}::timestamptz as same from samples`)).toEqual({ same: true })
    }
  })

  test('equal values find each other', async () => {
    await using shop = await open()
    const { string, text, integer, bigint, large, decimal: decimals, boolean, date, timestamp, enumeration } = values(shop.dialect)
    const record = fc.record({ string, text, integer, bigint, large, decimal: decimals, boolean, date, timestamp, enumeration })
    await fc.assert(
      fc.asyncProperty(record, async (input) => {
        // MySQL compares texts without their spaces at the end.
        const { id } = await Sample.create({ ...(input as Input), string: `${input.string as string}|`, text: `${input.text as string}|` })
        const found = await Sample.findOrFail(id)
        for (const name of Object.keys(input) as ('string' | 'timestamp')[]) {
          const value = found[name] as string
          expect(
            await Sample.where(name as 'string', value)
              .where('id', id)
              .count(),
            `= ${name}`,
          ).toBe(1)
          expect(
            await Sample.whereIn(name as 'string', [value, value])
              .where('id', id)
              .count(),
            `in ${name}`,
          ).toBe(1)
          expect(
            await Sample.whereBetween(name as 'string', value, value)
              .where('id', id)
              .count(),
            `between ${name}`,
          ).toBe(1)
        }
      }),
      { numRuns: 25 },
    )
  })

  test('one megabyte of text, and of JSON', async () => {
    await using _ = await open()
    useKeys('k'.repeat(32))
    const large = `'"\\%_\n${'ü'.repeat(500_000)}`
    const { id } = await Sample.create({ text: large, json: { large }, binary: new Uint8Array(1_000_000).fill(7), encrypted: large })
    const found = await Sample.findOrFail(id)
    expect(found.text === large && (found.json as { large: string }).large === large && found.encrypted === large && found.binary?.length === 1_000_000).toBe(
      true,
    )
  })

  test('what a column cannot hold is a 422 that names it: VALUE_INVALID', async () => {
    await using shop = await open()
    useKeys('k'.repeat(32))
    const wrong: [keyof Input, unknown][] = [
      ['uuid', 'x'],
      ['uuid', 5],
      ['string', 'x'.repeat(256)],
      ['string', '\ud800'],
      ['text', '\udfff'],
      ['text', 7],
      ['text', { toString: () => 'x' }],
      ['integer', 1.5],
      ['integer', 2 ** 31],
      ['integer', Number.NaN],
      ['integer', '1'],
      ['bigint', 2n ** 63n],
      ['bigint', 1],
      ['large', 2 ** 53],
      ['float', Number.POSITIVE_INFINITY],
      ['decimal', '1.1234567'],
      ['decimal', `${'9'.repeat(25)}`],
      ['decimal', '1e5'],
      ['decimal', 'x'],
      ['decimal', ''],
      ['boolean', 1],
      ['boolean', 'true'],
      ['date', '2026-02-30'],
      ['date', '2026-1-1'],
      ['date', new Date()],
      ['timestamp', new Date(Number.NaN)],
      ['timestamp', '2026-01-01'],
      ['timestamp', new Date('0999-12-31')],
      ['json', 5n],
      ['json', () => 1],
      ['json', { a: '\ud800' }],
      ['json', ['\0']],
      ['enumeration', 'b'],
      ['binary', 'x'],
      ['encrypted', '\ud800'],
      ['id', null],
    ]
    for (const [name, value] of wrong)
      await expect(Sample.create({ [name]: value } as Input), `${name} ${String(value)}`).rejects.toMatchObject({
        code: 'VALUE_INVALID',
        status: 422,
        errors: [{ path: [name] }],
      })
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    await expect(Sample.create({ json: cycle as Json })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    if (shop.dialect === 'postgres') await expect(Sample.create({ text: '\0' })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    expect((await Sample.create({ json: { a: '\\u0000 \\ud800' } })).json).toEqual({ a: '\\u0000 \\ud800' })
    expect((await Sample.create({ string: '😀'.repeat(255), decimal: '-000.10', uuid: '01A217A5-36E9-7773-B2D0-FFA2A625CCD2' })).toObject()).toMatchObject({
      decimal: '-0.100000',
      uuid: '01a217a5-36e9-7773-b2d0-ffa2a625ccd2',
    })
  })

  test('encrypted columns: unreadable in the table, readable after a change of keys, refused when changed', async () => {
    await using shop = await open()
    setSurroundings(currentDatabases(), {})
    await expect(Sample.create({ encrypted: 'x' })).rejects.toMatchObject({ code: 'APP_KEY_MISSING' })
    useKeys('a'.repeat(32))
    const { id } = await Sample.create({ encrypted: 'my secret' })
    const stored = async () => (await shop.db.execute('select encrypted from samples', [])).rows[0]?.[0] as string
    const before = await stored()
    expect(before).not.toContain('my secret')
    expect(JSON.stringify(await Sample.findOrFail(id))).not.toContain('my secret')
    useKeys('b'.repeat(32), `${'c'.repeat(32)}, ${'a'.repeat(32)}`)
    const rotated = await Sample.findOrFail(id)
    expect(rotated.encrypted).toBe('my secret')
    expect(rotated.isDirty()).toBe(false)
    useKeys('b'.repeat(32))
    const lost = await Sample.findOrFail(id)
    expect(() => lost.encrypted).toThrow(expect.objectContaining({ code: 'DECRYPTION_FAILED', detail: expect.stringContaining('APP_PREVIOUS_KEYS') }))
    await rotated.update({ encrypted: 'new secret' })
    expect(await stored()).not.toBe(before)
    expect((await Sample.findOrFail(id)).encrypted).toBe('new secret')
    const changed = await stored()
    await shop.db.execute(`update samples set encrypted = '${changed.slice(0, -4)}AAAA'`, [])
    const tampered = await Sample.findOrFail(id)
    expect(() => tampered.encrypted).toThrow(expect.objectContaining({ code: 'DECRYPTION_FAILED' }))
    expect(() => Sample.where('encrypted', 'x')).toThrow(expect.objectContaining({ code: 'COLUMN_NOT_COMPARABLE' }))
  })
})
