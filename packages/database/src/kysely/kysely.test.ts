import { describe, expect, test } from 'vitest'
import { describeDialects } from '../testing/describe-dialects.ts'
import { transaction } from '../transaction/transaction.ts'

type Shop = {
  cars: { id: number; make: string; price: number; dealer_id: number | null }
  dealers: { id: number; name: string }
}

await describeDialects(describe, ({ dialect, open }) => {
  async function shop() {
    const database = await open()
    await database.db.script(`
      create table dealers (id integer primary key, name varchar(20));
      create table cars (id integer primary key, make varchar(20), price integer, dealer_id integer references dealers (id));
    `)
    return { db: database.db, query: database.db.sql.withTables<Shop>(), [Symbol.asyncDispose]: () => database.close() }
  }

  test('joins, windows and common table expressions run on the same connection', async () => {
    await using place = await shop()
    const { query } = place
    await query.insertInto('dealers').values({ id: 1, name: 'North' }).execute()
    const inserted = await query
      .insertInto('cars')
      .values([
        { id: 1, make: 'Volvo', price: 10, dealer_id: 1 },
        { id: 2, make: 'Saab', price: 20, dealer_id: null },
      ])
      .executeTakeFirstOrThrow()
    expect(inserted.numInsertedOrUpdatedRows).toBe(2n)
    const joined = await query
      .with('cheap', (db) => db.selectFrom('cars').where('price', '<', 15).selectAll())
      .selectFrom('cheap')
      .innerJoin('dealers', 'dealers.id', 'cheap.dealer_id')
      .select([
        'cheap.make',
        'dealers.name',
        (eb) =>
          eb.fn
            .agg<number>('row_number')
            .over((ob) => ob.orderBy('cheap.id'))
            .as('rank'),
      ])
      .execute()
    expect(joined).toEqual([{ make: 'Volvo', name: 'North', rank: 1 }])
    expect((await query.updateTable('cars').set({ price: 5 }).executeTakeFirst()).numUpdatedRows).toBe(2n)
    if (dialect !== 'mysql') expect(await query.deleteFrom('cars').where('id', '=', 2).returning('make').execute()).toEqual([{ make: 'Saab' }])
  })

  test('its queries join the transaction that is open', async () => {
    await using place = await shop()
    const { query } = place
    await expect(
      transaction(async () => {
        await query.insertInto('dealers').values({ id: 1, name: 'North' }).execute()
        expect(await query.selectFrom('dealers').selectAll().execute()).toHaveLength(1)
        throw new RangeError('no')
      }),
    ).rejects.toThrow('no')
    expect(await query.selectFrom('dealers').selectAll().execute()).toEqual([])
    await expect(query.transaction().execute(async () => undefined)).rejects.toMatchObject({ code: 'KYSELY_TRANSACTION' })
  })

  test('rows are streamed, errors are typed and undefined is no condition', async () => {
    await using place = await shop()
    const { query } = place
    const rows = Array.from({ length: 12 }, (_, index) => ({ id: index, name: `dealer ${index}` }))
    await query.insertInto('dealers').values(rows).execute()
    const read: string[] = []
    for await (const { name } of query.selectFrom('dealers').select('name').orderBy('id').stream(5)) read.push(name)
    expect(read).toEqual(rows.map(({ name }) => name))
    await expect(query.insertInto('dealers').values({ id: 1, name: 'again' }).execute()).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    await expect(
      query
        .selectFrom('dealers')
        .selectAll()
        .where('id', '=', undefined as never)
        .execute(),
    ).rejects.toMatchObject({ code: 'SQL_VALUE_UNDEFINED' })
    expect((await query.introspection.getTables()).map(({ name }) => name).sort()).toEqual(['cars', 'dealers'])
  })
})
