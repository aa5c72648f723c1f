import { database, listQuery, queryFilter, selection } from '@glueful/database'
import { createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { Article, Car, Dealer, describeShop, Sample, Staff, type Shop } from './shop.ts'

const CarFilter = queryFilter(Car, {
  filter: {
    price: true,
    make: ['eq', 'ne', 'in', 'nin', 'contains', 'starts', 'ends'],
    note: ['null', 'contains'],
    createdAt: ['gte', 'lt'],
    cost: ['lte', 'gt'],
  },
  sort: ['price', 'make'],
  search: ['make', 'note'],
})
const CarQuery = listQuery(Car, {
  ...CarFilter,
  defaultSort: '-price',
  fields: ['id', 'make', 'price', 'label', 'dealer.name', 'dealer.city', 'dealer.staff.name', 'photos.*'],
  expand: ['dealer', 'dealer.staff', 'photos'],
  maxPerPage: 500,
  limits: { maxItems: 3 },
  extra: { currency: z.enum(['EUR', 'USD']).default('EUR') },
})
const routes = {
  list: route.get('/cars', { query: CarQuery, queryBudget: 5 }, async ({ query }) => ({
    ...(await query.apply(Car.query()).paginate(query)),
    currency: query.currency,
  })),
  lenient: route.get('/lenient', { query: listQuery(Car, { fields: ['make'], expand: ['dealer'], strict: false }) }, ({ query }) =>
    query.apply(Car.query()).paginate(query),
  ),
  show: route.get(
    '/cars/:id',
    { query: selection(Car, { fields: ['id', 'make', 'comments.subject'], expand: ['dealer'] }), queryBudget: 4 },
    ({ params, query }) => query.apply(Car.query()).findOrFail(params.id),
  ),
  scoped: route.get('/scoped', { query: CarQuery, strict: true }, ({ query }) =>
    query.apply(Car.where('make', 'Volvo').orWhere('make', 'Saab').latest()).paginate(query),
  ),
  cursor: route.get('/cursor', { query: listQuery(Car, { sort: ['price'], paging: 'cursor', perPage: 2 }) }, ({ query }) =>
    query.apply(Car.query()).paginateByCursor(query),
  ),
}
const app = createApp({ name: 'shop', routes, extensions: [database()] })

async function start(shop: Shop) {
  const one = await testApp(app, { env: { DATABASE_URL: shop.url } })
  const get = async (path: string) => {
    const response = await one.fetch(path)
    return { status: response.status, body: (await response.json()) as any }
  }
  const makes = async (query: string) => ((await get(`/cars?${query}`)).body.data as { make: string }[]).map(({ make }) => make)
  return { ...one, get, makes, [Symbol.asyncDispose]: () => one.close() }
}

async function stock() {
  const dealer = await Dealer.create({ name: 'North' })
  await Staff.createMany([
    { name: 'Ada', dealerId: dealer.id },
    { name: 'Bo', dealerId: dealer.id },
  ])
  const cars = await Car.createMany([
    { make: 'Volvo', price: 9_000, note: 'red 100%', dealerId: dealer.id, cost: '10.50' },
    { make: 'Saab', price: 5_000, cost: '9.00' },
    { make: 'Fiat', price: 7_000, note: 'blue, a_b', dealerId: dealer.id },
    { make: 'BMW, old', price: 5_000 },
  ])
  for (const car of cars) await car.related('photos').createMany([1, 2, 3, 4].map((size) => ({ url: `${car.make}-${size}`, size })))
  await cars[0]?.related('comments').create({ body: 'nice' })
  return { dealer, cars }
}

await describeShop((open) => {
  test('filters, orders and searches as declared', async () => {
    await using shop = await open()
    await stock()
    await using one = await start(shop)
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['', ['Volvo', 'Fiat', 'BMW, old', 'Saab']],
      ['filter[price][lte]=7000&sort=make', ['BMW, old', 'Fiat', 'Saab']],
      ['filter[price]=5000&sort=-make', ['Saab', 'BMW, old']],
      ['filter[price][between]=5000,7000&sort=-price,make', ['Fiat', 'BMW, old', 'Saab']],
      ['filter[make][in]=Volvo,Saab&sort=price', ['Saab', 'Volvo']],
      ['filter[make][in]=BMW%2C+old&filter[make][in]=Saab&sort=make', ['BMW, old', 'Saab']],
      ['filter[make][nin]=Volvo,Saab&sort=make', ['BMW, old', 'Fiat']],
      ['filter[make][ne]=Volvo&filter[price][gt]=5000', ['Fiat']],
      ['filter[note][null]=true&sort=make', ['BMW, old', 'Saab']],
      ['filter[note][null]=false&sort=make', ['Fiat', 'Volvo']],
      ['filter[make][starts]=v', ['Volvo']],
      ['filter[make][ends]=OLD', ['BMW, old']],
      ['filter[cost][lte]=9.00&filter[cost][gt]=8.99', ['Saab']],
      ['filter[createdAt][lt]=2001-01-01', []],
      ['filter[createdAt][gte]=2001-01-01T00:00:00+01:00&filter[price][gt]=8999', ['Volvo']],
      ['search=blue+fiat', ['Fiat']],
      ['search=red', ['Volvo']],
      ['search=red+fiat', []],
    ]
    for (const [query, expected] of cases) expect(await one.makes(query), query).toEqual(expected)
  })

  test('% and _ are letters like others', async () => {
    await using shop = await open()
    await stock()
    await using one = await start(shop)
    expect(await one.makes('filter[note][contains]=%25')).toEqual(['Volvo'])
    expect(await one.makes('filter[note][contains]=_')).toEqual(['Fiat'])
    expect(await one.makes('filter[make][starts]=%25')).toEqual([])
    expect(await one.makes('search=a_b')).toEqual(['Fiat'])
    expect(await one.makes('search=a!b')).toEqual([])
  })

  test('fields choose what is read and shown, and relations come in one query each', async () => {
    await using shop = await open()
    const { cars, dealer } = await stock()
    await using one = await start(shop)
    const [volvo] = cars
    const first = async (query: string) => (await one.get(`/cars?filter[make]=Volvo&${query}`)).body.data[0] as unknown
    expect(await first('')).toEqual({ id: volvo?.id, make: 'Volvo', price: 9_000, label: 'Volvo · 9000' })
    expect(await first('fields=make')).toEqual({ make: 'Volvo' })
    expect(await first('fields=label')).toEqual({ label: 'Volvo · 9000' })
    expect(await first('fields=*')).toEqual(await first(''))
    expect(await first('fields=make,dealer(name)')).toEqual({ make: 'Volvo', dealer: { name: 'North' } })
    expect(await first('fields=dealer.name,dealer.city')).toEqual({ dealer: { name: 'North', city: dealer.city } })
    expect(await first('fields=price,dealer(name,staff(name))')).toEqual({ price: 9_000, dealer: { name: 'North', staff: [{ name: 'Ada' }, { name: 'Bo' }] } })
    expect(await first('fields=price,dealer(*)')).toEqual({ price: 9_000, dealer: { name: 'North', city: dealer.city } })
    expect(await first('fields=id&expand=dealer.staff')).toEqual({
      id: volvo?.id,
      dealer: { name: 'North', city: dealer.city, staff: [{ name: 'Ada' }, { name: 'Bo' }] },
    })
    // Four cars, each with four photos: three of each, in one query.
    const all = (await one.get('/cars?fields=make&expand=photos,dealer.staff')).body.data as { photos: { url: string }[] }[]
    expect(all.map(({ photos }) => photos.length)).toEqual([3, 3, 3, 3])
    const shown = (await one.get(`/cars/${volvo?.id}?fields=make,comments(subject(make))`)).body as unknown
    expect(shown).toEqual({ make: 'Volvo', comments: [{ subject: { make: 'Volvo' } }] })
    expect((await one.get(`/cars/${volvo?.id}`)).body).toEqual({ id: volvo?.id, make: 'Volvo' })
    expect((await one.get(`/cars/${volvo?.id}?expand=dealer`)).body).toMatchObject({ make: 'Volvo', dealer: { id: dealer.id, name: 'North' } })
  })

  test('only the columns that are asked for are read, with the keys that relations start from', async () => {
    await using _ = await open()
    const read = async (query: object) => {
      const result = await CarQuery['~standard'].validate(query)
      if (result.issues !== undefined) return expect.unreachable()
      const { text } = result.value.apply(Car.query()).toSql()
      return ['id', 'make', 'price', 'cost', 'specs', 'note', 'dealerId', 'createdAt'].filter((name) => (text.split(' from ')[0] as string).includes(name))
    }
    expect(await read({ fields: 'make' })).toEqual(['id', 'make'])
    expect(await read({ fields: 'dealer(name)' })).toEqual(['id'])
    expect(await read({ fields: 'label' })).toHaveLength(8)
    await Car.createMany([{ make: 'Volvo', price: 1 }])
    const result = await CarQuery['~standard'].validate({ fields: 'make,dealer(name)' })
    if (result.issues !== undefined) return expect.unreachable()
    const [car] = await result.value.apply(Car.query()).get()
    expect(Object.keys(car ?? {}).sort()).toEqual(['dealerId', 'id', 'make'])
  })

  test('a lenient list leaves out what it does not know', async () => {
    await using shop = await open()
    await stock()
    await using one = await start(shop)
    const { status, body } = await one.get('/lenient?fields=make,price,photos(url),dealer(name,nothing)&expand=photos,dealers')
    expect(status).toBe(200)
    expect(body.data).toContainEqual({ make: 'Volvo', dealer: { name: 'North' } })
    expect(body.data).toContainEqual({ make: 'Saab', dealer: null })
  })

  test('what a client asks never widens a query of the application', async () => {
    await using shop = await open()
    await stock()
    await using one = await start(shop)
    const found = (await one.get('/scoped?filter[price][lte]=6000')).body.data as { make: string }[]
    expect(found.map(({ make }) => make)).toEqual(['Saab'])
    // Strict routes know every parameter of the list.
    expect((await one.get('/scoped?filter[price][lte]=6000&sort=price&search=s&fields=id&expand=dealer&page=1&perPage=2')).status).toBe(200)
    expect((await one.get('/scoped?pgae=1')).status).toBe(422)
  })

  test('pages by cursor go through everything in the order asked for', async () => {
    await using shop = await open()
    await stock()
    await using one = await start(shop)
    const seen: number[] = []
    let next: string | null = ''
    while (next !== null) {
      const { body } = await one.get(`/cursor?sort=-price${next === '' ? '' : `&cursor=${next}`}`)
      seen.push(...(body.data as { price: number }[]).map(({ price }) => price))
      next = body.meta.next as string | null
    }
    expect(seen).toEqual([9_000, 7_000, 5_000, 5_000])
  })

  test('hostile parameters are answered by 400 or find nothing, and never by 500', async () => {
    await using shop = await open()
    await stock()
    await using one = await start(shop)
    const hostile = [
      "'",
      "' or 1=1 --",
      '"',
      '\\',
      '\0',
      '`',
      '%',
      '_',
      '!',
      ';drop table cars',
      '\u{1f600}',
      '\ud800',
      'x'.repeat(900),
      '${1}',
      '$1',
      '?',
      ':id',
      '[]',
      '{}',
      '-',
      '',
    ]
    for (const text of hostile) {
      const value = encodeURIComponent(text.toWellFormed())
      for (const query of [
        `filter[make]=${value}`,
        `filter[make][in]=${value}`,
        `filter[make][contains]=${value}`,
        `filter[price]=${value}`,
        `filter[price][between]=${value},${value}`,
        `filter[createdAt][lt]=${value}`,
        `filter[cost][lte]=${value}`,
        `filter[note][null]=${value}`,
        `filter[${value}]=1`,
        `filter[make][${value}]=1`,
        `sort=${value}`,
        `search=${value}`,
        `fields=${value}`,
        `expand=${value}`,
        `page=${value}`,
        `perPage=${value}`,
      ]) {
        const { status } = await one.get(`/cars?${query}`)
        expect([200, 400, 422], `${query} → ${status}`).toContain(status)
      }
    }
    expect(await Car.count()).toBe(4)
  })
})

