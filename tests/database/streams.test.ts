import { outsideTransaction, sql, transaction } from '@glueful/database'
import { describeDialects, type TestDatabase } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'

const count = 20_000

/** A table of rows long enough that no buffer on the way takes them all. */
async function fill({ db, dialect }: TestDatabase) {
  await db.run(sql`create table numbers (n int not null primary key, mark int not null, text varchar(200) not null)`)
  const text = 'x'.repeat(200)
  for (let from = 0; from < count; from += 2_000)
    await db.run(sql`insert into numbers values ${sql.join(Array.from({ length: 2_000 }, (_, n) => sql`(${from + n}, 0, ${text})`))}`)
  return { kill: () => killOwn(db, dialect) }
}

const wide = 'select n, text from numbers order by n'

/** Has the server end the connection of the transaction that is open. */
async function killOwn(db: TestDatabase['db'], dialect: TestDatabase['dialect']) {
  const id = (await db.first<{ id: number }>(dialect === 'postgres' ? sql`select pg_backend_pid() as id` : sql`select connection_id() as id`))?.id
  await outsideTransaction(() => (dialect === 'postgres' ? db.all(sql`select pg_terminate_backend(${id})`) : db.script(`kill ${id}`)))
}

await describeDialects(describe, ({ dialect, open }) => {
  test('a transaction goes on after a stream was left early, and beside one that is read', async () => {
    await using database = await open()
    await fill(database)
    const { db } = database
    const marked = await transaction(async () => {
      for await (const _ of db.batches(wide, [], 10)) break
      await transaction(async () => {
        for await (const _ of db.batches(wide, [], 10)) throw new Error('left')
      }).catch(() => undefined)
      let read = 0
      for await (const { rows } of db.batches(wide, [], 100)) {
        read += rows.length
        if (read % 5_000 === 0) await db.run(sql`update numbers set mark = 1 where n = ${rows.at(-1)?.[0]}`)
      }
      expect(read).toBe(count)
      return db.first(sql`select count(*) as n from numbers where mark = 1`)
    })
    expect(Number(marked?.['n'])).toBe(4)
  })

  test('streams within each other all come to their end', async () => {
    await using database = await open()
    await fill(database)
    const { db } = database
    const counts = await transaction(async () => {
      let outer = 0
      let inner = 0
      for await (const { rows } of db.batches(wide, [], 5_000)) {
        outer += rows.length
        for await (const part of db.batches(wide, [], 5_000)) inner += part.rows.length
      }
      return [outer, inner]
    })
    expect(counts).toEqual([count, 4 * count])
  })

  if (dialect !== 'sqlite')
    test('a transaction whose connection is gone says so at once, while a stream is read and when it commits', async () => {
      await using database = await open()
      const { kill } = await fill(database)
      const { db } = database
      const reading = transaction(async () => {
        for await (const _ of db.batches(wide, [], 10)) await kill()
      })
      await expect(reading).rejects.toMatchObject({ code: 'DATABASE_CONNECTION_LOST' })
      const caught = transaction(async () => {
        await db.run(sql`update numbers set mark = 9`)
        await kill()
        await expect(db.first(sql`select 1 as one`)).rejects.toMatchObject({ code: 'DATABASE_CONNECTION_LOST' })
      })
      // The commit was never sent, so that its outcome is known.
      await expect(caught).rejects.toMatchObject({ code: 'DATABASE_CONNECTION_LOST' })
      expect(await db.first(sql`select n from numbers where mark = 9`)).toBeUndefined()
    })
})
