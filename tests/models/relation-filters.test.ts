import { belongsTo, bigint, database, integer, listQuery, Model } from '@glueful/database'
import fc from 'fast-check'
import { createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { Article, Car, Comment, Dealer, describeShop, Staff, Tag, type Shop } from './shop.ts'

const CarQuery = listQuery(Car, {
  filter: {
    make: true,
    'dealer.city': true,
    'dealer.createdAt': ['gte'],
    'dealer.staff.name': ['eq', 'contains'],
    'dealer.address.street': ['eq'],
    'photos.size': ['gte', 'lte', 'eq'],
    'photos.url': ['starts'],
    'photos.cost': ['gt'],
    'tags.name': ['in', 'ne'],
    'comments.body': ['contains'],
  },
  sort: ['make', 'dealer.name', 'dealer.address.street'],
  defaultSort: 'dealer.name,make',
  search: ['make'],
})
class Hidden extends Model('hidden', { id: integer().primary(), articleId: bigint({ as: 'number' }).references('articles') }) {
  static relations = { article: belongsTo(() => Article) }
}
const routes = {
  cars: route.get('/cars', { query: CarQuery, queryBudget: 2 }, ({ query }) => query.apply(Car.query()).paginate(query)),
  narrowed: route.get('/narrowed', { query: CarQuery }, ({ query }) => query.apply(Car.where('make', 'Volvo').orWhere('make', 'Saab')).paginate(query)),
  dealers: route.get('/dealers', { query: listQuery(Dealer, { filter: { 'photos.size': ['gte'], 'cars.tags.name': ['eq'] } }) }, ({ query }) =>
    query.apply(Dealer.query().oldest('name')).paginate(query),
  ),
}
const app = createApp({ name: 'shop', routes, extensions: [database()] })

async function start(shop: Shop) {
  const one = await testApp(app, { env: { DATABASE_URL: shop.url } })
  const get = async (path: string) => {
    const response = await one.fetch(path)
    return { status: response.status, body: (await response.json()) as any }
  }
  const makes = async (query: string, path = '/cars') => {
    const { body } = await get(`${path}?${query}`)
    expect(body.meta?.total, `${query} → ${JSON.stringify(body)}`).toBe(body.data?.length)
    return (body.data as { make?: string; name?: string }[]).map(({ make, name }) => make ?? name)
  }
  return { ...one, get, makes, [Symbol.asyncDispose]: () => one.close() }
}

async function stock() {
  const north = await Dealer.create({ name: 'North', city: 'Oslo' })
  const south = await Dealer.create({ name: 'South', city: 'Rome 100%' })
  await Staff.createMany([
    { name: 'Ada', dealerId: north.id },
    { name: 'Adam', dealerId: north.id },
    { name: 'Bo', dealerId: south.id },
  ])
  await north.related('address').create({ street: 'Zoo Street' })
  await south.related('address').create({ street: 'Avenue' })
  const cars = await Car.createMany([
    { make: 'Volvo', price: 9_000, dealerId: north.id },
    { make: 'Saab', price: 5_000, dealerId: north.id },
    { make: 'Fiat', price: 7_000, dealerId: south.id },
    { make: 'Lada', price: 1_000 },
  ])
  const [volvo, saab, fiat] = cars
  await volvo?.related('photos').createMany([1, 5].map((size) => ({ url: `a${size}`, size, cost: `${size}.50` })))
  await saab?.related('photos').createMany([3, 3, 3].map((size) => ({ url: `b${size}`, size, cost: '10.00' })))
  const [red, old] = await Tag.createMany([{ name: 'red' }, { name: 'old' }])
  await volvo?.related('tags').attach([red?.id as number, old?.id as number])
  await fiat?.related('tags').attach(old?.id as number)
  await saab?.related('comments').createMany([{ body: 'so nice' }, { body: 'very nice' }])
  // Of another model with the same key: it says nothing of the car.
  await Comment.create({ body: 'secret words', subjectType: 'dealers', subjectId: fiat?.id as string })
  return { north, south, cars }
}

await describeShop((open) => {
  test('a list is filtered and sorted by what its relations lead to, each record once', async () => {
    await using shop = await open()
    await stock()
    await using one = await start(shop)
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['', ['Lada', 'Saab', 'Volvo', 'Fiat']],
      ['filter[dealer.city]=Oslo', ['Saab', 'Volvo']],
      ['filter[dealer.city][eq]=Oslo&filter[make]=Saab', ['Saab']],
      ['filter[dealer.city][ne]=Oslo', ['Fiat']],
      ['filter[dealer.city][in]=Oslo,Rome+100%25', ['Saab', 'Volvo', 'Fiat']],
      ['filter[dealer.city][contains]=100%25', ['Fiat']],
      ['filter[dealer.city][starts]=%25', []],
      ['filter[dealer.createdAt][gte]=2001-01-01', ['Saab', 'Volvo', 'Fiat']],
      // Two of the staff match, and the cars come once.
      ['filter[dealer.staff.name][contains]=ada', ['Saab', 'Volvo']],
      ['filter[dealer.staff.name]=Bo', ['Fiat']],
      ['filter[dealer.staff.name]=Bo&filter[dealer.city]=Oslo', []],
      ['filter[dealer.address.street]=Avenue', ['Fiat']],
      ['filter[photos.size]=3', ['Saab']],
      ['filter[photos.size][gte]=1', ['Saab', 'Volvo']],
      // One photo that is both, not two that are either.
      ['filter[photos.size][gte]=2&filter[photos.size][lte]=4', ['Saab']],
      ['filter[photos.size][gte]=2&filter[photos.url][starts]=A', ['Volvo']],
      ['filter[photos.cost][gt]=9.99', ['Saab']],
      ['filter[tags.name][in]=red,old', ['Volvo', 'Fiat']],
      ['filter[tags.name][ne]=red', ['Volvo', 'Fiat']],
      ['filter[comments.body][contains]=nice', ['Saab']],
      ['filter[comments.body][contains]=secret', []],
      ['filter[dealer.city]=Oslo&search=vol', ['Volvo']],
      ['sort=-dealer.name,make', ['Fiat', 'Saab', 'Volvo', 'Lada']],
      ['sort=dealer.address.street,-make', ['Lada', 'Fiat', 'Volvo', 'Saab']],
      ['sort=-make', ['Volvo', 'Saab', 'Lada', 'Fiat']],
    ]
    for (const [query, expected] of cases) expect(await one.makes(query), query).toEqual(expected)
    expect(await one.makes('filter[dealer.city][ne]=Rome', '/narrowed')).toEqual(['Saab', 'Volvo'])
    expect(await one.makes('filter[photos.size][gte]=5', '/dealers')).toEqual(['North'])
    expect(await one.makes('filter[cars.tags.name]=old', '/dealers')).toEqual(['North', 'South'])
  })

  test('records that scopes and soft deletes hide are not found through relations', async () => {
    await using shop = await open()
    const { cars } = await stock()
    await using one = await start(shop)
    await cars[2]?.delete()
    expect(await one.makes('filter[cars.tags.name]=old', '/dealers')).toEqual(['North'])
  })

  test('pages in the order of a relation hold each record once', async () => {
    await using shop = await open()
    const { north, south } = await stock()
    await Car.createMany(Array.from({ length: 20 }, (_, index) => ({ make: `M${index}`, price: 1, dealerId: index % 3 === 0 ? north.id : south.id })))
    await using one = await start(shop)
    const seen: string[] = []
    for (let page = 1; page <= 5; page++) {
      const { body } = await one.get(`/cars?sort=-dealer.name&perPage=5&page=${page}`)
      seen.push(...(body.data as { id: string }[]).map(({ id }) => id))
    }
    expect(new Set(seen).size).toBe(24)
    expect(seen).toHaveLength(24)
  })

  test('the least value counts where several records point at one, and the order works with a limit for each owner', async () => {
    await using _ = await open()
    const { north } = await stock()
    const dealers = await Dealer.with({ cars: (query) => query.orderByRelated('dealer', 'name').orderBy('make', 'desc').limit(1) })
      .orderBy('name')
      .get()
    expect(dealers.map(({ cars }) => cars.map(({ make }) => make))).toEqual([['Volvo'], ['Fiat']])
    expect((await Staff.query().orderByRelated('dealer.address', 'street').oldest('name').get()).map(({ name }) => name)).toEqual(['Bo', 'Ada', 'Adam'])
    // A polymorphic relation binds a value within the order, and Saab has two of which the least counts.
    const byCover = await Car.where('price', '>', 1_000).orderByRelated('cover', 'body', 'desc').orderBy('make').limit(2).get()
    expect(byCover.map(({ make }) => make)).toEqual(['Saab', 'Fiat'])
    const covers = await Dealer.with({ cars: (query) => query.where('price', '>', 1).orderByRelated('cover', 'body', 'desc').limit(1) })
      .orderBy('name')
      .get()
    expect(covers.map(({ cars }) => cars.map(({ make }) => make))).toEqual([['Saab'], ['Fiat']])
    await expect(Car.query().orderByRelated('dealer', 'name').distinct().get()).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
    await expect(Car.query().orderByRelated('dealer', 'name').paginateByCursor()).rejects.toMatchObject({ code: 'CURSOR_ORDER_NULLABLE' })
    expect(() => Dealer.query().orderByRelated('cars', 'make')).toThrow(expect.objectContaining({ code: 'RELATION_INVALID' }))
    expect(north.name).toBe('North')
  })

  test('hostile values in filters of relations are answered by 400 or find nothing', async () => {
    await using shop = await open()
    await stock()
    await using one = await start(shop)
    for (const text of ["'", "' or 1=1 --", '"', '\\', '\0', '`', '%', '_', '!', '\u{1f600}', '\ud800', 'x'.repeat(900), '${1}', '$1', '?', ':id', '']) {
      const value = encodeURIComponent(text.toWellFormed())
      for (const query of [
        `filter[dealer.city]=${value}`,
        `filter[dealer.city][contains]=${value}`,
        `filter[dealer.staff.name]=${value}`,
        `filter[photos.size][gte]=${value}`,
        `filter[tags.name][in]=${value}`,
        `filter[dealer.${value}]=1`,
        `filter[${value}.city]=1`,
        `sort=dealer.${value}`,
      ]) {
        const { status, body } = await one.get(`/cars?${query}`)
        expect([200, 400], `${query} → ${status}`).toContain(status)
        // `%`, `_` and the empty text stand for themselves: only what is contained in everything may be found.
        if (status === 200 && !query.includes('contains')) expect(body.data, query).toEqual([])
      }
    }
    expect(await Car.count()).toBe(4)
  })

  test('random filters into relations find what an oracle in memory finds, each once', async () => {
    await using shop = await open()
    const cities = ['Oslo', 'Rome', "L'Aquila"]
    const dealers = await Dealer.createMany(cities.map((city, index) => ({ name: `D${index}`, city })))
    const rows = Array.from({ length: 30 }, (_, index) => ({
      make: `M${index % 4}`,
      dealer: index % 5 === 4 ? undefined : dealers[index % 3],
      sizes: Array.from({ length: index % 4 }, (_size, photo) => (index * 7 + photo * 3) % 10),
    }))
    const cars = await Car.createMany(rows.map(({ make, dealer }) => ({ make, price: 1, dealerId: dealer?.id ?? null })))
    for (const [index, car] of cars.entries()) await car.related('photos').createMany((rows[index]?.sizes ?? []).map((size) => ({ url: 'u', size })))
    const indexOf = new Map(cars.map((car, index) => [car.id, index]))
    const asked = fc.record(
      {
        city: fc.tuple(fc.constantFrom('eq' as const, 'ne' as const), fc.constantFrom(...cities, 'X')),
        low: fc.integer({ min: 0, max: 9 }),
        high: fc.integer({ min: 0, max: 9 }),
        make: fc.constantFrom('M0', 'M1'),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(asked, fc.constantFrom('dealer.name', '-dealer.name'), async ({ city, low, high, make }, sort) => {
        const query = {
          ...(city === undefined ? {} : { [`filter[dealer.city][${city[0]}]`]: city[1] }),
          ...(low === undefined ? {} : { 'filter[photos.size][gte]': String(low) }),
          ...(high === undefined ? {} : { 'filter[photos.size][lte]': String(high) }),
          ...(make === undefined ? {} : { 'filter[make]': make }),
          sort,
        }
        const result = await CarQuery['~standard'].validate(query)
        if (result.issues !== undefined) return expect.unreachable()
        const found = (await result.value.apply(Car.query()).get()).map(({ id }) => indexOf.get(id) as number)
        const expected = rows.flatMap((row, index) => {
          if (make !== undefined && row.make !== make) return []
          if (city !== undefined && (row.dealer === undefined || (row.dealer.city === city[1]) !== (city[0] === 'eq'))) return []
          if ((low ?? high) !== undefined && !row.sizes.some((size) => size >= (low ?? 0) && size <= (high ?? 9))) return []
          return [index]
        })
        expect([...found].sort((a, b) => a - b)).toEqual(expected)
        const names = found.map((index) => rows[index]?.dealer?.name ?? '')
        expect(names).toEqual([...names].sort((a, b) => (a === b ? 0 : a < b === (sort === 'dealer.name') ? -1 : 1)))
      }),
      { numRuns: shop.dialect === 'sqlite' ? 200 : 80 },
    )
  })
})

describe('what is asked or declared wrongly', () => {
  const read = (query: Record<string, unknown>) => () => CarQuery['~standard'].validate(query)

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    [
      'a column of a relation that was not declared',
      { 'filter[dealer.name]': 'x' },
      'FILTER_UNKNOWN',
      /filter\[dealer\.name\].*Allowed are make, dealer\.city/,
    ],
    ['a misspelt one', { 'filter[dealer.ctiy]': 'x' }, 'FILTER_UNKNOWN', /Is dealer\.city meant\?/],
    ['a relation alone', { 'filter[dealer]': 'x' }, 'FILTER_UNKNOWN', /dealer, by which/],
    ['a deep one', { 'filter[dealer.staff.boss.reports.name]': 'x' }, 'FILTER_UNKNOWN', /cannot be filtered/],
    ['brackets instead of a point', { 'filter[dealer][city]': 'x' }, 'FILTER_UNKNOWN', /Allowed are/],
    ['an operator that was not declared', { 'filter[photos.size][ne]': '1' }, 'FILTER_OPERATOR_UNKNOWN', /Allowed are eq, gte, lte/],
    ['no value of the column', { 'filter[photos.size][gte]': 'big' }, 'FILTER_VALUE_INVALID', /a whole number of 32 bits/],
    ['points without names', { 'filter[dealer..city]': 'x' }, 'FILTER_MALFORMED', /filter\[field\]/],
    ['an order that was not declared', { sort: 'dealer.city' }, 'FILTER_UNKNOWN', /Allowed are make, dealer\.name/],
    ['an order that ends in a point', { sort: 'dealer.' }, 'FILTER_MALFORMED', /names between commas/],
  ])('%s', (_, query, expected, message) => {
    expect(read(query)).toThrow(expect.objectContaining({ code: expected, status: 400 }))
    expect(read(query)).toThrow(message)
  })

  test.each<[string, () => unknown, RegExp]>([
    ['an unknown relation', () => listQuery(Car, { filter: { 'dealr.city.x': true } as object }), /Car has no relation dealr; is dealer meant/],
    ['an unknown column', () => listQuery(Car, { filter: { 'dealer.cty': true } as object }), /there is no column cty; is city meant/],
    ['an operator that the column has not', () => listQuery(Car, { filter: { 'photos.size': ['starts'] } as object }), /has no operator starts/],
    ['a relation to several models', () => listQuery(Comment, { filter: { 'subject.name.x': true } as object }), /leads to several models/],
    ['an order over a relation to many', () => listQuery(Car, { sort: ['photos.size' as 'make'] }), /photos, which leads to many/],
    ['a usual order over a relation to many', () => listQuery(Car, { defaultSort: 'photos.size' }), /photos, which leads to many/],
    ['a depth beyond the limit', () => listQuery(Car, { filter: { 'dealer.staff.name': true }, limits: { maxDepth: 1 } }), /deeper than 1 relations/],
    ['pages by cursor in the order of a relation', () => listQuery(Car, { sort: ['dealer.name'], paging: 'cursor' }), /dealer\.name may be missing/],
    ['a hidden column', () => listQuery(Hidden, { filter: { 'article.secret': true } as object }), /secret is hidden/],
  ])('%s is refused when the application starts', (_, make, problem) => {
    const look = () => (make() as typeof CarQuery)['~standard'].jsonSchema
    expect(look).toThrow(expect.objectContaining({ code: 'LIST_QUERY_INVALID', status: 500 }))
    expect(look).toThrow(problem)
  })
})

