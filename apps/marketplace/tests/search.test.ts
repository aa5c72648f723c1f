import { describeDialects, type TestDatabase } from '@glueful/database/testing'
import { Cache } from 'glueful'
import { matchers, testApp, type GluefulMatchers, type TestApp } from 'glueful/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import app from '../app.ts'
import { Car } from '../models/index.ts'
import type { routes } from '../routes/index.ts'
import { stockUp, volvo } from './stock.ts'

expect.extend(matchers)
declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-empty-object-type
  interface Matchers<R> extends GluefulMatchers<R> {}
}

// MySQL finds what was committed, so these tests share cars that nobody changes.
await describeDialects(describe, ({ open }) => {
  let database: TestDatabase
  let market: TestApp<typeof routes>

  beforeAll(async () => {
    database = await open()
    market = await testApp(app, { env: { DATABASE_URL: database.url } })
    const { dealer } = await stockUp()
    await Car.createMany([
      { ...volvo, make: 'Škoda', model: 'Octavia', color: 'red', fuel: 'diesel', price: 900, dealerId: dealer.id, description: 'Tows like a Volvo' },
      { ...volvo, make: 'Audi', model: 'A4', color: 'red', fuel: 'petrol', price: 800, dealerId: dealer.id, description: 'Full service history' },
      {
        ...volvo,
        make: 'Audi',
        model: 'A4 Avant',
        color: 'red',
        fuel: 'diesel',
        price: 700,
        dealerId: dealer.id,
        description: 'Service, and a full history of wheels',
      },
    ])
  })
  beforeEach(() => market.app.use(Cache).flush('cars'))
  afterAll(async () => {
    await market.close()
    await database.close()
  })

  const list = async (search: string) =>
    (await market.client.cars.list({ query: { search, perPage: 100 } })).body.data.map(({ make, price }) => `${make} ${price}`)

  test('words, phrases, exclusions and beginnings are found with a price below what is asked, the most relevant first', async () => {
    expect(await list('red audi -diesel')).toEqual(['Audi 800'])
    expect(await list('"full service history" -zoe')).toEqual(['Audi 800'])
    expect((await list('full history service')).sort()).toEqual(['Audi 700', 'Audi 800'])
    expect(await list('skoda oct*')).toEqual(['Škoda 900'])
    expect((await list('volvo')).at(-1)).toBe('Škoda 900')
    expect(await list('9-5 WINTER')).toEqual([])
    expect(await list('volvo winter 100%')).toEqual(['Volvo 5000'])
    expect(await list("'; drop table cars; --")).toEqual([])
  })

  test('a search with details goes by relevance with words, by price without, and by what is asked', async () => {
    const prices = async (query: object) => (await market.client.carDetails.search({ query })).body.data.map(({ price }) => price)
    expect((await prices({ q: 'volvo', perPage: 100 })).at(-1)).toBe(900)
    expect(await prices({ q: 'volvo', sort: 'price', perPage: 2 })).toEqual([900, 5_000])
    expect(await prices({ perPage: 2 })).toEqual([700, 800])
    expect(await prices({ q: 'audi', maxPrice: 750 })).toEqual([700])
  })

  test('facets count what matches all filters but their own, so that others can be chosen', async () => {
    const { facets, meta } = (await market.client.carDetails.search({ query: { q: 'red', make: 'Audi', fuel: 'diesel' } })).body
    expect(meta.total).toBe(1)
    expect(facets.make).toEqual([
      { value: 'Audi', cars: 1 },
      { value: 'Škoda', cars: 1 },
    ])
    expect(facets.fuel).toEqual([
      { value: 'diesel', cars: 1 },
      { value: 'petrol', cars: 1 },
    ])
    expect(facets.gearbox).toEqual([{ value: 'automatic', cars: 1 }])
  })

  test('no words are too odd to be answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat(0xffff), fc.nat(0x17f)), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
        async (words) => {
          const answer = await market.fetch(`/cars?search=${encodeURIComponent(words.toWellFormed())}`)
          await answer.arrayBuffer()
          expect([200, 400]).toContain(answer.status)
        },
      ),
      { numRuns: 60 },
    )
    const long = await market.fetch(`/cars?search=${'aa+'.repeat(30)}`)
    expect([long.status, await long.json()]).toMatchObject([400, { code: 'SEARCH_TOO_LONG', errors: [{ path: ['query', 'search'] }] }])
  })
})