describe('what is asked wrongly', () => {
  const read = (schema: { '~standard': { validate: (value: unknown) => unknown } }, query: Record<string, unknown>) => () => schema['~standard'].validate(query)
  const code = (expected: string) => expect.objectContaining({ code: expected, status: 400 }) as unknown

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ['an unknown field', { 'filter[prise]': '1' }, 'FILTER_UNKNOWN', /Is price meant\? Allowed are price, make, note/],
    ['a field that was not declared', { 'filter[dealerId]': '1' }, 'FILTER_UNKNOWN', /dealerId/],
    ['an operator that was not declared', { 'filter[make][gt]': 'a' }, 'FILTER_OPERATOR_UNKNOWN', /Allowed are eq, ne, in/],
    ['an operator that does not exist', { 'filter[price][like]': '1' }, 'FILTER_OPERATOR_UNKNOWN', /like/],
    ['no value of the column', { 'filter[price]': '1e3x' }, 'FILTER_VALUE_INVALID', /a whole number of 32 bits/],
    ['more than the column holds', { 'filter[price]': '2147483648' }, 'FILTER_VALUE_INVALID', /filter\[price\]/],
    ['one end', { 'filter[price][between]': '1' }, 'FILTER_VALUE_INVALID', /two values/],
    ['no day', { 'filter[createdAt][lt]': '2026-02-30' }, 'FILTER_VALUE_INVALID', /a time such as/],
    ['no truth', { 'filter[note][null]': 'yes' }, 'FILTER_VALUE_INVALID', /true or false/],
    ['several values', { 'filter[price]': ['1', '2'] }, 'FILTER_MALFORMED', /one value/],
    ['brackets that do not close', { 'filter[price': '1' }, 'FILTER_MALFORMED', /filter\[field\]/],
    ['no name', { filter: '1' }, 'FILTER_MALFORMED', /filter\[field\]/],
    ['a long value', { 'filter[make]': 'x'.repeat(1_001) }, 'FILTERS_TOO_MANY', /1000 characters/],
    ['many values', { 'filter[price][in]': Array.from({ length: 101 }, () => '1').join() }, 'FILTERS_TOO_MANY', /100 values/],
    ['an order that was not declared', { sort: '-cost' }, 'FILTER_UNKNOWN', /sort names cost.*Allowed are price, make/],
    ['an order twice', { sort: 'price,-price' }, 'FILTER_MALFORMED', /each name once/],
    ['many orders', { sort: 'a,b,c,d,e,f' }, 'FILTERS_TOO_MANY', /5 fields/],
    ['a search with NUL', { search: 'a\0' }, 'FILTER_MALFORMED', /NUL/],
    ['many words', { search: 'a b c d e f g h i j k' }, 'FILTERS_TOO_MANY', /10 words/],
    ['an unknown field to show', { fields: 'id,pice' }, 'FIELDS_UNKNOWN', /Is price meant\? Allowed are id, make, price, label, dealer, photos/],
    ['a field of a relation that was not declared', { fields: 'dealer(id)' }, 'FIELDS_UNKNOWN', /dealer\.id cannot.*dealer\.name/],
    ['an open parenthesis', { fields: 'dealer(name' }, 'FIELDS_MALFORMED', /the end at position 12/],
    ['nothing between commas', { fields: 'id,,make' }, 'FIELDS_MALFORMED', /position 4/],
    ['deep fields', { fields: 'a(b(c(d(e(f)))))' }, 'FIELDS_TOO_DEEP', /4 relations/],
    ['many fields', { fields: Array.from({ length: 101 }, () => 'id').join() }, 'FIELDS_TOO_MANY', /100 fields/],
    ['an unknown relation', { expand: 'dealers' }, 'FIELDS_UNKNOWN', /Is dealer meant/],
    ['deep relations', { expand: 'a.b.c.d.e' }, 'FIELDS_TOO_DEEP', /4 relations/],
    ['no relation', { expand: 'dealer..staff' }, 'FIELDS_MALFORMED', /expand/],
  ])('%s', (_, query, expected, detail) => {
    expect(read(CarQuery, query)).toThrow(code(expected))
    expect(read(CarQuery, query)).toThrow(detail)
    expect(read(CarQuery, query)).toThrow(
      expect.objectContaining({
        errors: [{ path: ['query', Object.keys(query)[0]], code: expect.any(String) as string, message: expect.any(String) as string }],
      }),
    )
  })

  test('more than 20 filters', () => {
    const many = listQuery(Sample, { filter: { integer: true, float: true, bigint: true, decimal: true } })
    const query = Object.fromEntries(
      ['integer', 'float', 'bigint'].flatMap((name) => ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in'].map((operator) => [`filter[${name}][${operator}]`, '1'])),
    )
    expect(read(many, query)).toThrow(code('FILTERS_TOO_MANY'))
  })

  test('pages that cannot be, with all their faults, as validation has it', () => {
    expect(CarQuery['~standard'].validate({ page: '0', perPage: '501', currency: 'NOK' })).toMatchObject({
      issues: [{ path: ['page'] }, { path: ['perPage'] }, { path: ['currency'] }],
    })
  })
})

