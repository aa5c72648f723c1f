import { bigint, binary, database, date, decimal, json, linked, listQuery, Model, resource, selection, timestamp, uuid } from '@glueful/database'
import { createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { Article, Car, Dealer, describeShop, Photo, Sample, Staff, type Shop } from './shop.ts'

interface Viewer {
  readonly buys: boolean
}

const StaffResource = resource(Staff, { fields: ['name'] })
const DealerResource = resource(Dealer, { fields: ['id', 'name'], relations: { staff: () => StaffResource } })
const PhotoResource = resource(Photo, { name: 'Picture', fields: ['url', 'size'] })
const CarResource = resource(Car, {
  fields: ['id', 'make', 'price', 'createdAt', 'note'],
  computed: {
    title: { schema: z.string(), value: (car) => `${car.make} (${car.price})` },
    discount: { schema: z.int().optional(), value: (car) => (car.price > 8_000 ? 100 : undefined) },
  },
  relations: { dealer: DealerResource, photos: PhotoResource },
  counts: ['photos'],
  when: {
    if: (_, viewer: Viewer) => viewer.buys,
    fields: ['cost'],
    computed: { margin: { schema: z.number(), value: (car) => car.price - Number(car.cost) } },
  },
})
const CarQuery = listQuery(Car, {
  filter: { make: true },
  sort: ['price'],
  fields: ['id', 'make', 'price', 'dealer.name'],
  computed: CarResource.computed,
  expand: ['dealer', 'photos'],
})
const PlainQuery = listQuery(Car, { filter: { price: ['gte'] }, sort: ['price'], expand: ['dealer'], perPage: 2 })
const CursorQuery = listQuery(Car, { sort: ['price'], paging: 'cursor', perPage: 2 })
const buyer = { buys: true }
const guest = { buys: false }

const routes = {
  chosen: route.get('/chosen', { query: CarQuery, response: CarResource.partial.page, queryBudget: 4 }, ({ query }) =>
    CarResource.paginate(query.apply(Car.query()), query, guest),
  ),
  list: route.get('/cars', { query: PlainQuery, response: CarResource.page }, async ({ query }) =>
    linked(await CarResource.paginate(query.apply(Car.query()), query, guest)),
  ),
  cursor: route.get('/cursor', { query: CursorQuery, response: CarResource.cursorPage }, ({ query }) =>
    CarResource.paginateByCursor(query.apply(Car.query()), query, buyer),
  ),
  show: route.get('/cars/:id', { query: selection(Car, { expand: ['dealer', 'dealer.staff'] }), response: CarResource.schema }, async ({ params, query }) =>
    CarResource.one(await query.apply(Car.query()).findOrFail(params.id), buyer),
  ),
}
const app = createApp({ name: 'shop', routes, extensions: [database()] })

async function start(shop: Shop) {
  const dealer = await Dealer.create({ name: 'North' })
  await Staff.create({ name: 'Ada', dealerId: dealer.id })
  const cars = await Car.createMany([
    { make: 'Volvo', price: 9_000, dealerId: dealer.id, cost: '8000.50' },
    { make: 'Saab', price: 5_000, note: 'old' },
    { make: 'Fiat', price: 7_000, dealerId: dealer.id },
  ])
  await cars[0]?.related('photos').createMany([{ url: 'a', size: 1 }])
  return { one: await testApp(app, { env: { DATABASE_URL: shop.url } }), cars, dealer }
}

await describeShop((open) => {
  test('a resource answers its fields, what is computed, and only what is loaded', async () => {
    await using shop = await open()
    const { cars, dealer, one } = await start(shop)
    await using _ = one
    const car = await Car.findOrFail(cars[0]?.id as string)
    const plain = { id: car.id, make: 'Volvo', price: 9_000, createdAt: car.createdAt.toISOString(), note: null, title: 'Volvo (9000)', discount: 100 }
    expect(CarResource.one(car, guest)).toEqual(plain)
    expect(CarResource.one(car, buyer)).toEqual({ ...plain, cost: '8000.50', margin: 999.5 })
    const loaded = await Car.with('dealer.staff', 'photos').withCount('photos').orderBy('price').get()
    const dealerJson = { id: dealer.id, name: 'North', staff: [{ name: 'Ada' }] }
    expect(CarResource.many(loaded, guest)).toMatchObject([
      { make: 'Saab', dealer: null, photos: [], photosCount: 0 },
      { make: 'Fiat', dealer: dealerJson, photos: [], photosCount: 0 },
      { make: 'Volvo', dealer: dealerJson, photos: [{ url: 'a', size: 1 }], photosCount: 1 },
    ])
    expect(CarResource.many(loaded, guest)[0]).not.toHaveProperty('discount')
    // Also a record that was changed, or never saved.
    car.price = 1
    expect(CarResource.one(car, guest)).toMatchObject({ price: 1, title: 'Volvo (1)' })
    expect(PhotoResource.one(new Photo({ url: 'b', size: 2, carId: car.id }))).toEqual({ url: 'b', size: 2 })
    expect((await one.client.show({ params: { id: car.id }, query: { expand: 'dealer.staff' } })).body).toEqual({
      ...plain,
      cost: '8000.50',
      margin: 999.5,
      dealer: dealerJson,
    })
  })

  test('pages have links to the others, in the body and as header', async () => {
    await using shop = await open()
    const { one } = await start(shop)
    await using _ = one
    const first = await one.client.list({ query: { 'filter[price][gte]': 1, sort: '-price' } })
    if (!first.ok) return expect.unreachable()
    expect(first.body.meta).toEqual({ page: 1, perPage: 2, total: 3, totalPages: 2 })
    const at = (page: number) => `?filter%5Bprice%5D%5Bgte%5D=1&sort=-price&page=${page}`
    expect(first.body.links).toEqual({ self: at(1), first: at(1), prev: null, next: at(2), last: at(2) })
    expect(first.headers.get('link')).toBe(`<${at(1)}>; rel="first", <${at(2)}>; rel="next", <${at(2)}>; rel="last"`)
    const next = (await (await one.fetch(`/cars${first.body.links.next}`)).json()) as typeof first.body
    expect(next.data.map(({ make }) => make)).toEqual(['Saab'])
    expect(next.links).toEqual({ self: at(2), first: at(1), prev: at(1), next: null, last: at(2) })
    const none = await one.client.list({ query: { 'filter[price][gte]': 99_999 } })
    expect(none.body).toMatchObject({ data: [], links: { prev: null, next: null } })
  })

  test('pages by cursor link to their neighbours', async () => {
    await using shop = await open()
    const { one } = await start(shop)
    await using _ = one
    const seen: string[] = []
    let address: string | null = '?sort=price'
    while (address !== null) {
      const page: { data: { make: string; cost: string }[]; links: { next: string | null; prev: string | null; first: string } } = (await (
        await one.fetch(`/cursor${address}`)
      ).json()) as never
      seen.push(...page.data.map(({ make }) => make))
      expect(page.links.first).toBe('?sort=price')
      expect(page.links.prev === null).toBe(address === '?sort=price')
      expect(page.data[0]).toHaveProperty('cost')
      address = page.links.next
    }
    expect(seen).toEqual(['Saab', 'Fiat', 'Volvo'])
  })

  test('what a client chose is all that a resource answers', async () => {
    await using shop = await open()
    const { one } = await start(shop)
    await using _ = one
    const data = async (query: string) => ((await (await one.fetch(`/chosen?filter[make]=Volvo&${query}`)).json()) as { data: unknown }).data
    expect(await data('fields=make')).toEqual([{ make: 'Volvo' }])
    expect(await data('fields=title,price')).toEqual([{ price: 9_000, title: 'Volvo (9000)' }])
    expect(await data('fields=make,dealer(name)')).toEqual([{ make: 'Volvo', dealer: { name: 'North' } }])
    expect(await data('fields=make&expand=photos')).toEqual([{ make: 'Volvo', photos: [{ url: 'a', size: 1 }] }])
    expect(await data('fields=title,discount&expand=dealer')).toEqual([{ title: 'Volvo (9000)', discount: 100, dealer: { name: 'North' } }])
  })

  test('answering asks the database nothing', async () => {
    await using shop = await open()
    const { one } = await start(shop)
    await using _ = one
    // Strict records refuse to load anything.
    const cars = await Car.query().strict().get()
    expect(CarResource.many(cars, guest)).toHaveLength(3)
    expect(CarResource.many(cars, guest)[0]).not.toHaveProperty('dealer')
  })
})

test('schemas are components of OpenAPI by name, and hidden columns are in none', async () => {
  await using one = await testApp(app)
  const { components, paths } = (await (await one.fetch('/openapi.json')).json()) as {
    components: { schemas: Record<string, { properties: Record<string, object>; required?: string[] }> }
    paths: object
  }
  expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(['CarResource', 'CarResourcePart', 'DealerResource', 'StaffResource', 'Picture']))
  const { properties, required } = components.schemas['CarResource'] ?? {}
  expect(properties).toMatchObject({ createdAt: { type: 'string', format: 'date-time' }, photosCount: { type: 'integer' }, photos: { type: 'array' } })
  expect(JSON.stringify(properties?.['dealer'])).toContain('#/components/schemas/DealerResource')
  expect(required).toEqual(['id', 'make', 'price', 'createdAt', 'note', 'title'])
  expect(components.schemas['CarResourcePart']?.required).toBeUndefined()
  expect(JSON.stringify(paths)).toContain('"links"')
  expect(Object.keys(resource(Article, {}).one(new Article({ title: 't', secret: 's' })))).not.toContain('secret')
})