test('filters of relations are described for OpenAPI, and typed for clients', async () => {
  await using one = await testApp(app)
  const { paths } = (await (await one.fetch('/openapi.json')).json()) as {
    paths: Record<string, { get: { parameters: { name: string; schema: { pattern?: string }; description?: string }[] } }>
  }
  const parameters = new Map(paths['/cars']?.get.parameters.map((parameter) => [parameter.name, parameter]))
  expect(parameters.get('filter[dealer.city]')).toMatchObject({ schema: { type: 'string' }, description: 'dealer.city equals' })
  expect(parameters.get('filter[photos.size][gte]')?.description).toBe('photos.size is at least; the same one of photos for all filters of it')
  const pattern = new RegExp(parameters.get('sort')?.schema.pattern ?? '^$')
  expect(['dealer.name', '-dealer.address.street,make', 'dealerxname', 'dealer.city'].map((sort) => pattern.test(sort))).toEqual([true, true, false, false])
  type Query = NonNullable<NonNullable<Parameters<typeof one.client.cars>[0]>['query']>
  expectTypeOf<Query['filter[dealer.city]']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Query['filter[photos.size][gte]']>().toEqualTypeOf<string | number | undefined>()
  expectTypeOf<Query['filter[dealer.createdAt][gte]']>().toEqualTypeOf<Date | string | undefined>()
  expectTypeOf<Query['filter[dealer.staff.name][contains]']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Query>().not.toHaveProperty('filter[photos.size][ne]')
  expectTypeOf<'dealer.name' | '-dealer.name,make'>().toExtend<Query['sort']>()
  // @ts-expect-error An operator that numbers do not have
  listQuery(Car, { filter: { 'photos.size': ['starts'] } })
  // @ts-expect-error A relation to many has no order
  listQuery(Car, { sort: ['photos.size'] })
})
