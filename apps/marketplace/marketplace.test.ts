import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { matchers, testApp, type GluefulMatchers } from 'glueful/testing'
import { expect, test } from 'vitest'
import app from './app.ts'
import { CarAdded } from './inventory/car-feed.ts'

expect.extend(matchers)
declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-empty-object-type
  interface Matchers<R> extends GluefulMatchers<R> {}
}

const volvo = { make: 'Volvo', model: 'V60', year: 2022, fuel: 'hybrid', gearbox: 'automatic', mileage: 31_000, price: 33_500, color: 'blue' } as const

test('cars are searched with filters, order and pages', async () => {
  await using market = await testApp(app)
  const page = await market.client.cars.list({ query: { make: 'volvo', maxPrice: 20_000, sort: '-price', perPage: 5 } })
  expect(page).toHaveStatus(200)
  expect(page.body.data).toHaveLength(5)
  expect(page.body.data.every((car) => car.make === 'Volvo' && car.price <= 20_000)).toBe(true)
  const prices = page.body.data.map((car) => car.price)
  expect(prices).toEqual([...prices].sort((a, b) => b - a))
  const next = await market.client.cars.list({ query: { make: 'volvo', maxPrice: 20_000, sort: '-price', perPage: 5, page: 2 } })
  expect(next.body.data[0]?.price).toBeLessThanOrEqual(prices.at(-1) as number)
  expect(page.body.meta.totalPages).toBe(Math.ceil(page.body.meta.total / 5))
})

test('an unknown filter is named', async () => {
  await using market = await testApp(app)
  const answer = await market.fetch('/cars?colour=red')
  expect(answer).toHaveStatus(422)
  expect(await answer.json()).toMatchObject({ errors: [{ path: ['query', 'colour'], code: 'unrecognized_keys' }] })
})

test('a car is offered, shown with its dealer, changed and withdrawn', async () => {
  await using market = await testApp(app)
  const dealer = (await market.client.dealers.list({ query: { perPage: 1 } })).body.data[0]
  const offered = await market.client.cars.create({ body: { ...volvo, dealerId: dealer?.id as string } })
  expect(offered).toHaveStatus(201)
  expect(offered).toHaveHeader('location', `/cars/${offered.body.id}`)
  expect(market.emitted(CarAdded)).toHaveLength(1)
  const params = { id: offered.body.id }
  expect((await market.client.cars.show({ params })).body.dealer.name).toBe(dealer?.name)
  expect((await market.client.cars.update({ params, body: { price: 30_000 } })).body.price).toBe(30_000)
  expect(await market.client.cars.remove({ params })).toHaveStatus(204)
  expect(await market.client.cars.show({ params })).toBeProblem('CAR_NOT_FOUND')
})

test('an offer of an unknown dealer, or with a field too many, is refused', async () => {
  await using market = await testApp(app)
  const body = { ...volvo, dealerId: crypto.randomUUID() }
  expect(await market.client.cars.create({ body })).toBeProblem('DEALER_NOT_FOUND')
  expect(await market.client.cars.create({ body: { ...body, owner: 'me' } as never })).toBeProblem('VALIDATION_FAILED')
})

test('a photo is stored and served', async () => {
  await using market = await testApp(app, { env: { PHOTO_DIRECTORY: mkdtempSync(join(tmpdir(), 'marketplace-')) } })
  const car = (await market.client.cars.list({ query: { perPage: 1 } })).body.data[0]
  const form = new FormData()
  form.append('photo', new Blob(['image bytes'], { type: 'image/png' }), 'car.png')
  const stored = await market.fetch(`/cars/${car?.id}/photos`, { method: 'POST', body: form })
  expect(stored).toHaveStatus(201)
  const { path } = (await stored.json()) as { path: string }
  const photo = await market.fetch(path)
  expect([photo.headers.get('content-type'), await photo.text()]).toEqual(['image/png', 'image bytes'])
  expect((await market.client.cars.show({ params: { id: car?.id as string } })).body.photos).toEqual([path])
})

test('the feed tells of new cars', async () => {
  await using market = await testApp(app)
  const leave = new AbortController()
  const feed = await market.fetch('/cars/feed', { signal: leave.signal })
  const frames = feed.body?.pipeThrough(new TextDecoderStream()).getReader() as ReadableStreamDefaultReader<string>
  await frames.read()
  const pending = frames.read()
  const dealer = (await market.client.dealers.list({ query: { perPage: 1 } })).body.data[0]
  const { body } = await market.client.cars.create({ body: { ...volvo, dealerId: dealer?.id as string } })
  expect((await pending).value).toContain(`id: ${body.id}\n`)
  leave.abort()
})

test('statistics are for operators on this machine', async () => {
  await using market = await testApp(app)
  expect((await market.client.admin.stats()).body.cars).toBe(1_000)
  await using outside = await testApp(app, { address: '203.0.113.5' })
  expect(await outside.client.admin.stats()).toBeProblem('ADDRESS_NOT_ALLOWED')
})
