import { expect, test } from 'vitest'
import { Car, Dealer, describeShop, Staff } from './shop.ts'

const makes = (cars: readonly { readonly make: string }[]) => cars.map(({ make }) => make)

/** Two dealers with a car of each price from 500 to 2,000, new and used in turn. */
async function fill() {
  const [oslo, paris] = [await Dealer.create({ name: 'Oslo Cars' }), await Dealer.create({ name: 'Paris Cars' })]
  const prices = [500, 1_000, 1_500, 2_000]
  for (const [name, dealer] of [
    ['o', oslo],
    ['p', paris],
  ] as const)
    await Car.createMany(
      prices.map((price, index) => ({
        make: `${name}${price}`,
        price,
        condition: index % 2 === 0 ? ('new' as const) : ('used' as const),
        dealerId: dealer.id,
      })),
    )
  return { oslo, paris }
}

await describeShop((open) => {
  test('pages by cursor go on within conditions that are joined by or', async () => {
    await using _ = await open()
    await fill()
    const seen: string[] = []
    let cursor: string | undefined
    for (let page = 0; page < 10; page++) {
      const { data, meta } = await Car.where('condition', 'new').orWhere('condition', 'used').orderBy('make').paginateByCursor({ cursor, perPage: 3 })
      seen.push(...makes(data))
      if (meta.next === null) break
      cursor = meta.next
    }
    expect(seen).toEqual(['o1000', 'o1500', 'o2000', 'o500', 'p1000', 'p1500', 'p2000', 'p500'])
  })

  test('an or within a scope widens nothing that is said besides', async () => {
    await using _ = await open()
    const { oslo } = await fill()
    const expected = ['o1000', 'o2000', 'o500']
    expect(makes(await Car.where('dealerId', oslo.id).bargain().orderBy('make').get())).toEqual(expected)
    expect(makes(await Car.bargain().where('dealerId', oslo.id).orderBy('make').get())).toEqual(expected)
    expect(await Car.where('make', 'o1500').where('dealerId', oslo.id).bargain().count()).toBe(0)
  })

  test('a query for a relation stays with its record, whatever is said by or', async () => {
    await using _ = await open()
    const { oslo, paris } = await fill()
    const either = () => oslo.related('cars').query().where('price', 500).orWhere('price', 2_000)
    expect(makes(await either().orderBy('make').get())).toEqual(['o2000', 'o500'])
    expect(await either().count()).toBe(2)
    expect(await either().find((await Car.where('make', 'p500').firstOrFail()).id)).toBeUndefined()
    expect((await either().orderBy('make').paginateByCursor({ perPage: 1 })).data).toHaveLength(1)
    expect(await either().update({ note: 'ours' })).toBe(2)
    expect(await Car.where('note', 'ours').where('dealerId', paris.id).count()).toBe(0)
    expect(await Dealer.whereExists(either().whereColumn('dealerId', '=', 'dealerId')).count()).toBe(2)
    const [boss] = await Staff.createMany([{ name: 'Ada', dealerId: oslo.id }])
    const dealer = boss?.related('dealer').query().where('name', 'nobody').orWhere('name', 'Paris Cars')
    expect(await dealer?.get()).toEqual([])
    // All records of a relation are said by the relation.
    expect(await oslo.related('cars').query().delete()).toBe(4)
    expect(await Car.query().count()).toBe(4)
  })
})
