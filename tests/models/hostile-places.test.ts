import { database } from '@glueful/database'
import * as fc from 'fast-check'
import { createApp, GluefulError } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { Article, Car, Comment, Dealer, describeShop, Photo, Sample, Staff, Tag } from './shop.ts'

const known = [
  "'; drop table cars; --",
  `" or ""="`,
  '` or 1=1 #',
  "\\'; delete from cars; --",
  'a\0b',
  '\0',
  '\ud800',
  'half \udfff pair',
  '%_!\\',
  '$1 $2 ? ?? :name @x',
  '/* */ -- #',
  '😀'.repeat(100),
  '\u202eevil',
  '\r\n\t\x1a\b',
  '',
  ' ',
  'NULL',
  '1e309',
  '-0',
  '00000000-0000-0000-0000-000000000000',
  '9'.repeat(40),
  '__proto__',
  'constructor',
  '{"$gt": ""}',
  `'\\\\`.repeat(500_000),
]

/** Every place of the models that what users send may reach, by what is done with it. */
const places: Record<string, (text: string) => Promise<unknown>> = {
  'a key': (text) => Car.find(text),
  'a key that counts': (text) => Photo.find(text as never),
  keys: (text) => Car.findMany([text, text]),
  'a string': (text) => Car.where('make', text).get(),
  'a text': (text) => Car.where('note', '!=', text).count(),
  'an order of texts': (text) => Car.where('make', '>=', text).count(),
  'a list': (text) => Car.whereIn('make', ['x', text]).count(),
  'a list of texts': (text) => Car.whereNotIn('note', [text]).count(),
  between: (text) => Car.whereBetween('make', text, text).count(),
  contains: (text) => Car.whereContains('note', text).count(),
  'starts with': (text) => Car.whereStartsWith('make', text).count(),
  'ends with': (text) => Car.whereEndsWith('make', text).count(),
  'a pattern': (text) => Car.whereLike('make', text).count(),
  'a number': (text) => Car.where('price', text as never).count(),
  'a decimal': (text) => Car.where('cost', text).count(),
  'a moment': (text) => Car.where('createdAt', '<', text as never).count(),
  'a day': (text) => Sample.where('date', text).count(),
  'an integer of 64 bits': (text) => Sample.where('bigint', text as never).count(),
  'one of several': (text) => Car.where('condition', text as never).count(),
  'a truth': (text) => Sample.where('boolean', text as never).count(),
  'a uuid': (text) => Sample.where('uuid', text).count(),
  'a condition of a relation': (text) => Car.whereHas('dealer', (dealer) => dealer.where('name', text)).count(),
  'the name of a column': (text) =>
    Car.query()
      .orderBy(text as never)
      .get(),
  'the name of a relation': (text) => Car.with(text as never).get(),
  'the name in an object': (text) => Car.where({ [text]: 1 } as never).count(),
  'an unknown column to write': (text) => Car.create({ make: 'x', price: 1, [text]: 1 } as never),
  'a cursor': (text) => Car.latest().paginateByCursor({ cursor: text }),
  'a cached query': (text) => Car.where('make', text).cache({ ttl: '1m' }).get(),
  'bulk update': (text) => Staff.where('name', text).update({ name: text }),
  'bulk delete': (text) => Staff.where('name', text).delete(),
  'an amount': (text) => Staff.where('id', 1).increment('id', text as never),
  'a link': (text) => linked('attach', text),
  'no link': (text) => linked('detach', text),
}

const linked = async (what: 'attach' | 'detach', text: string) => (await Car.firstOrFail()).related('tags')[what](text)

const stored: Record<string, (text: string) => Promise<unknown>> = {
  string: async (text) => (await Sample.findOrFail((await Sample.create({ string: text })).id)).string,
  text: async (text) => (await Sample.findOrFail((await Sample.create({ text })).id)).text,
  json: async (text) => (await Sample.findOrFail((await Sample.create({ json: { [text]: text, list: [text] } })).id)).json,
  encrypted: async (text) => (await Sample.findOrFail((await Sample.create({ encrypted: text })).id)).encrypted,
  binary: async (text) =>
    new TextDecoder().decode((await Sample.findOrFail((await Sample.create({ binary: new TextEncoder().encode(text) })).id)).binary ?? undefined),
  'by upsert': async (text) => {
    await Tag.upsert([{ id: 99, name: text }], { by: ['id'] })
    return (await Tag.findOrFail(99)).name
  },
  'by update': async (text) => {
    const sample = await Sample.create({ text: 'old' })
    await sample.update({ text })
    return (await Sample.findOrFail(sample.id)).text
  },
  'by bulk update': async (text) => {
    const { id } = await Sample.create({ text: 'old' })
    await Sample.where('id', id).update({ text })
    return (await Sample.findOrFail(id)).text
  },
  'by firstOrCreate': async (text) => (await Tag.firstOrCreate({ name: text })).name,
}

const same: Record<string, (text: string) => unknown> = {
  json: (text) => ({ [text]: text, list: [text] }),
  binary: (text) => text.toWellFormed(),
}

await describeShop((open) => {
  test('a hostile string in any place of a model is found, kept as it is, or refused with 4xx', { timeout: 120_000 }, async () => {
    await using shop = await open()
    await using _ = await testApp(createApp({ name: 'hostile-places', routes: {}, extensions: [database({ queryCache: true })] }), {
      env: { DATABASE_URL: shop.url },
    })
    const dealer = await Dealer.create({ name: 'North' })
    await Car.createMany([1, 2, 3].map((price) => ({ make: 'Volvo', price, dealerId: dealer.id })))
    await Staff.create({ id: 1, name: 'Ada', dealerId: dealer.id })
    const counts = async () => [await Car.count(), await Dealer.count(), await Staff.count(), await Article.count(), await Comment.count()]
    const before = await counts()
    async function judge(text: string) {
      const refusals: string[] = []
      const tell = (place: string, error: unknown) => {
        const { status, code } = error instanceof GluefulError ? error : { status: 0, code: String(error) }
        // Names are chosen by programs: what they choose wrongly is their mistake, and says so.
        if (/^(?:COLUMN|RELATION)_UNKNOWN$/.test(code) || (status >= 400 && status < 500)) return
        refusals.push(`${place}: ${JSON.stringify(text.slice(0, 30))} → ${status} ${code.slice(0, 200)} ${String((error as Error).message).slice(0, 300)}`)
      }
      for (const [place, use] of Object.entries(places)) await Promise.try(() => use(text)).catch((error: unknown) => tell(place, error))
      for (const [place, keep] of Object.entries(stored)) {
        try {
          const found = await keep(text)
          const expected = (same[place] ?? ((one: string) => one))(text)
          // MariaDB has no case in names of JSON, nor PostgreSQL an order of them.
          if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(expected)))
            refusals.push(`${place}: ${JSON.stringify(text.slice(0, 30))} came back as ${JSON.stringify(found).slice(0, 60)}`)
        } catch (error) {
          tell(place, error)
        }
      }
      expect(refusals).toEqual([])
      await Tag.query().all().delete()
      await Sample.query().all().delete()
    }
    for (const text of known) await judge(text)
    const seed = Date.now()
    const strings = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom("'", '"', '`', '\\', ';', '-', '\0', '%', '\ud83d', '?', '$1', 'é', '/*', '1', '.') }),
    )
    await fc.assert(fc.asyncProperty(strings, judge), { seed, numRuns: shop.dialect === 'sqlite' ? 10 : 5 })
    expect(await counts()).toEqual(before)
  })
})

function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value
}
