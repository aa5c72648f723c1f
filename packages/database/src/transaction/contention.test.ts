import { describe, expect, test } from 'vitest'
import type { Database } from '../connection/database.ts'
import { sql } from '../sql/sql.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { outsideTransaction } from './scope.ts'
import { transaction } from './transaction.ts'

await describeDialects(describe, ({ dialect, open }) => {
  async function withStock() {
    const database = await open()
    await database.db.script('create table stock (id integer primary key, amount integer not null)')
    await database.db.run(sql`insert into stock values (1, 10), (2, 10)`)
    return database
  }
  const take = (db: Database, id: number) => db.run(sql`update stock set amount = amount - 1 where id = ${id}`)
  const amounts = async (db: Database) => (await db.all<{ amount: number }>(sql`select amount from stock order by id`)).map(({ amount }) => amount)

  /** Each transaction takes its first row, waits for the other to have done so, and takes the other's row. */
  async function crosswise(db: Database, retries: number) {
    const both = Promise.withResolvers<void>()
    let arrived = 0
    let runs = 0
    const cross = (first: number, second: number) =>
      transaction(
        async () => {
          runs++
          await take(db, first)
          if (++arrived === 2) both.resolve()
          await both.promise
          await take(db, second)
        },
        { retries },
      )
    const results = await Promise.allSettled([cross(1, 2), cross(2, 1)])
    return { results, runs }
  }

  test.skipIf(dialect === 'sqlite')('a transaction that the database gives up for a deadlock is run again', async () => {
    await using database = await withStock()
    const { results, runs } = await crosswise(database.db, 3)
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    // Once more than both, or twice where the second attempt met the other again.
    expect(runs).toBeGreaterThan(2)
    expect(await amounts(database.db)).toEqual([8, 8])
  })

  test.skipIf(dialect === 'sqlite')('without retries the deadlock is told, and nothing of the loser is left', async () => {
    await using database = await withStock()
    const { results, runs } = await crosswise(database.db, 0)
    expect(runs).toBe(2)
    expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'DEADLOCK', status: 503 } }])
    expect(await amounts(database.db)).toEqual([9, 9])
  })

  test.skipIf(dialect === 'sqlite')('after a deadlock that somebody catches, nothing runs outside of the transaction', async () => {
    await using database = await withStock()
    const { db } = database
    const both = Promise.withResolvers<void>()
    let arrived = 0
    const cross = (first: number, second: number) =>
      transaction(
        async () => {
          await take(db, first)
          if (++arrived === 2) both.resolve()
          await both.promise
          await take(db, second).catch(() => undefined)
          await take(db, 1)
        },
        { retries: 0 },
      )
    const results = await Promise.allSettled([cross(1, 2), cross(2, 1)])
    expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'TRANSACTION_ABORTED' } }])
    const [one, two] = await amounts(db)
    expect([(one as number) + (two as number)]).toEqual([17])
  })

  test.skipIf(dialect !== 'postgres')('a serialisation failure is run again', async () => {
    await using database = await withStock()
    const { db } = database
    const both = Promise.withResolvers<void>()
    let arrived = 0
    let runs = 0
    // Both read the sum before either writes: one after the other, the second would see the first.
    const move = (id: number) =>
      transaction(
        async () => {
          runs++
          const sum = await db.first<{ sum: number }>(sql`select sum(amount)::int as sum from stock`)
          if (++arrived === 2) both.resolve()
          await both.promise
          await db.run(sql`update stock set amount = ${sum?.sum} where id = ${id}`)
        },
        { isolation: 'serializable' },
      )
    await Promise.all([move(1), move(2)])
    expect(runs).toBe(3)
    expect((await amounts(db)).sort((a, b) => a - b)).toEqual([20, 30])
  })

  test.skipIf(dialect !== 'postgres')('a serialisation failure without retries is told', async () => {
    await using database = await withStock()
    const { db } = database
    const conflict = transaction(
      async () => {
        await db.all(sql`select * from stock`)
        await outsideTransaction(() => take(db, 1))
        await take(db, 1)
      },
      { isolation: 'repeatable read', retries: 0 },
    )
    await expect(conflict).rejects.toMatchObject({ code: 'SERIALIZATION_FAILURE', status: 503 })
  })

  test('a counter that many decrement in transactions is exact', async () => {
    await using database = await withStock()
    const { db } = database
    const sell = () =>
      transaction(async () => {
        const { rowCount } = await db.run(sql`update stock set amount = amount - 1 where id = 1 and amount > 0`)
        return rowCount
      })
    const sold = await Promise.all(Array.from({ length: 30 }, sell))
    expect(sold.reduce((sum, count) => sum + count, 0)).toBe(10)
    expect(await amounts(db)).toEqual([0, 10])
  })
})
