import { sql, transaction, type RowOf } from '@glueful/database'
import { expect, expectTypeOf, test } from 'vitest'
import { Article, Car, Dealer, describeShop, Photo, Sample, Staff } from './shop.ts'

async function someCars() {
  const makes = ['Volvo', 'Saab', 'volvo', 'Audi', "O'Hara"]
  return Car.createMany(makes.map((make, index) => ({ make, price: (index + 1) * 1_000, note: index === 0 ? null : `note ${index} 100%_!` })))
}

const makesOf = async (query: { orderBy(column: 'price'): { get(): Promise<{ make: string }[]> } }) =>
  (await query.orderBy('price').get()).map(({ make }) => make)

await describeShop((open) => {
  test('conditions: values, operators, objects, lists, null, groups', async () => {
    await using _ = await open()
    await someCars()
    expect(await makesOf(Car.where('make', 'Volvo'))).toEqual(['Volvo'])
    expect(await makesOf(Car.where('price', '>', 3_000))).toEqual(['Audi', "O'Hara"])
    expect(await makesOf(Car.where({ make: ['Saab', "O'Hara"], dealerId: null }))).toEqual(['Saab', "O'Hara"])
    expect(await makesOf(Car.where('note', null))).toEqual(['Volvo'])
    expect(await makesOf(Car.where('note', '!=', null).whereNot({ make: 'Audi' }))).toEqual(['Saab', 'volvo', "O'Hara"])
    expect(await makesOf(Car.where('make', 'Audi').orWhere((query) => query.where('price', '<', 3_000).whereNull('note')))).toEqual(['Volvo', 'Audi'])
    expect(await makesOf(Car.whereIn('note', ['note 1 100%_!', null]))).toEqual(['Volvo', 'Saab'])
    expect(await makesOf(Car.whereNotIn('note', ['note 1 100%_!', null]))).toEqual(['volvo', 'Audi', "O'Hara"])
    expect(await makesOf(Car.whereIn('make', []))).toEqual([])
    expect(await makesOf(Car.whereNotIn('make', []).whereNotBetween('price', 2_000, 4_000))).toEqual(['Volvo', "O'Hara"])
    expect(await makesOf(Car.whereBetween('price', 2_000, 3_000))).toEqual(['Saab', 'volvo'])
    expect(await makesOf(Car.whereColumn('createdAt', '<', 'updatedAt'))).toEqual([])
    expect(await makesOf(Car.whereSql(sql`price / ${1_000} = ${4}`).orWhere('price', 1_000))).toEqual(['Volvo', 'Audi'])
  })

  test('a list of many values is one query, of texts with NUL as well where the database has them', async () => {
    await using shop = await open()
    const cars = await Car.createMany(Array.from({ length: 700 }, (_, index) => ({ make: `m${index}`, price: index })))
    expect(await Car.findMany(cars.map(({ id }) => id))).toHaveLength(700)
    expect(
      await Car.whereIn(
        'price',
        Array.from({ length: 500 }, (_, index) => index * 2),
      ).count(),
    ).toBe(350)
    const many = Array.from({ length: 70_000 }, (_, index) => index)
    if (shop.dialect === 'mysql') await expect(Car.whereIn('price', many).count()).rejects.toMatchObject({ code: 'QUERY_VALUE_INVALID' })
    else expect(await Car.whereIn('price', many).count()).toBe(700)
    expect(await Car.whereIn('price', many.slice(0, 40_000)).count()).toBe(700)
    if (shop.dialect === 'postgres') return
    await Car.create({ make: 'a\0b', price: 1 })
    expect(await Car.whereIn('make', ['a\0b', 'x']).pluck('make')).toEqual(['a\0b'])
    expect(await Car.whereIn('make', ['a']).count()).toBe(0)
  })

  test('patterns: what users type is taken as it is', async () => {
    await using _ = await open()
    await someCars()
    expect(await makesOf(Car.whereLike('make', 'VOL%'))).toEqual(['Volvo', 'volvo'])
    expect(await makesOf(Car.whereContains('make', 'A'))).toEqual(['Saab', 'Audi', "O'Hara"])
    expect(await makesOf(Car.whereContains('note', '%_!').whereStartsWith('note', 'NOTE 3').whereEndsWith('note', '!'))).toEqual(['Audi'])
    expect(await Car.whereContains('make', '%').count()).toBe(0)
    expect(await Car.whereContains('make', "'; drop table cars; --").count()).toBe(0)
    expect(await makesOf(Car.query().whereNotLike('make', '_____'))).toEqual(['Saab', 'Audi', "O'Hara"])
    await expect(Car.whereLike('make', 'x!').count()).rejects.toMatchObject({ code: 'VALUE_INVALID', status: 422 })
    await expect(Car.whereContains('make', 'x'.repeat(1_000_000)).count()).rejects.toMatchObject({ status: 422 })
    expect(() => Car.whereLike('price', '1%')).toThrow(expect.objectContaining({ code: 'COLUMN_NOT_COMPARABLE' }))
  })

  test('a condition that may be left out is, and undefined never matches all', async () => {
    await using _ = await open()
    await someCars()
    const filter: { make?: string; below?: number } = { below: 2_500 }
    expect(await makesOf(Car.whereIf('make', filter.make).whereIf('price', '<', filter.below))).toEqual(['Volvo', 'Saab'])
    const make = undefined as unknown as string
    expect(() => Car.where('make', make)).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_UNDEFINED' }))
    expect(() => Car.where({ make })).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_UNDEFINED' }))
    expect(() => Car.whereIn('make', [make])).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_UNDEFINED' }))
    expect(() => Car.where({})).toThrow(expect.objectContaining({ code: 'QUERY_WHERE_EMPTY' }))
    expect(() => Car.where('price', '<>' as '<', 1)).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_INVALID' }))
    expect(() => Car.where('specs', { doors: 4 })).toThrow(expect.objectContaining({ code: 'COLUMN_NOT_COMPARABLE' }))
    expect(() => Car.limit(-1)).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_INVALID' }))
  })

  test('writes that would reach every record have to say so', async () => {
    await using _ = await open()
    await someCars()
    await expect(Car.query().delete()).rejects.toMatchObject({ code: 'QUERY_EVERYTHING' })
    await expect(Car.query().update({ price: 1 })).rejects.toMatchObject({ code: 'QUERY_EVERYTHING' })
    await expect(Car.where('price', 1_000).limit(1).update({ price: 1 })).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
    await expect(Car.where('price', 1_000).update({})).rejects.toMatchObject({ code: 'QUERY_WHERE_EMPTY' })
    expect(await Car.where('price', '>', 3_000).update({ note: null })).toBe(2)
    expect(await Car.all().delete()).toBe(5)
    expect(await Car.all().forceDelete()).toBe(0)
    expect(await Car.query().withDeleted().all().forceDelete()).toBe(5)
  })

  test('what is updated or deleted by a condition is returned as records, whoever else does the same at once', async () => {
    await using _ = await open()
    const dealer = await Dealer.create({ name: 'North' })
    await Staff.createMany(Array.from({ length: 40 }, (_, index) => ({ id: index + 1, name: `Staff ${index}`, dealerId: dealer.id })))
    const claim = () =>
      transaction(async () => {
        const free = await Staff.whereNull('bossId').orderBy('id').limit(5).forUpdate({ skipLocked: true }).pluck('id')
        return free.length === 0 ? [] : Staff.whereIn('id', free).updateReturning({ bossId: 1 })
      })
    const claimed = (await Promise.all(Array.from({ length: 8 }, claim))).flat()
    expect(claimed.map(({ id }) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
    expect(claimed.every((one) => one instanceof Staff && one.bossId === 1 && !one.isDirty())).toBe(true)
    await claimed[0]?.update({ name: 'Renamed' })
    expect(await Staff.where('name', 'Renamed').count()).toBe(1)
    const cars = await Car.createMany([1, 2, 3].map((price) => ({ make: 'Volvo', price })))
    const updated = await Car.where('price', '>=', 2).updateReturning({ note: 'sold', price: 9 })
    expect(updated.map(({ note, price }) => [note, price])).toEqual([
      ['sold', 9],
      ['sold', 9],
    ])
    expect(await Car.where('price', 100).updateReturning({ note: 'none' })).toEqual([])
    // Softly, where the model does.
    const left = await Car.where('price', 1).deleteReturning()
    expect(left.map(({ id, deletedAt }) => [id, deletedAt instanceof Date])).toEqual([[cars[0]?.id, true]])
    expect(await Car.withDeleted().count()).toBe(3)
    const gone = await Staff.where('id', '<=', 2).deleteReturning()
    expect(gone.map(({ id, isSaved }) => [id, isSaved]).sort()).toEqual([
      [1, false],
      [2, false],
    ])
    expect(await Staff.count()).toBe(38)
    await transaction(async () => {
      const undone = await Staff.where('id', 3).deleteReturning()
      expect(undone[0]?.isSaved).toBe(false)
      const nested = transaction(async () => {
        gone.push(...(await Staff.where('id', 4).deleteReturning()))
        throw new Error('not this one')
      })
      await expect(nested).rejects.toThrow('not this one')
    })
    expect(gone.at(-1)?.isSaved).toBe(true)
    await expect(Car.query().updateReturning({ price: 1 })).rejects.toMatchObject({ code: 'QUERY_EVERYTHING' })
    await expect(Car.query().deleteReturning()).rejects.toMatchObject({ code: 'QUERY_EVERYTHING' })
    await expect(Car.where('price', 9).updateReturning({ id: cars[0]?.id as string })).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
  })

  test('joins of the query builder are typed by the columns of the models', async () => {
    await using shop = await open()
    const dealer = await Dealer.create({ name: 'North' })
    const car = await Car.create({ make: 'Volvo', price: 1, dealerId: dealer.id, specs: { doors: 5 } })
    const tables = shop.db.sql.withTables<{ cars: RowOf<typeof Car>; dealers: RowOf<typeof Dealer>; samples: RowOf<typeof Sample> }>()
    const rows = await tables
      .selectFrom('cars')
      .innerJoin('dealers', 'dealers.id', 'cars.dealerId')
      .select(['cars.make', 'dealers.name', 'cars.createdAt', 'cars.specs', 'cars.note', 'cars.cost'])
      .execute()
    expect(rows).toMatchObject([{ make: 'Volvo', name: 'North', note: null, cost: '0.00' }])
    expectTypeOf(rows).toEqualTypeOf<
      { make: string; name: string; createdAt: Date | number; specs: { readonly doors: number } | string | null; note: string | null; cost: string }[]
    >()
    expect(new Date(rows[0]?.createdAt ?? 0)).toEqual(car.createdAt)
    const { specs = null } = rows[0] ?? {}
    expect(typeof specs === 'string' ? JSON.parse(specs) : specs).toEqual({ doors: 5 })
    await tables.insertInto('samples').values({ id: car.id, boolean: true, json: '{"a":1}' }).execute()
    expect((await Sample.findOrFail(car.id)).toObject()).toMatchObject({ boolean: true, json: { a: 1 } })
    // @ts-expect-error A column that dealers do not have
    await expect(tables.selectFrom('dealers').select('nme').execute()).rejects.toThrow()
    // @ts-expect-error Keys and timestamps are made by models
    expect(() => tables.insertInto('dealers').values({ name: 'x' })).not.toThrow()
  })

  test('order, limit, offset, columns', async () => {
    await using _ = await open()
    await someCars()
    expect((await Car.orderBy('price', 'desc').limit(2).offset(1).get()).map(({ price }) => price)).toEqual([4_000, 3_000])
    expect((await Car.orderBy('price').offset(3).get()).map(({ price }) => price)).toEqual([4_000, 5_000])
    expect((await Car.orderBy('note').limit(1).get())[0]?.note).toBeNull()
    expect(
      await Car.orderBy('note', 'desc')
        .pluck('note')
        .then((notes) => notes.at(-1)),
    ).toBeNull()
    const [car] = await Car.select('make', 'createdAt').orderBy('price').get()
    expect(Object.keys(JSON.parse(JSON.stringify(car)) as object)).toEqual(['id', 'make', 'createdAt', 'label'])
    await car?.update({ make: 'Skoda' })
    expect(await makesOf(Car.where('make', 'Skoda'))).toEqual(['Skoda'])
    expect(await Car.query().select('condition').distinct().count()).toBe(5)
    expect((await Car.latest('price').first())?.price).toBe(5_000)
    expect((await Car.orderBy('price').unordered().oldest('price').first())?.price).toBe(1_000)
  })

  test('numbers: count, sum, avg, min, max, groups', async () => {
    await using _ = await open()
    await Car.createMany([10, 20, 30].map((price) => ({ make: price === 10 ? 'A' : 'B', price, cost: `0.${price}` })))
    expect(await Car.count()).toBe(3)
    expect(await Car.limit(2).count()).toBe(2)
    expect([await Car.sum('price'), await Car.avg('price'), await Car.min('price'), await Car.max('make')]).toEqual([60, 20, 10, 'B'])
    expect(await Car.sum('cost')).toBe('0.60')
    expect(await Car.max('cost')).toBe('0.30')
    expect(await Car.max('createdAt')).toBeInstanceOf(Date)
    expect(await Car.where('price', '>', 99).sum('cost')).toBe('0.00')
    expect(await Car.where('price', '>', 99).max('price')).toBeNull()
    expect(await Car.where('price', '>', 99).exists()).toBe(false)
    const groups = await Car.groupBy('make')
      .having('sum', 'price', '>=', 10)
      .aggregate({ cars: 'count', total: ['sum', 'cost'], dearest: ['max', 'price'] })
    expect(groups).toEqual([
      { make: 'A', cars: 1, total: '0.10', dearest: 10 },
      { make: 'B', cars: 2, total: '0.50', dearest: 30 },
    ])
    expectTypeOf<(typeof groups)[number]['total']>().toEqualTypeOf<string>()
    expectTypeOf<(typeof groups)[number]['dearest']>().toEqualTypeOf<number | null>()
    expect(await Car.groupBy('make').having('count', '>', 1).having('sum', 'cost', '<', 0.6).aggregate({ n: 'count' })).toEqual([{ make: 'B', n: 2 }])
    expect(() => Car.limit(1).groupBy('make')).toThrow(expect.objectContaining({ code: 'QUERY_SHAPE_UNSUPPORTED' }))
    expect(() => Car.groupBy('make').having('count', '=' as '<', '5' as unknown as number)).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_INVALID' }))
    await expect(Car.sum('make' as 'price')).rejects.toMatchObject({ code: 'COLUMN_NOT_COMPARABLE' })
  })

  test('decimals compare as numbers', async () => {
    await using _ = await open()
    await Car.createMany(['9.00', '10.00', '-1.50'].map((cost) => ({ make: cost, price: 1, cost })))
    expect(await Car.where('cost', '>', '8').orderBy('cost', 'desc').pluck('make')).toEqual(['10.00', '9.00'])
    expect(await Car.where('cost', '9').pluck('make')).toEqual(['9.00'])
    expect(await Car.whereBetween('cost', '-2', '9.5').orderBy('cost').pluck('make')).toEqual(['-1.50', '9.00'])
    expect(await Car.min('cost')).toBe('-1.50')
  })

  test('scopes are methods of the class and of its queries; global ones hold until they are named', async () => {
    await using _ = await open()
    await someCars()
    expect(await makesOf(Car.cheap(2_500))).toEqual(['Volvo', 'Saab'])
    expect(await makesOf(Car.where('make', '!=', 'Saab').cheap(3_500).used())).toEqual(['Volvo', 'volvo'])
    await Article.createMany([{ title: 'a' }, { title: 'b', isPublic: false }, { title: 'c', isPublic: false }])
    expect(await Article.count()).toBe(1)
    expect(await Article.where('title', 'b').orWhere('title', 'a').count()).toBe(1)
    expect(await Article.withoutScope('visible').count()).toBe(3)
    const hidden = await Article.withoutScopes().where('title', 'b').firstOrFail()
    expect(await Article.find(hidden.id)).toBeUndefined()
    expect(await Article.where('title', ['a', 'b']).update({ views: 5 })).toBe(1)
    expect(() => Article.withoutScope('visable')).toThrow(expect.objectContaining({ code: 'SCOPE_UNKNOWN' }))
  })

  test('pages by number', async () => {
    await using _ = await open()
    await Car.createMany(Array.from({ length: 7 }, (_, index) => ({ make: 'A', price: index })))
    const page = await Car.orderBy('price', 'desc').paginate({ page: 2, perPage: 3 })
    expect(page.data.map(({ price }) => price)).toEqual([3, 2, 1])
    expect(page.meta).toEqual({ page: 2, perPage: 3, total: 7, totalPages: 3 })
    expect((await Car.paginate({ page: 9 })).data).toEqual([])
    await expect(Car.paginate({ perPage: 101 })).rejects.toMatchObject({ code: 'PAGE_INVALID', status: 422 })
    await expect(Car.paginate({ page: 0 })).rejects.toMatchObject({ code: 'PAGE_INVALID' })
    expect((await Car.paginate({ perPage: 500, max: 500 })).data).toHaveLength(7)
  })

  test('pages by cursor, both ways, with equal values', async () => {
    await using _ = await open()
    await Car.createMany(Array.from({ length: 10 }, (_, index) => ({ make: `m${index % 3}`, price: index })))
    const query = () => Car.orderBy('make').orderBy('price', 'desc')
    const all = (await query().get()).map(({ price }) => price)
    const seen: number[] = []
    const backwards: number[] = []
    let cursor: string | undefined
    let last: string | null = null
    do {
      const { data, meta } = await query().paginateByCursor({ perPage: 3, cursor })
      seen.push(...data.map(({ price }) => price))
      cursor = meta.next ?? undefined
      last = meta.previous
    } while (cursor !== undefined)
    expect(seen).toEqual(all)
    while (last !== null) {
      const { data, meta }: Awaited<ReturnType<ReturnType<typeof query>['paginateByCursor']>> = await query().paginateByCursor({ perPage: 3, cursor: last })
      backwards.unshift(...data.map(({ price }) => price))
      last = meta.previous
    }
    expect(backwards).toEqual(all.slice(0, 9))
    await expect(query().paginateByCursor({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'CURSOR_INVALID', status: 422 })
    await expect(Car.orderBy('note').paginateByCursor()).rejects.toMatchObject({ code: 'CURSOR_ORDER_NULLABLE' })
    const dates = await Car.latest().paginateByCursor({ perPage: 4 })
    expect((await Car.latest().paginateByCursor({ perPage: 4, cursor: dates.meta.next as string })).data).toHaveLength(4)
  })

  test('chunks and streams give every record once', async () => {
    await using _ = await open()
    await Car.createMany(Array.from({ length: 25 }, (_, index) => ({ make: index % 2 === 0 ? 'A' : 'B', price: index })))
    const sizes: number[] = []
    await Car.where('make', 'A')
      .orWhere('make', 'B')
      .chunk(10, (cars) => sizes.push(cars.length))
    expect(sizes).toEqual([10, 10, 5])
    let sum = 0
    for await (const car of Car.where('make', 'A').with('photos').stream(4)) sum += car.price + car.photos.length
    expect(sum).toBe(156)
    await expect(Car.orderBy('price').chunk(1, () => undefined)).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
  })

  test('subqueries, locks and plans', async () => {
    await using shop = await open()
    const [volvo] = await someCars()
    await Photo.create({ carId: volvo?.id as string, url: 'a', size: 1 })
    expect(await Car.whereExists(Photo.where('size', 1)).count()).toBe(5)
    expect(await Car.whereNotExists(Photo.where('size', 1)).count()).toBe(0)
    await shop.db.transaction(async () => {
      expect(await Car.where('make', 'Saab').forUpdate().get()).toHaveLength(1)
      expect(await Car.where('make', 'Audi').forUpdate({ skipLocked: true }).get()).toHaveLength(1)
      expect(await Car.query().where('make', 'Audi').forShare().get()).toHaveLength(1)
    })
    expect((await Car.where('make', 'Saab').explain()).toLowerCase()).toContain('cars')
    expect(await Car.where('make', 'Saab').explain({ analyze: true })).not.toBe('')
  })

  test('a query can be copied, and shows its statement', async () => {
    await using _ = await open()
    await someCars()
    const cheap = Car.cheap(3_500)
    const one = cheap.clone().where('make', 'Saab')
    expect([await cheap.count(), await one.count()]).toEqual([3, 1])
    expect(one.toSql().text).not.toContain('Saab')
    expect(one.toSql().params).toEqual([3_500, 'Saab'])
  })

  test('hostile text in every condition leaves the query whole', async () => {
    await using shop = await open()
    await someCars()
    for (const hostile of ["' or '1'='1", '"; drop table cars; --', '\\', "\\' or 1=1 #", '%', '\u{1F600}', 'x'.repeat(255)]) {
      expect(await Car.where('make', hostile).count(), hostile.slice(0, 20)).toBe(0)
      expect(await Car.whereIn('make', [hostile]).orWhere({ note: hostile }).count()).toBe(0)
    }
    expect(await Car.where('note', 'x'.repeat(1_000_000)).count()).toBe(0)
    await expect(Car.where('make', 'x'.repeat(256)).count()).rejects.toMatchObject({ status: 422 })
    for (const refused of ['\ud800', 'a\udc00b']) await expect(Car.where('note', refused).count()).rejects.toMatchObject({ status: 422, code: 'VALUE_INVALID' })
    if (shop.dialect === 'postgres') await expect(Car.where('note', '\0').count()).rejects.toMatchObject({ status: 422 })
    expect(await Car.count()).toBe(5)
    expect(await Sample.where('boolean', true).count()).toBe(0)
    expect(await Dealer.whereHas('cars', (cars) => cars.where('make', "'")).count()).toBe(0)
  })
})
