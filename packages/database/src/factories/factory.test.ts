import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { boolean, integer, string, uuid } from '../columns/index.ts'
import { openTestDatabase } from '../testing/open-test-database.ts'
import { liveTarget, overDatabase } from '../migrations/migration-connection.ts'
import { Model } from '../model/index.ts'
import { belongsTo, belongsToMany, hasMany } from '../relations/index.ts'
import { createSchema } from '../schema/schema.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { factory } from './factory.ts'
import { seedFactories } from './factory-randomness.ts'

class Dealer extends Model('dealers', { id: uuid().primary(), name: string() }) {
  static relations = { cars: hasMany(() => Car) }
}
class Car extends Model('cars', { id: uuid().primary(), make: string(), price: integer(), sold: boolean().default(false), dealerId: uuid() }) {
  static relations = { dealer: belongsTo(() => Dealer), photos: hasMany(() => Photo), tags: belongsToMany(() => Tag, { table: 'car_tags' }) }
}
class Photo extends Model('photos', { id: uuid().primary(), carId: uuid(), position: integer() }) {
  static relations = { car: belongsTo(() => Car) }
}
class Tag extends Model('tags', { id: uuid().primary(), name: string() }) {}
class Transfer extends Model('transfers', { id: uuid().primary(), fromId: uuid(), toId: uuid() }) {
  static relations = { from: belongsTo(() => Dealer, { foreignKey: 'fromId' }), to: belongsTo(() => Dealer, { foreignKey: 'toId' }) }
}

const DealerFactory = factory(Dealer, (faker) => ({ name: faker.company.name() }))
const CarFactory = factory(Car, (faker, sequence) => ({ make: faker.vehicle.manufacturer(), price: 1_000 + sequence, dealerId: DealerFactory }), {
  states: { sold: { sold: true }, cheap: (faker) => ({ price: faker.number.int({ max: 900 }) }) },
})
const PhotoFactory = factory(Photo, (_faker, sequence) => ({ position: sequence, carId: CarFactory }))
const TagFactory = factory(Tag, () => ({ name: 'fast' }))
const TransferFactory = factory(Transfer, () => ({ fromId: DealerFactory, toId: DealerFactory }))

beforeEach(() => seedFactories(42))

describe('without a database', () => {
  test('a factory makes one record, or as many as are counted', async () => {
    const car = await CarFactory.make()
    expectTypeOf(car.price).toEqualTypeOf<number>()
    expect(car).toBeInstanceOf(Car)
    expect(car).toMatchObject({ price: 1_001, isSaved: false })
    const cars = await CarFactory.count(3).make()
    expectTypeOf(cars[0]?.make).toEqualTypeOf<string | undefined>()
    expect(cars.map(({ price }) => price)).toEqual([1_002, 1_003, 1_004])
    expect(await CarFactory.count(0).make()).toEqual([])
  })

  test('states and sequences change attributes, the last one wins', async () => {
    expect(await CarFactory.state('sold').state({ price: 5 }).make()).toMatchObject({ sold: true, price: 5 })
    expect((await CarFactory.state('cheap').make()).price).toBeLessThanOrEqual(900)
    const cars = await CarFactory.sequence({ make: 'Volvo' }, { make: 'Saab' })
      .sequence((_faker, sequence) => ({ price: sequence }))
      .count(3)
      .make()
    expect(cars.map(({ make, price }) => [make, price])).toEqual([
      ['Volvo', 3],
      ['Saab', 4],
      ['Volvo', 5],
    ])
    // @ts-expect-error a state that does not exist
    expect(() => CarFactory.state('stolen')).toThrow('FACTORY_INVALID')
    // @ts-expect-error an attribute of another type
    CarFactory.state({ price: 'much' })
    expect(() => CarFactory.count(1.5)).toThrow('FACTORY_INVALID')
  })

  test('the same seed makes the same records, keys included, whatever is made beside them', async () => {
    const first = (await CarFactory.count(3).make()).map((car) => car.toObject())
    seedFactories(42)
    await TagFactory.count(5).make()
    expect((await CarFactory.count(3).make()).map((car) => car.toObject())).toEqual(first)
    seedFactories(43)
    expect((await CarFactory.make()).toObject()).not.toEqual(first[0])
    expect(first.map(({ id }) => id)).toEqual(first.map(({ id }) => id).toSorted())
    expect(new Set(first.map(({ id }) => id)).size).toBe(3)
    for (const { id } of first) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('records that are made point at each other', async () => {
    const car = await CarFactory.for(DealerFactory.state({ name: 'Ann' }))
      .has(PhotoFactory.count(2))
      .make()
    expect((await car.dealer).name).toBe('Ann')
    expect(car.dealerId).toBe((await car.dealer).id)
    expect((await car.photos).map(({ carId }) => carId)).toEqual([car.id, car.id])
  })

  test('a relation that is not there, or that several could be, is refused: FACTORY_RELATION_UNCLEAR', async () => {
    await expect(TagFactory.for(DealerFactory).make()).rejects.toMatchObject({
      code: 'FACTORY_RELATION_UNCLEAR',
      detail: expect.stringContaining('no relation') as string,
    })
    await expect(TransferFactory.for(DealerFactory).make()).rejects.toMatchObject({
      code: 'FACTORY_RELATION_UNCLEAR',
      detail: expect.stringContaining('from and to') as string,
    })
    const transfer = await TransferFactory.for(DealerFactory, 'to').make()
    expect(transfer.toId).toBe((await transfer.to).id)
  })
})

await describeDialects(describe, ({ open }) => {
  test('what is created is in the database, with all that it points at and that points at it', async () => {
    await using scratch = await open()
    const databases = await openTestDatabase(scratch.url)
    const schema = createSchema(liveTarget(overDatabase(databases.default)))
    await schema.createTable('dealers', Dealer.columns)
    await schema.createTable('cars', Car.columns)
    await schema.createTable('photos', Photo.columns)
    await schema.createTable('tags', Tag.columns)
    await schema.createTable('car_tags', { carId: uuid(), tagId: uuid() }, { primary: ['carId', 'tagId'] })

    const seen: string[] = []
    const car = await CarFactory.has(PhotoFactory.count(2))
      .has(TagFactory.count(3), 'tags')
      .afterCreate((record) => void seen.push(record.id))
      .create()
    expect(seen).toEqual([car.id])
    const found = await Car.with('dealer', 'photos', 'tags').findOrFail(car.id)
    expect(found.dealer.id).toBe(car.dealerId)
    expect(found.photos).toHaveLength(2)
    expect(found.tags).toHaveLength(3)

    const dealers = await DealerFactory.count(3).create()
    const recycled = await CarFactory.count(40).recycle(dealers).create()
    expect(await Dealer.count()).toBe(4)
    expect(new Set(recycled.map(({ dealerId }) => dealerId)).size).toBe(3)
    // The photo's car is made, and its dealer recycled in turn.
    const photo = await PhotoFactory.recycle(dealers).create()
    expect(dealers.map(({ id }) => id)).toContain((await photo.car).dealerId)
    const [ann] = dealers
    expect(
      new Set(
        (
          await CarFactory.count(2)
            .for(ann as Dealer)
            .create()
        ).map(({ dealerId }) => dealerId),
      ),
    ).toEqual(new Set([ann?.id]))
    expect(
      await CarFactory.count(1_200)
        .for(ann as Dealer)
        .create(),
    ).toHaveLength(1_200)
    await databases.stop()
  })
})
