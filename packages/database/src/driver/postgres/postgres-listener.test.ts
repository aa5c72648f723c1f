import { describe, expect, test } from 'vitest'
import { sql } from '../../sql/sql.ts'
import { describeDialects } from '../../testing/describe-dialects.ts'

await describeDialects(
  describe,
  ({ open }) => {
    test('messages arrive when their transaction commits, on the channel that was asked for', async () => {
      await using place = await open()
      const { db } = place
      const heard: string[] = []
      const stop = await db.subscribe?.('Jobs "new"', (payload) => heard.push(payload))
      const other = await db.subscribe?.('other', (payload) => heard.push(`other ${payload}`))
      await db.transaction(async () => {
        await db.all(sql`select pg_notify(${'Jobs "new"'}, ${'first'})`)
        expect(heard).toEqual([])
      })
      await db.transaction(async () => (await db.all(sql`select pg_notify('other', 'never')`), Promise.reject(new RangeError('no')))).catch(() => undefined)
      await db.all(sql`select pg_notify('other', 'second')`)
      await expect.poll(() => heard).toEqual(['first', 'other second'])
      await stop?.()
      await stop?.()
      await db.all(sql`select pg_notify(${'Jobs "new"'}, 'late')`)
      await db.all(sql`select pg_notify('other', 'third')`)
      await expect.poll(() => heard).toEqual(['first', 'other second', 'other third'])
      await other?.()
    })

    test('a lost connection is made anew, and listeners are told that they may have missed something', async () => {
      await using place = await open()
      const { db } = place
      const heard: string[] = []
      await db.subscribe?.(
        'jobs',
        (payload) => heard.push(payload),
        () => heard.push('(a gap)'),
      )
      await db.all(
        sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%' and pid <> pg_backend_pid()`,
      )
      await expect.poll(() => heard).toEqual(['(a gap)'])
      await db.all(sql`select pg_notify('jobs', 'again')`)
      await expect.poll(() => heard).toEqual(['(a gap)', 'again'])
    })

    test('a closed database listens to nothing', async () => {
      const place = await open()
      await place.close()
      await expect(place.db.subscribe?.('jobs', () => undefined)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
    })
  },
  ['postgres'],
)
