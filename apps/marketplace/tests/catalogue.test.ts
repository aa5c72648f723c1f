import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeDialects, testTransaction, type TestDatabase } from '@glueful/database/testing'
import { Cache } from 'glueful'
import { matchers, testApp, type GluefulMatchers, type TestApp } from 'glueful/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import app from '../app.ts'
import { CarAdded } from '../catalogue/car-feed.ts'
import type { routes } from '../routes/index.ts'
import { Dealer } from '../models/index.ts'
import { stockUp, volvo } from './stock.ts'

expect.extend(matchers)
declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-empty-object-type
  interface Matchers<R> extends GluefulMatchers<R> {}
}

await describeDialects(describe, ({ open }) => {
  let database: TestDatabase
  let market: TestApp<typeof routes>

  beforeAll(async () => {
    database = await open()
    market = await testApp(app, { env: { DATABASE_URL: database.url, PHOTO_DIRECTORY: mkdtempSync(join(tmpdir(), 'marketplace-')) } })
  })
  // Answers are cached, and what a test puts into its transaction nobody purges.
  beforeEach(() => market.app.use(Cache).flush('cars'))
  afterAll(async () => {
    await market.close()
    await database.close()
  })

  test('cars are searched with filters, order and pages', async () => {
    await using _ = await testTransaction(market)
    await stockUp()
    const query = { 'filter[make][starts]': 'volvo', 'filter[price][lte]': 20_000, sort: '-price', perPage: 3 } as const
    const page = await market.client.cars.list({ query })
    expect(page).toHaveStatus(200)
    expect(page.body.data.map((car) => [car.make, car.price])).toEqual([
      ['Volvo', 20_000],
      ['Volvo', 17_000],
      ['Volvo', 14_000],
    ])
    expect(page.body.meta).toEqual({ page: 1, perPage: 3, total: 6, totalPages: 2 })
    const next = await market.client.cars.list({ query: { ...query, page: 2 } })
    expect(next.body.data.map((car) => car.price)).toEqual([11_000, 8_000, 5_000])
  })

  test('a search with details has dealers and counts of each kind', async () => {
    await using _ = await testTransaction(market)
    const { dealer } = await stockUp()
    const answer = await market.client.carDetails.search({ query: { minPrice: 10_000, perPage: 2 } })
    expect(answer).toHaveStatus(200)
    expect(answer.body.data).toHaveLength(2)
    expect(answer.body.data.map((car) => car.dealer?.name)).toContain(dealer.name)
    expect(answer.body.facets.make.map(({ cars }) => cars).reduce((a, b) => a + b)).toBe(answer.body.meta.total)
    expect(answer.body.facets.fuel.map(({ value }) => value).sort()).toEqual(['electric', 'hybrid', 'petrol'])
  })

  test('clients choose fields and relations, and pages lead to each other', async () => {
    await using _ = await testTransaction(market)
    const { dealer } = await stockUp()
    const answer = await market.fetch('/cars?fields=id,price,dealer(name)&filter[price][lte]=5000&sort=price')
    expect(answer).toHaveStatus(200)
    const page = (await answer.json()) as { data: unknown[]; links: { next: string | null } }
    expect(page.data).toEqual([{ id: expect.any(String), price: 5_000, dealer: { name: dealer.name } }])
    expect(page.links.next).toBeNull()
  })

  test('cars are filtered and sorted by their dealers', async () => {
    await using _ = await testTransaction(market)
    const { dealer } = await stockUp()
    const list = (query: object) => market.client.cars.list({ query: { perPage: 100, ...query } })
    const all = (await list({})).body
    const here = (await list({ 'filter[dealer.city]': dealer.city, expand: 'dealer' })).body
    expect(here.data.map((car) => car.dealer?.city)).toEqual(here.data.map(() => dealer.city))
    const elsewhere = await Dealer.where('city', '!=', dealer.city).get()
    const rest = (await list({ 'filter[dealer.city][in]': elsewhere.map(({ city }) => city) })).body
    expect(here.meta.total + rest.meta.total).toBe(all.meta.total)
    expect(here.meta.total).toBeGreaterThan(0)
    const ordered = (await list({ sort: '-dealer.name,price', expand: 'dealer' })).body.data.map((car) => car.dealer?.name as string)
    expect(ordered).toEqual([...ordered].sort().reverse())
    expect(await market.fetch('/cars?filter[dealer.phone]=1')).toHaveStatus(400)
  })

  test('what cannot be asked is named with what can', async () => {
    const filter = await market.fetch('/cars?filter[colour]=red')
    expect([filter.status, await filter.json()]).toMatchObject([400, { code: 'FILTER_UNKNOWN', detail: expect.stringContaining('make') }])
    const field = await market.fetch('/cars?fields=id,cost')
    expect([field.status, await field.json()]).toMatchObject([400, { code: 'FIELDS_UNKNOWN', detail: expect.stringContaining('price') }])
    expect(await market.fetch('/cars?colour=red')).toHaveStatus(422)
  })

  test('a car is offered, shown with its dealer, changed and withdrawn', async () => {
    await using _ = await testTransaction(market)
    const { dealer, seller } = await stockUp()
    const offers = market.client.as(seller).cars
    const offered = await offers.create({ body: { ...volvo, dealerId: dealer.id } })
    expect(offered).toHaveStatus(201)
    expect(offered).toHaveHeader('location', `/cars/${offered.body.id}`)
    expect(market.emitted(CarAdded).at(-1)?.id).toBe(offered.body.id)
    const params = { id: offered.body.id }
    expect((await market.client.cars.show({ params })).body.dealer?.name).toBe(dealer.name)
    expect((await offers.update({ params, body: { price: 30_000 } })).body).toMatchObject({ price: 30_000, stock: 1, color: 'blue' })
    expect(await offers.remove({ params })).toHaveStatus(204)
    expect(await market.client.cars.show({ params })).toBeProblem('MODEL_NOT_FOUND')
  })

  test('an offer of another dealer, by a buyer, by nobody, or with a field too many, is refused', async () => {
    await using _ = await testTransaction(market)
    const { seller, cars, buyer } = await stockUp()
    const body = { ...volvo, dealerId: crypto.randomUUID() }
    const offers = market.client.as(seller).cars
    expect(await offers.create({ body })).toBeProblem('POLICY_DENIED')
    expect(await offers.create({ body: { ...body, owner: 'me' } as never })).toBeProblem('VALIDATION_FAILED')
    expect(await offers.update({ params: { id: cars[1]?.id as string }, body: { price: 1 } })).toBeProblem('POLICY_DENIED')
    expect(await offers.update({ params: { id: cars[0]?.id as string }, body: { dealerId: cars[1]?.dealerId as string } })).toBeProblem('POLICY_DENIED')
    expect(await market.client.as(buyer).cars.create({ body })).toBeProblem('PERMISSION_DENIED')
    expect(await market.client.cars.create({ body })).toBeProblem('UNAUTHENTICATED')
  })

  test('a photo is stored and served', async () => {
    await using _ = await testTransaction(market)
    const { cars, seller } = await stockUp()
    const id = cars[0]?.id as string
    const photos = market.client.as(seller).photos
    const picture = Buffer.from('89504e470d0a1a0a00', 'hex')
    const stored = await photos.upload({ params: { id }, body: { photo: new Blob([picture], { type: 'image/png' }) } })
    expect(stored).toHaveStatus(201)
    const { path } = stored.body
    const photo = await market.fetch(path)
    expect([photo.headers.get('content-type'), Buffer.from(await photo.arrayBuffer())]).toEqual(['image/png', picture])
    expect(await photos.upload({ params: { id }, body: { photo: new Blob(['<script>'], { type: 'image/png' }) } })).toHaveStatus(422)
    expect((await market.client.cars.show({ params: { id } })).body.photos).toEqual([{ path, position: 0 }])
  })

  test('the feed tells of new cars', async () => {
    await using _ = await testTransaction(market)
    const { dealer, seller } = await stockUp()
    const leave = new AbortController()
    const feed = await market.fetch('/cars/feed', { signal: leave.signal })
    const frames = feed.body?.pipeThrough(new TextDecoderStream()).getReader() as ReadableStreamDefaultReader<string>
    await frames.read()
    const pending = frames.read()
    const { body } = await market.client.as(seller).cars.create({ body: { ...volvo, dealerId: dealer.id } })
    expect((await pending).value).toContain(`id: ${body.id}\n`)
    leave.abort()
  })

  test('dealers have staff, cars and reviews, and their rating follows the reviews', async () => {
    await using _ = await testTransaction(market)
    const { dealer, buyer } = await stockUp()
    expect((await market.client.dealers.list({ query: { 'filter[country]': 'FR' } })).body.data.map(({ city }) => city)).toEqual(['Lyon'])
    const params = { id: dealer.id }
    for (const stars of [5, 4]) expect(await market.client.as(buyer).reviews.create({ params, body: { stars } })).toHaveStatus(201)
    expect((await market.client.dealers.show({ params })).body).toMatchObject({ rating: 4.5, carsCount: 15, staff: [] })
    expect((await market.client.reviews.list({ params })).body.data.map(({ by }) => by)).toEqual(['Ada Berg', 'Ada Berg'])
  })

  test('statistics are for operators in the private network', async () => {
    await using _ = await testTransaction(market)
    const { operator, buyer } = await stockUp()
    expect((await market.client.as(operator).admin.stats()).body).toMatchObject({ cars: 30, dealers: 2, makes: [{ cars: 10 }, { cars: 10 }, { cars: 10 }] })
    expect(await market.client.as(buyer).admin.stats()).toBeProblem('PERMISSION_DENIED')
    expect(await market.client.admin.stats()).toBeProblem('UNAUTHENTICATED')
  })

  test('administration is reached from the private network only', async () => {
    await using outside = await testApp(app, { address: '203.0.113.5', env: { DATABASE_URL: database.url } })
    expect(await outside.client.as({ id: 'x', roles: ['admin'] }).admin.stats()).toBeProblem('ADDRESS_NOT_ALLOWED')
  })
})