describe('a declaration that cannot hold does not start', () => {
  const look = (schema: { '~standard': unknown }) => () => schema['~standard']
  test.each<[string, () => { '~standard': unknown }, RegExp]>([
    ['an unknown column', () => listQuery(Car, { filter: { prise: true } as object }), /no column prise; is price meant/],
    ['a hidden column', () => listQuery(Article, { filter: { secret: ['starts'] } as object }), /secret is hidden/],
    ['a hidden order', () => listQuery(Article, { sort: ['secret' as 'title'] }), /secret is hidden/],
    ['a hidden field', () => listQuery(Article, { fields: ['secret' as 'title'] }), /shows nothing called secret/],
    ['an operator that the column has not', () => listQuery(Car, { filter: { id: ['lt'] } }), /no operator lt; it has eq, ne, in, nin/],
    ['JSON', () => listQuery(Car, { filter: { specs: true } }), /specs \(json\) cannot be filtered/],
    ['an order of JSON', () => listQuery(Car, { sort: ['specs'] }), /no order/],
    ['a search in numbers', () => listQuery(Car, { search: ['price'] }), /price \(integer\) is no text/],
    ['an unknown relation', () => listQuery(Car, { expand: ['dealr' as 'dealer'] }), /dealr.*is dealer meant/],
    ['a field of a relation', () => selection(Car, { fields: ['dealer.createdA'] }), /Dealer shows nothing called createdA; is createdAt meant/],
    ['an encrypted field', () => selection(Sample, { fields: ['encrypted' as 'string'] }), /nothing called encrypted/],
    ['an unknown usual order', () => listQuery(Car, { defaultSort: 'prise' }), /no column prise/],
    ['a cursor by what may be null', () => listQuery(Car, { sort: ['note'], paging: 'cursor' }), /note is nullable/],
    ['a parameter twice', () => listQuery(Car, { extra: { page: z.string() } }), /page is there already/],
    ['pages larger than the largest', () => listQuery(Car, { perPage: 200 }), /200 is no whole number from 1 to 100/],
  ])('%s', (_, make, problem) => {
    expect(look(make())).toThrow(expect.objectContaining({ code: 'LIST_QUERY_INVALID', status: 500 }))
    expect(look(make())).toThrow(problem)
  })
})

