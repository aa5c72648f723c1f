import { expect, test } from 'vitest'
import { Car, Dealer, describeShop, Sample } from './shop.ts'

await describeShop((open) => {
  test('the least and the greatest of each type that has an order, and of no other', async () => {
    await using _ = await open()
    const dealers = await Dealer.createMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    const keys = dealers.map(({ id }) => id).toSorted()
    expect([await Dealer.query().min('id'), await Dealer.query().max('id')]).toEqual([keys[0], keys[2]])
    await Sample.createMany([
      { boolean: true, enumeration: 'a', date: '2026-01-01', json: { a: 1 } },
      { boolean: false, enumeration: 'ä', date: '2025-01-01' },
      { boolean: null },
    ])
    expect([await Sample.query().min('boolean'), await Sample.query().max('boolean')]).toEqual([false, true])
    expect([await Sample.query().min('date'), await Sample.query().max('enumeration')]).toEqual(['2025-01-01', 'ä'])
    for (const column of ['json', 'binary', 'encrypted'] as const)
      await expect(Sample.query().max(column)).rejects.toMatchObject({ code: 'COLUMN_NOT_COMPARABLE' })
  })

  test('groups come in the order of their columns, null first, and take only functions that there are', async () => {
    await using _ = await open()
    await Sample.createMany([{ decimal: '10.5', boolean: true }, { decimal: '9.5', boolean: true }, { boolean: false }, { decimal: '9.5' }])
    const groups = await Sample.groupBy('decimal').aggregate({ any: ['max', 'boolean'], count: 'count' })
    expect(groups).toEqual([
      { decimal: null, any: false, count: 1 },
      { decimal: '9.500000', any: true, count: 2 },
      { decimal: '10.500000', any: true, count: 1 },
    ])
    const hostile = ['count(*), version'] as unknown as ['max']
    await expect(Car.groupBy('make').aggregate({ x: [hostile[0], 'price'] })).rejects.toMatchObject({ code: 'QUERY_VALUE_INVALID' })
    expect(() => Car.groupBy('make').having(hostile[0], 'price', '>', 1)).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_INVALID' }))
    await expect(Car.groupBy('make').aggregate({ x: ['sum', 'make' as 'price'] })).rejects.toMatchObject({ code: 'COLUMN_NOT_COMPARABLE' })
  })
})
