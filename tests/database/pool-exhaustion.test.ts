import { Database, database, sql, transaction } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'

await describeDialects(describe, ({ open }) => {
  test('when every connection is taken a request is answered 503 within the acquire time-out, and served again afterwards', async () => {
    const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>()
    const app = createApp({
      name: 'busy',
      extensions: [database()],
      routes: {
        hold: route.get('/hold', ({ use }) =>
          transaction(async () => {
            await use(Database).run(sql`insert into notes values ('held')`)
            await goOn
            return { held: true }
          }),
        ),
        write: route.post('/write', ({ use }) => use(Database).run(sql`insert into notes values ('written')`)),
      },
    })
    await using place = await open()
    await place.db.script('create table notes (body varchar(20))')
    await using one = await testApp(app, { env: { DATABASE_URL: place.url, DATABASE_POOL_MAX: '2', DATABASE_ACQUIRE_TIMEOUT: '300ms' } })
    const holders = [one.client.hold(), one.client.hold()]
    const refused = await Promise.all(Array.from({ length: 20 }, () => one.client.write()))
    // PostgreSQL and MySQL have two connections that the holders take; SQLite has one that writes.
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]))
    expect(refused[0]?.error).toMatchObject({ code: 'DATABASE_BUSY' })
    expect(refused[0]?.headers.get('retry-after')).toBe('1')
    letGoOn()
    const held = await Promise.all(holders)
    expect(held.map(({ status }) => status).filter((status) => status === 200).length).toBeGreaterThan(0)
    expect((await one.client.write()).status).toBe(200)
  })
})