test('parameters are described for OpenAPI, and typed for clients and handlers', async () => {
  await using one = await testApp(app)
  const { paths } = (await (await one.fetch('/openapi.json')).json()) as {
    paths: Record<string, { get: { parameters: { name: string; schema: object; description?: string }[] } }>
  }
  const parameters = new Map(paths['/cars']?.get.parameters.map((parameter) => [parameter.name, parameter]))
  expect(parameters.get('filter[price][lte]')).toMatchObject({ schema: { type: 'integer' }, description: 'price is at most' })
  expect(parameters.get('sort')?.schema).toMatchObject({ default: '-price', pattern: '^-?(price|make)(,-?(price|make))*$' })
  expect([...parameters.keys()]).toEqual(
    expect.arrayContaining(['page', 'perPage', 'currency', 'search', 'fields', 'expand', 'filter[make]', 'filter[make][in]']),
  )
  expect(parameters.get('fields')?.description).toContain('dealer(name,city,staff(name))')
  type Query = NonNullable<NonNullable<Parameters<typeof one.client.list>[0]>['query']>
  expectTypeOf<Query['filter[price][lte]']>().toEqualTypeOf<string | number | undefined>()
  expectTypeOf<Query['filter[createdAt][gte]']>().toEqualTypeOf<Date | string | undefined>()
  expectTypeOf<Query['filter[price][in]']>().toEqualTypeOf<string | readonly (string | number)[] | undefined>()
  expectTypeOf<Query['currency']>().toEqualTypeOf<'EUR' | 'USD' | undefined>()
  expectTypeOf<Query>().not.toHaveProperty('filter[make][lte]')
  expectTypeOf<Query>().not.toHaveProperty('filter[cost][eq]')
  expectTypeOf<'price' | '-price' | 'price,-make'>().toExtend<Query['sort']>()
  expectTypeOf<'cost'>().not.toExtend<Query['sort']>()
})
