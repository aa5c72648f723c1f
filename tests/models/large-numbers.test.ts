import { belongsTo, bigint, decimal, hasMany, integer, Model, string } from '@glueful/database'
import { describeDialects, type DialectUnderTest } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'
import type { ManagedDatabase } from '../../packages/database/src/connection/create-database.ts'
import { liveTarget, overDatabase } from '../../packages/database/src/migrations/migration-connection.ts'
import { createSchema } from '../../packages/database/src/schema/schema.ts'

class Account extends Model('accounts', { id: integer().primary(), name: string() }) {
  static relations = { entries: hasMany(() => Entry) }
}

class Entry extends Model('entries', {
  id: integer().primary(),
  accountId: integer().references('accounts'),
  amount: bigint().nullable(),
  visits: bigint({ as: 'number' }).default(0),
  small: integer().default(0),
  price: decimal(24, 2).default('0.00'),
}) {
  static relations = { account: belongsTo(() => Account) }
}

const most = 2n ** 63n - 1n
const least = -(2n ** 63n)
const rejected = { code: 'VALUE_REJECTED', status: 422 }

await describeDialects(describe, ({ open }: DialectUnderTest) => {
  async function openLedger(amounts: readonly (bigint | null)[] = []) {
    const database = await open()
    const schema = createSchema(liveTarget(overDatabase(database.db as ManagedDatabase)))
    for (const { table, columns } of [Account, Entry]) await schema.createTable(table, columns as never)
    const account = await Account.create({ name: 'a' })
    const entries: Entry[] = []
    for (const amount of amounts) entries.push((await Entry.create({ accountId: account.id, amount })) as unknown as Entry)
    return { account, entries, [Symbol.asyncDispose]: () => database.close() }
  }

  test('integers of 64 bits change by exact amounts', async () => {
    await using it = await openLedger([2n ** 53n, most - 5n, least + 7n])
    const [first, high, low] = it.entries as [Entry, Entry, Entry]
    await first.increment('amount')
    expect(first.amount).toBe(2n ** 53n + 1n)
    await first.decrement('amount', 3n)
    expect(first.amount).toBe(2n ** 53n - 2n)
    await high.increment('amount', 5n)
    expect(high.amount).toBe(most)
    await low.decrement('amount', 7n)
    expect(low.amount).toBe(least)
    await low.increment('amount', most)
    expect(low.amount).toBe(-1n)
    await first.increment('visits', 2 ** 52)
    await first.increment('visits', 2 ** 52 - 1)
    expect(first.visits).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('what a column cannot hold is refused, and leaves it as it was', async () => {
    await using it = await openLedger([most, least])
    const [high, low] = it.entries as [Entry, Entry]
    await expect(high.increment('amount')).rejects.toMatchObject(rejected)
    await expect(low.decrement('amount', 1n)).rejects.toMatchObject(rejected)
    await expect(Entry.where('id', low.id).decrement('amount', most)).rejects.toMatchObject(rejected)
    await expect(high.increment('amount', 2n ** 63n)).rejects.toMatchObject({ code: 'VALUE_INVALID', status: 422 })
    await high.increment('small', 2 ** 31 - 1)
    await expect(high.increment('small')).rejects.toMatchObject(rejected)
    await expect(low.decrement('small', 2 ** 31)).rejects.toMatchObject({ code: 'VALUE_INVALID', status: 422 })
    await low.decrement('small', 2 ** 31 - 1)
    await expect(low.decrement('small', 2)).rejects.toMatchObject(rejected)
    const [one, two] = await Entry.query().orderBy('id').get()
    expect([one?.amount, one?.small, two?.amount, two?.small]).toEqual([most, 2 ** 31 - 1, least, -(2 ** 31) + 1])
  })

  test('nothing plus an amount stays nothing', async () => {
    await using it = await openLedger([null])
    await it.entries[0]?.increment('amount', 5n)
    expect(it.entries[0]?.amount).toBe(null)
  })

  test('sums are exact beyond 64 bits', async () => {
    await using it = await openLedger([most, most, 3n, null])
    expect(await Entry.sum('amount')).toBe(2n * most + 3n)
    expect(await Entry.where('amount', 3n).sum('amount')).toBe(3n)
    expect(await Entry.where('amount', 4n).sum('amount')).toBe(0n)
    await Entry.createMany([least, least, least, -1n].map((amount) => ({ accountId: it.account.id, amount })))
    expect(await Entry.where('amount', '<', 0n).sum('amount')).toBe(3n * least - 1n)
    expect(await Entry.sum('amount')).toBe(2n * most + 3n + 3n * least - 1n)
    const [account] = await Account.query().withSum('entries', 'amount').get()
    expect(account?.entriesAmountSum).toBe(2n * most + 3n + 3n * least - 1n)
  })

  test('groups are summed exactly, and compared by their sums', async () => {
    await using it = await openLedger([most, most])
    const other = await Account.create({ name: 'b' })
    await Entry.createMany([5n, 6n].map((amount) => ({ accountId: other.id, amount, visits: 2 ** 40 })))
    const groups = () => Entry.groupBy('accountId')
    const total = { total: ['sum', 'amount'], visits: ['sum', 'visits'] } as const
    expect(await groups().aggregate(total)).toEqual([
      { accountId: it.account.id, total: 2n * most, visits: 0 },
      { accountId: other.id, total: 11n, visits: 2 ** 41 },
    ])
    expect(await groups().having('sum', 'amount', '>', 11).aggregate({ n: 'count' })).toEqual([{ accountId: it.account.id, n: 2 }])
    expect(await groups().having('sum', 'amount', '=', 11).aggregate({ n: 'count' })).toEqual([{ accountId: other.id, n: 2 }])
  })
})
