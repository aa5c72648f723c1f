import { expect, expectTypeOf, test } from 'vitest'
import { belongsTo, belongsToMany, currentDatabase, hasMany, integer, Model, outsideTransaction, string, transaction, uuid } from '@glueful/database'
import { currentDatabases } from '../../packages/database/src/connection/databases.ts'
import { setSurroundings, type LazyLoad } from '../../packages/database/src/model/surroundings.ts'
import type { Database } from '../../packages/database/src/index.ts'
import { Address, Car, Comment, Dealer, describeShop, Photo, Staff, Tag } from './shop.ts'

async function someDealers() {
  const [north, south] = await Dealer.createMany([{ name: 'North' }, { name: 'South' }])
  const [ann] = await Staff.createMany([{ name: 'Ann', dealerId: north!.id }])
  await Staff.createMany(['Bo', 'Cy'].map((name) => ({ name, dealerId: north!.id, bossId: ann!.id })))
  await Address.create({ dealerId: north!.id, street: 'First' })
  const cars = await Car.createMany([
    ...[1, 2, 3].map((price) => ({ make: `N${price}`, price, dealerId: north!.id })),
    { make: 'S', price: 9, dealerId: south!.id },
    { make: 'none', price: 0 },
  ])
  await Photo.createMany(
    cars.slice(0, 3).flatMap((car, index) => Array.from({ length: index + 1 }, (_, size) => ({ carId: car.id, url: `${car.make}/${size}`, size: size + 1 }))),
  )
  return { north: north!, south: south!, cars }
}

/** How many statements the work needs. */
async function statements<T>(work: () => Promise<T>): Promise<{ readonly count: number; readonly result: T }> {
  const database = currentDatabase() as { execute: Database['execute'] }
  const { execute } = database
  let count = 0
  database.execute = (...args) => {
    count++
    return execute(...args)
  }
  try {
    return { result: await work(), count }
  } finally {
    database.execute = execute
  }
}