test('each type of column is answered as its schema says', () => {
  class All extends Model('all', {
    id: uuid().primary(),
    big: bigint(),
    bytes: binary(),
    at: timestamp(),
    day: date(),
    amount: decimal(),
    data: json().nullable(),
  }) {}
  const AllResource = resource(All, {})
  const record = new All({
    id: '01a217a5-36e9-7773-b2d0-ffa2a625ccd2',
    big: 5n,
    bytes: new Uint8Array([1]),
    at: new Date(0),
    day: '2026-11-26',
    amount: '1.50',
    data: { a: [1] },
  })
  const json_ = AllResource.one(record)
  expect(json_).toEqual({ id: record.id, big: '5', bytes: 'AQ==', at: '1970-01-01T00:00:00.000Z', day: '2026-11-26', amount: '1.50', data: { a: [1] } })
  expect(AllResource.schema.parse(json_)).toEqual(json_)
  expectTypeOf(json_.big).toEqualTypeOf<string>()
})

test.each<[string, () => unknown, RegExp]>([
  ['a hidden column', () => resource(Article, { fields: ['secret' as 'title'] }), /no column that may be shown secret/],
  ['an encrypted column', () => resource(Sample, { fields: ['encrypted' as 'string'] }), /encrypted/],
  ['an unknown column', () => resource(Car, { fields: ['prise' as 'price'] }), /is price meant/],
  ['an unknown relation', () => resource(Car, { relations: { dealr: DealerResource } as object }), /no relation dealr; is dealer meant/],
  ['an unknown count', () => resource(Car, { counts: ['photoz' as 'photos'] }), /no relation photoz/],
  ['a name twice', () => resource(Car, { fields: ['make'], computed: { make: { schema: z.string(), value: () => 'x' } } }), /make is there twice/],
])('a resource that cannot be is refused: %s', (_, make, problem) => {
  expect(make).toThrow(expect.objectContaining({ code: 'RESOURCE_INVALID', status: 500 }))
  expect(make).toThrow(problem)
})

test('types say what is always there, and what may be', () => {
  type Out = ReturnType<typeof CarResource.one>
  expectTypeOf<Out['make']>().toEqualTypeOf<string>()
  expectTypeOf<Out['createdAt']>().toEqualTypeOf<string>()
  expectTypeOf<Out['title']>().toEqualTypeOf<string>()
  expectTypeOf<Out['discount']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<Out['cost']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Out['margin']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<Out['photosCount']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<NonNullable<Out['dealer']>['name']>().toEqualTypeOf<string>()
  expectTypeOf<NonNullable<Out['photos']>[number]['size']>().toEqualTypeOf<number>()
  expectTypeOf<Out>().not.toHaveProperty('specs')
  // @ts-expect-error the condition needs to know who looks
  void (() => CarResource.many([]))
})
