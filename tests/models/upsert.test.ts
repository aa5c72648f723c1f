import { expect, test } from 'vitest'
import { Article, Car, describeShop, Tag } from './shop.ts'

await describeShop((open) => {
  test('what is not given for a row stays as it is', async () => {
    await using _ = await open()
    const volvo = await Car.create({ make: 'Volvo', price: 1, note: 'v' })
    const saab = await Car.create({ make: 'Saab', price: 2, note: 's', condition: 'new' })
    const given = [
      { id: volvo.id, make: 'Volvo', price: 10 },
      { id: saab.id, make: 'Saab', price: 20, note: 'changed' },
      { id: volvo.id, make: 'Volvo', price: 11, note: undefined },
    ]
    expect(await Car.upsert(given, { by: ['id'] })).toBe(3)
    expect((await volvo.refresh()).toObject()).toMatchObject({ price: 11, note: 'v', condition: 'used' })
    expect((await saab.refresh()).toObject()).toMatchObject({ price: 20, note: 'changed', condition: 'new' })
    // The last one of a row counts, whatever is given for the ones before.
    const again = [
      { id: volvo.id, make: 'a', price: 1 },
      { id: volvo.id, make: 'b', price: 2, note: 'b' },
      { id: volvo.id, make: 'c', price: 3 },
    ]
    await Car.upsert(again, { by: ['id'], update: ['make', 'price', 'note'] })
    expect((await volvo.refresh()).toObject()).toMatchObject({ make: 'c', price: 3, note: 'b' })
  })

  test('a row that only another unique index finds is another record: nothing is written', async () => {
    await using _ = await open()
    await Tag.createMany([
      { id: 1, name: 'red' },
      { id: 2, name: 'blue' },
    ])
    await expect(
      Tag.upsert(
        [
          { id: 1, name: 'crimson' },
          { id: 9, name: 'blue' },
        ],
        { by: ['id'] },
      ),
    ).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION', status: 409 })
    await expect(Tag.upsert([{ id: 9, name: 'blue' }], { by: ['id'], update: [] })).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    expect((await Tag.query().orderBy('id').get()).map((tag) => tag.toObject())).toEqual([
      { id: 1, name: 'red' },
      { id: 2, name: 'blue' },
    ])
    await Tag.upsert([{ id: 7, name: 'blue' }], { by: ['name'], update: [] })
    expect(await Tag.query().count()).toBe(2)
  })

  test('the version counts up, so that a save that knows nothing of it is refused', async () => {
    await using _ = await open()
    const article = await Article.create({ title: 'one' })
    await Article.upsert([{ id: article.id, title: 'two' }], { by: ['id'] })
    article.title = 'three'
    await expect(article.save()).rejects.toMatchObject({ code: 'VERSION_CONFLICT' })
    expect((await article.refresh()).toObject()).toMatchObject({ title: 'two', version: 2 })
  })
  test('many may write the same rows at once, in any order', { timeout: 60_000 }, async () => {
    await using _ = await open()
    const cars = await Car.createMany(Array.from({ length: 20 }, (_, index) => ({ make: `c${index}`, price: 0 })))
    const inOrder = (round: number) => cars.map((_, index) => (index * 7 + round) % 20)
    const rounds = Array.from({ length: 12 }, (_, round) => round)
    const rows = (round: number) => inOrder(round).map((at) => ({ id: cars[at]?.id ?? '', make: `c${at}`, price: round }))
    await Promise.all(rounds.map((round) => Car.upsert(rows(round), { by: ['id'] })))
    const tags = (round: number) => inOrder(round).map((at) => ({ name: `t${at}` }))
    await Promise.all(rounds.slice(0, 3).map((round) => Tag.upsert(tags(round), { by: ['name'], update: ['name'] })))
    expect([await Car.query().count(), await Tag.query().count()]).toEqual([20, 20])
  })
})