await describeShop((open) => {
  test('with loads each relation with one query, nested ones too, and types what is loaded', async () => {
    await using _ = await open()
    await someDealers()
    const { result: cars, count } = await statements(() => Car.with('dealer.staff', 'photos').orderBy('price').get())
    expect(count).toBe(4)
    expect(cars.map((car) => [car.make, car.dealer?.name ?? null, car.dealer?.staff.length ?? 0, car.photos.length])).toEqual([
      ['none', null, 0, 0],
      ['N1', 'North', 3, 1],
      ['N2', 'North', 3, 2],
      ['N3', 'North', 3, 3],
      ['S', 'South', 0, 0],
    ])
    expect(cars[1]?.dealer).toBe(cars[2]?.dealer)
    expectTypeOf(cars[1]!.photos[0]!.url).toEqualTypeOf<string>()
    // @ts-expect-error tags were not loaded
    void cars[0]!.tags.length
    // @ts-expect-error there is no such relation
    expect(() => Car.with('dealr')).toThrow(expect.objectContaining({ code: 'RELATION_UNKNOWN' }))
    // @ts-expect-error nor this one
    expect(() => Car.with('dealer.stuff')).toThrow(expect.objectContaining({ code: 'RELATION_UNKNOWN' }))
  })

  test('constraints hold within a relation, and a limit counts for each record', async () => {
    await using _ = await open()
    await someDealers()
    const cars = await Car.with({ photos: (query) => query.orderBy('size', 'desc').limit(2).with('car') })
      .orderBy('price')
      .get()
    expect(cars.map((car) => car.photos.map(({ size }) => size))).toEqual([[], [1], [2, 1], [3, 2], []])
    expect(cars[1]?.photos[0]?.car.make).toBe('N1')
    const some = await Dealer.with({ cars: (query) => query.where('price', 1).orWhere('price', 3).orderBy('price') })
      .orderBy('name')
      .get()
    expect(some.map((dealer) => dealer.cars.map(({ price }) => price))).toEqual([[1, 3], []])
    const second = await Car.with({ photos: (query) => query.orderBy('size').limit(1).offset(1) })
      .orderBy('price')
      .get()
    expect(second.map((car) => car.photos.map(({ size }) => size))).toEqual([[], [], [2], [2], []])
    const through = await Dealer.with({ photos: (query) => query.orderBy('size', 'desc').limit(2) })
      .orderBy('name')
      .get()
    expect(through.map((dealer) => dealer.photos.map(({ size }) => size))).toEqual([[3, 2], []])
  })

  test('a relation that is touched is loaded for the whole result, in one query', async () => {
    await using _ = await open()
    await someDealers()
    const cars = await Car.orderBy('price').get()
    const { count } = await statements(async () => {
      for (const car of cars) for (const photo of await car.photos) expect((await photo.car).id).toBe(car.id)
    })
    expect(count).toBe(2)
    const again = await Car.all().get()
    const { count: atOnce, result } = await statements(() => Promise.all(again.map(async (car) => (await car.dealer)?.name ?? null)))
    expect(atOnce).toBe(1)
    expect(result.filter((name) => name === 'North')).toHaveLength(3)
  })

  test('two links over one table, and models of one table, are kept apart', async () => {
    await using _ = await open()
    class Person extends Model('staff', { id: integer().primary(), name: string(), dealerId: uuid(), bossId: integer().nullable() }) {
      static relations = {
        mentors: belongsToMany(() => Person, { table: 'car_tags', foreignKey: 'tagId', relatedKey: 'weight' }),
        selves: belongsToMany(() => Person, { table: 'car_tags', foreignKey: 'tagId', relatedKey: 'tagId' }),
      }
    }
    class Named extends Model('staff', { name: string(), id: integer().primary() }) {}
    const { cars } = await someDealers()
    const [ann, bo] = await Staff.orderBy('name').get()
    const tag = await Tag.create({ id: ann!.id, name: 'x' })
    await cars[0]!.related('tags').attach(tag.id, { weight: bo!.id })
    const loaded = await Person.with('mentors', 'selves').where('id', ann!.id).firstOrFail()
    expect([loaded.mentors.map(({ name }) => name), loaded.selves.map(({ name }) => name)]).toEqual([['Bo'], ['Ann']])
    expect(await Car.whereExists(Staff.where('name', 'Ann')).count()).toBe(5)
    expect(await Car.whereExists(Named.where('name', 'Ann')).count()).toBe(5)
    expect(await Car.whereExists(Named.where('name', 'Zoe')).count()).toBe(0)
  })

  test('a strict query refuses what it was not asked for: RELATION_NOT_LOADED', async () => {
    await using _ = await open()
    await someDealers()
    const [car] = await Car.strict().with('photos').where('make', 'N1').get()
    expect(car?.photos).toHaveLength(1)
    expect(() => car?.dealer).toThrow(expect.objectContaining({ code: 'RELATION_NOT_LOADED' }))
    expect(() => car?.photos[0]?.car).toThrow(expect.objectContaining({ code: 'RELATION_NOT_LOADED' }))
    expect(() => (new Car() as unknown as { photos: unknown }).photos).toThrow(expect.objectContaining({ code: 'RECORD_NOT_SAVED' }))
  })

  test('who asks is told of relations that were forgotten, with the place, once', async () => {
    await using _ = await open()
    await someDealers()
    const told: LazyLoad[] = []
    setSurroundings(currentDatabases(), { onLazyLoad: (load) => void told.push(load) })
    for (let round = 0; round < 3; round++) for (const car of await Car.all().get()) await car.photos
    for (const car of await Car.limit(1).get()) await car.photos
    setSurroundings(currentDatabases(), {})
    expect(told).toEqual([{ model: 'Car', relation: 'photos', records: 5, at: expect.stringMatching(/relations\.test\.ts:\d+:\d+$/) as string }])
  })

  test('counts, sums and conditions on relations', async () => {
    await using _ = await open()
    const { north } = await someDealers()
    const cars = await Car.withSum('photos', 'size').withCount('photos', 'comments').withSum('photos', 'cost').orderBy('price').get()
    expect(cars.map((car) => [car.photosCount, car.commentsCount, car.photosSizeSum, car.photosCostSum])).toEqual([
      [0, 0, 0, '0.00'],
      [1, 0, 1, '0.10'],
      [2, 0, 3, '0.20'],
      [3, 0, 6, '0.30'],
      [0, 0, 0, '0.00'],
    ])
    expect(JSON.parse(JSON.stringify(cars[1]))).toMatchObject({ photosCount: 1 })
    const large = await Car.withCount({ photos: (photos) => photos.where('size', '>', 1) })
      .orderBy('price')
      .get()
    expect(large.map(({ photosCount }) => photosCount)).toEqual([0, 0, 1, 2, 0])
    expect(await Car.whereHas('photos').count()).toBe(3)
    expect(await Car.whereHas('photos', (photos) => photos.where('size', 3)).pluck('make')).toEqual(['N3'])
    expect(await Car.whereHas('photos', undefined, '>=', 2).count()).toBe(2)
    expect(await Car.whereDoesntHave('photos').count()).toBe(2)
    expect(await Photo.query().whereHas('car.dealer').count()).toBe(6)
    expect(
      await Photo.query()
        .whereHas('car.dealer', (dealer) => dealer.where('name', north.name))
        .count(),
    ).toBe(6)
    expect(
      await Photo.query()
        .whereHas('car.dealer', (dealer) => dealer.where('name', 'nobody'))
        .count(),
    ).toBe(0)
    expect(
      await Photo.query()
        .whereDoesntHave('car.dealer', (dealer) => dealer.where('name', 'nobody'))
        .count(),
    ).toBe(6)
    const makes = (await Car.query().orderBy('make').pluck('make')) as string[]
    expect(
      await Car.where('make', 'N1')
        .orWhereHas('photos', (photos) => photos.where('size', 3))
        .orderBy('make')
        .pluck('make'),
    ).toEqual(['N1', 'N3'])
    expect(await Car.where('make', 'N3').orWhereDoesntHave('photos').orderBy('make').pluck('make')).toEqual(
      makes.filter((make) => !['N1', 'N2'].includes(make)),
    )
    expect(
      await Car.where('make', 'N3')
        .orWhereHas('dealer.staff', (staff) => staff.where('name', 'nobody'))
        .pluck('make'),
    ).toEqual(['N3'])
    // The soft delete holds for both sides of an or.
    await Car.where('make', 'N1').delete()
    expect(
      await Car.where('make', 'N1')
        .orWhereHas('photos', (photos) => photos.where('size', 3))
        .pluck('make'),
    ).toEqual(['N3'])
    await Car.withDeleted().where('make', 'N1').restore()
    // @ts-expect-error a column that dealers do not have
    expect(() => Photo.query().whereHas('car.dealer', (dealer) => dealer.where('nme', 'x'))).toThrow(expect.objectContaining({ code: 'COLUMN_UNKNOWN' }))
    expect(await Dealer.whereHas('photos', (photos) => photos.where('size', 3)).pluck('id')).toEqual([north.id])
    await Car.where('make', 'N3').delete()
    expect(await Dealer.whereHas('photos', (photos) => photos.where('size', 3)).count()).toBe(0)
    expect((await Dealer.withCount('photos', 'cars').orderBy('name').get()).map(({ photosCount, carsCount }) => [photosCount, carsCount])).toEqual([
      [3, 2],
      [0, 1],
    ])
    // @ts-expect-error not a relation
    expect(() => Car.withCount('nothing')).toThrow(expect.objectContaining({ code: 'RELATION_UNKNOWN' }))
  })

  test('one of many kinds: hasOne, through a model between, and itself', async () => {
    await using _ = await open()
    await someDealers()
    const dealers = await Dealer.with('address.dealer', 'photos', 'firstPhoto').orderBy('name').get()
    expect(
      dealers.map((dealer) => [dealer.address?.street ?? null, dealer.address?.dealer.name ?? null, dealer.photos.length, dealer.firstPhoto === null]),
    ).toEqual([
      ['First', 'North', 6, false],
      [null, null, 0, true],
    ])
    const staff = await Staff.with('boss', 'reports.boss').orderBy('name').get()
    expect(staff.map((one) => [one.name, one.boss?.name ?? null, one.reports.map(({ name, boss }) => `${name} < ${boss?.name}`)])).toEqual([
      ['Ann', null, ['Bo < Ann', 'Cy < Ann']],
      ['Bo', 'Ann', []],
      ['Cy', 'Ann', []],
    ])
    expect(
      await Staff.query()
        .whereHas('boss', (boss) => boss.where('name', 'Ann'))
        .count(),
    ).toBe(2)
  })

  test('linked over a table: attach, detach, sync, and columns of the table', async () => {
    await using _ = await open()
    const { cars } = await someDealers()
    const tags = await Tag.createMany(['fast', 'red', 'old'].map((name) => ({ name })))
    const [fast, red, old] = tags.map(({ id }) => id) as [number, number, number]
    const car = cars[0]!
    const links = car.related('tags')
    expect(await links.attach([fast, red], { weight: 5, addedAt: new Date(1_000) })).toBe(2)
    expect(await links.attach(red)).toBe(0)
    expect(await cars[1]!.related('tags').attach(red)).toBe(1)
    const loaded = await Car.with({ tags: (query) => query.orderBy('name') })
      .orderBy('price')
      .whereHas('tags')
      .get()
    expect(loaded.map((one) => one.tags.map(({ name, pivot }) => [name, pivot.weight, pivot.addedAt?.getTime() ?? null]))).toEqual([
      [
        ['fast', 5, 1_000],
        ['red', 5, 1_000],
      ],
      [['red', 1, null]],
    ])
    expect(await links.updatePivot(fast, { weight: 9 })).toBe(1)
    expect((await links.query().where('name', 'fast').get()).map(({ name }) => name)).toEqual(['fast'])
    await expect(links.query().where('name', 'fast').delete()).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
    expect(await links.query().count()).toBe(2)
    expect(await links.sync([red, old])).toEqual({ attached: 1, detached: 1 })
    expect((await links.keys()).sort()).toEqual([red, old].sort())
    expect(await links.detach(old)).toBe(1)
    expect(await links.detach([])).toBe(0)
    const tagged = await Tag.with('cars').where('name', 'red').firstOrFail()
    expect(tagged.cars).toHaveLength(2)
    expect(await Tag.withCount('cars').where('id', old).firstOrFail()).toMatchObject({ carsCount: 0 })
    expect(await links.detach()).toBe(1)
    await expect(links.attach(fast, { colour: 1 } as never)).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' })
    await expect(links.attach(2 ** 40)).rejects.toMatchObject({ status: 422 })
  })

  test('links that several attach at once are there once', async () => {
    await using shop = await open()
    const car = await Car.create({ make: 'Volvo', price: 1 })
    const tags = await Tag.createMany(['fast', 'red', 'old'].map((name) => ({ name })))
    const ids = tags.map(({ id }) => id)
    const counts = await Promise.all(Array.from({ length: 8 }, () => car.related('tags').attach(ids)))
    expect(counts.reduce((sum, count) => sum + count)).toBe(3)
    expect((await car.related('tags').keys()).sort()).toEqual([...ids].sort())
    await Promise.all(Array.from({ length: 4 }, (_, index) => car.related('tags').sync(index % 2 === 0 ? ids.slice(1) : ids)))
    const left = (await car.related('tags').keys()) as number[]
    expect(new Set(left).size).toBe(left.length)
    if (shop.dialect === 'sqlite') return
    // A transaction that has read before another's commit links nothing twice either.
    await car.related('tags').detach()
    await transaction(async () => {
      await Tag.query().count()
      await outsideTransaction(() => car.related('tags').attach(ids))
      expect(await car.related('tags').attach(ids)).toBe(0)
    })
    expect(await car.related('tags').keys()).toHaveLength(3)
  })

  test('polymorphic: one, many, and many to many', async () => {
    await using _ = await open()
    const { cars, north } = await someDealers()
    const car = cars[0]!
    await car.related('comments').create({ body: 'nice car' })
    await car.related('comments').createMany([{ body: 'really' }])
    await Comment.create({ body: 'nice place', subjectType: 'dealers', subjectId: north.id })
    const comments = await Comment.with('subject').orderBy('id').get()
    expect(comments.map(({ subject }) => (subject instanceof Car ? subject.make : subject instanceof Dealer ? subject.name : null))).toEqual([
      'N1',
      'N1',
      'North',
    ])
    expect((await Car.with('comments', 'cover').findOrFail(car.id)).comments.map(({ body }) => body)).toEqual(['nice car', 'really'])
    expect(await Car.whereHas('comments', (query) => query.whereContains('body', 'nice')).pluck('make')).toEqual(['N1'])
    const tag = await Tag.create({ name: 'big' })
    expect(await north.related('tags').attach(tag.id)).toBe(1)
    expect((await Dealer.with('tags').orderBy('name').get()).map(({ tags }) => tags.map(({ name }) => name))).toEqual([['big'], []])
    expect((await Tag.with('dealers').firstOrFail()).dealers.map(({ name }) => name)).toEqual(['North'])
    expect(await Dealer.whereHas('tags', (tags) => tags.where('name', 'big')).count()).toBe(1)
    expect(await north.related('tags').detach()).toBe(1)
    expect(() => Comment.query().whereHas('subject')).toThrow(expect.objectContaining({ code: 'RELATION_INVALID' }))
    await Comment.create({ body: 'lost', subjectType: 'planes', subjectId: north.id })
    await expect(Comment.with('subject').get()).rejects.toMatchObject({ code: 'RELATION_INVALID' })
  })

  test('related records are created, queried and pointed at from a record', async () => {
    await using _ = await open()
    const { north, south, cars } = await someDealers()
    const photo = await cars[4]!.related('photos').create({ url: 'x', size: 1 })
    expect(photo.carId).toBe(cars[4]!.id)
    expect(await cars[2]!.related('photos').query().where('size', '>', 1).count()).toBe(2)
    const car = await Car.findOrFail(cars[0]!.id)
    car.related('dealer').associate(south)
    expect((await car.dealer)?.name).toBe('South')
    await car.save()
    expect((await Car.with('dealer').findOrFail(car.id)).dealer?.name).toBe('South')
    expect(await car.related('dealer').query().pluck('name')).toEqual(['South'])
    car.related('dealer').associate(null)
    await car.save()
    expect(await Car.where('dealerId', north.id).count()).toBe(2)
    await expect((car.related('photos') as unknown as { attach(key: number): Promise<number> }).attach(1)).rejects.toMatchObject({ code: 'RELATION_INVALID' })
  })

  test('load and loadMissing add to records that are there', async () => {
    await using _ = await open()
    const { cars } = await someDealers()
    const car = await Car.findOrFail(cars[0]!.id)
    const loaded = await car.load('dealer.staff', 'photos')
    expect(loaded.dealer?.staff).toHaveLength(3)
    await Photo.create({ carId: car.id, url: 'new', size: 1 })
    const { count } = await statements(() => car.loadMissing('photos', 'dealer.cars'))
    expect(count).toBe(1)
    expect(loaded.photos).toHaveLength(1)
    expect((await car.load({ photos: (query) => query.where('url', 'new') })).photos).toHaveLength(1)
  })

  test('a required record that was deleted softly is still there; one that is missing is told: RELATION_MISSING', async () => {
    await using shop = await open()
    const { cars } = await someDealers()
    await cars[0]!.delete()
    const photo = await Photo.with('car').where('carId', cars[0]!.id).firstOrFail()
    expect(photo.car.deletedAt).toBeInstanceOf(Date)
    class Lost extends Model('photos', { id: integer().primary(), carId: uuid(), url: string(), size: integer() }) {
      static relations = { car: belongsTo(() => Nothing) }
    }
    class Nothing extends Model('dealers', { id: uuid().primary() }) {}
    await expect(Lost.with('car').get()).rejects.toMatchObject({ code: 'RELATION_MISSING' })
    expect(await shop.db.execute('select count(*) from photos', [])).toMatchObject({ rowCount: 1 })
  })

  test('what a relation cannot work with is said when it is first used', async () => {
    await using _ = await open()
    class Wheel extends Model('wheels', { id: integer().primary(), axleId: integer().nullable() }) {
      static relations = { axle: belongsTo(() => Axle), parts: hasMany(() => Axle) }
    }
    class Axle extends Model('axles', { id: integer().primary() }) {}
    expect(() => Wheel.with('axle')).toThrow(expect.objectContaining({ code: 'RELATION_INVALID', detail: expect.stringContaining('optional') }))
    expect(() => Wheel.with('parts')).toThrow(expect.objectContaining({ code: 'RELATION_INVALID', detail: expect.stringContaining('wheelId') }))
    class Clash extends Model('clashes', { id: integer().primary(), cars: integer() }) {
      static relations = { cars: belongsToMany(() => Car, { table: 'x' }) }
    }
    expect(() => Clash.query()).toThrow(expect.objectContaining({ code: 'MODEL_NAME_TAKEN' }))
    expect(() => Model('x', { id: integer().primary() }, { scopes: { where: (query) => query } })).toThrow(
      expect.objectContaining({ code: 'MODEL_NAME_TAKEN' }),
    )
    class Keyless extends Model('keyless', { a: integer() }) {}
    await expect(Keyless.find(1)).rejects.toMatchObject({ code: 'MODEL_KEY_MISSING' })
  })
})
