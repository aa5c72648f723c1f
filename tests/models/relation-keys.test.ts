import { belongsTo, belongsToMany, bigint, hasMany, integer, Model, morphMany, morphTo, sql, string, uuid } from '@glueful/database'
import { createSealing, Secret } from 'glueful'
import { expect, test } from 'vitest'
import { columnSeal } from '../../packages/database/src/columns/column-seal.ts'
import { currentDatabases } from '../../packages/database/src/connection/databases.ts'
import { setSurroundings } from '../../packages/database/src/model/surroundings.ts'
import { Car, Comment, Dealer, describeShop, Tag } from './shop.ts'

class Person extends Model('people', { id: integer().primary(), name: string() }) {
  static relations = { friends: belongsToMany(() => Person, { table: 'friends' }), houses: hasMany(() => House, { foreignKey: 'ownerId' }) }
}
class House extends Model('houses', { id: bigint().primary(), ownerId: bigint() }) {
  static relations = { owner: belongsTo(() => Person, { foreignKey: 'ownerId' }), remarks: morphMany(() => Remark, 'subject') }
}
class Remark extends Model('remarks', { id: uuid().primary(), subjectType: string(20), subjectId: string(40) }) {
  static relations = { subject: morphTo(() => [House]) }
}

test('columns whose values never are equal make no relation, and one column does not point at both sides', () => {
  expect(() => Person.with('friends')).toThrow('personId of friends cannot point at both sides')
  expect(() => Person.with('houses')).toThrow('id (integer) and House.ownerId (bigint)')
  expect(() => House.with('owner')).toThrow('ownerId (bigint) and Person.id (integer)')
  expect(() => House.with('remarks')).toThrow('id (bigint) and Remark.subjectId (string)')
  expect(() => Remark.with('subject')).toThrow('subjectId (string) and House.id (bigint)')
})

test('a column is not called as what records have, and pages by cursor need a key', async () => {
  for (const name of ['isSaved', 'fill', 'pivot', 'save'])
    expect(() => class extends Model('clashes', { id: integer().primary(), [name]: string() }) {}.query()).toThrow(
      expect.objectContaining({ code: 'MODEL_NAME_TAKEN' }),
    )
  class Keyless extends Model('keyless', { a: integer() }) {}
  await expect(Keyless.orderBy('a').paginateByCursor()).rejects.toMatchObject({ code: 'MODEL_KEY_MISSING' })
})

await describeShop((open) => {
  test('keys to link are the same however they are written, and any number of them can go', async () => {
    await using shop = await open()
    const tag = await Tag.create({ name: 'red' })
    const cars = await Car.createMany(Array.from({ length: 3 }, (_, index) => ({ make: `c${index}`, price: index })))
    const first = await Car.with('tags').findOrFail(cars[0]?.id ?? '')
    await first.related('tags').attach(tag.id, { weight: 7 })
    const upper = cars.map(({ id }) => id.toUpperCase())
    expect(await tag.related('cars').attach(upper)).toBe(2)
    expect(await tag.related('cars').attach(upper)).toBe(0)
    expect(await tag.related('cars').sync(upper)).toEqual({ attached: 0, detached: 0 })
    expect(await shop.db.all(sql`select weight from car_tags where weight = 7`)).toHaveLength(1)
    expect(await first.related('tags').detach([...Array.from({ length: 70_000 }, (_, index) => 1_000_000 + index), tag.id])).toBe(1)
    expect(await tag.related('cars').keys()).toHaveLength(2)
  })
  test('hidden and encrypted columns of the table between stay out of JSON', async () => {
    await using _ = await open()
    setSurroundings(currentDatabases(), { seal: columnSeal(createSealing({ appKey: new Secret('k'.repeat(32)), appPreviousKeys: undefined }, 'production')) })
    const tag = await Tag.create({ name: 'red' })
    const car = await Car.create({ make: 'Volvo', price: 1 })
    await (await Car.with('tags').findOrFail(car.id)).related('tags').attach(tag.id, { weight: 3, reason: 'a secret', proof: 'a secret' })
    const loaded = await Car.with('tags').findOrFail(car.id)
    expect([loaded.tags[0]?.pivot.reason, loaded.tags[0]?.pivot.proof]).toEqual(['a secret', 'a secret'])
    expect(JSON.stringify([loaded, { ...loaded.tags[0]?.pivot }])).not.toContain('secret')
    expect(JSON.parse(JSON.stringify(loaded)).tags[0].pivot).toEqual({ weight: 3, addedAt: null })
  })
  test('relations to one of several models are there for all who await them at once', async () => {
    await using _ = await open()
    const cars = await Car.createMany([
      { make: 'Volvo', price: 1 },
      { make: 'Saab', price: 2 },
    ])
    const dealer = await Dealer.create({ name: 'North' })
    const links = [...cars.map(({ id }) => ({ subjectType: 'cars', subjectId: id })), { subjectType: 'dealers', subjectId: dealer.id }]
    await Comment.createMany(links.map((link, index) => ({ body: `b${index}`, ...link })))
    const comments = await Comment.query().orderBy('body').get()
    const subjects = await Promise.all(comments.map((comment) => comment.subject))
    expect(subjects.map((subject) => subject?.id)).toEqual(links.map(({ subjectId }) => subjectId))
  })
})
