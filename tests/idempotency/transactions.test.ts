import { Conflict, created, createApp, reply, route, type RouteTree } from 'glueful'
import { createFrozenClock, createMemoryDestination } from 'glueful/testing'
import { database, Database, sql, transaction } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { describe, expect, test, vi } from 'vitest'

await describeDialects(describe, ({ dialect, open }) => {
  async function start(routes: RouteTree) {
    const place = await open()
    await place.db.script('create table orders (id int primary key)')
    const clock = createFrozenClock(Date.now())
    const app = createApp({ name: 'orders', routes, extensions: [database()] }).with({
      environment: 'test',
      env: { DATABASE_URL: place.url },
      clock,
      logDestination: createMemoryDestination(),
    })
    await app.ready()
    const send = (path: string, key = 'k') => app.fetch(new Request(`http://localhost${path}`, { method: 'POST', headers: { 'idempotency-key': key } }))
    const orders = async () => (await place.db.all<{ id: number }>(sql`select id from orders order by id`)).map(({ id }) => id)
    return {
      send,
      orders,
      clock,
      app,
      [Symbol.asyncDispose]: async () => {
        await app.close()
        await place.close()
      },
    }
  }
  const insert = (id: number) => sql`insert into orders values (${id})`
  const idempotency = 'required' as const

  test('writes and answer are there together; a copy is answered without the handler', async () => {
    let runs = 0
    await using shop = await start({
      create: route.post('/orders', { idempotency }, async ({ use }) => {
        await use(Database).run(insert(++runs))
        await transaction(() => use(Database).run(insert(10 + runs)))
        return created({ runs }, `/orders/${runs}`)
      }),
    })
    const [first, copy] = [await shop.send('/orders'), await shop.send('/orders')]
    expect([first.status, copy.status, copy.headers.get('idempotency-replayed'), copy.headers.get('location')]).toEqual([201, 201, 'true', '/orders/1'])
    expect(await copy.text()).toBe(await first.text())
    expect(await shop.orders()).toEqual([1, 11])
  })

  test('a thrown refusal is kept and its writes are undone; a returned one keeps both; what may be tried again keeps neither', async () => {
    let runs = 0
    const after = (answer: () => unknown) => async (ctx: { use: (token: typeof Database) => Database }) => {
      await ctx.use(Database).run(insert(++runs))
      return answer()
    }
    await using shop = await start({
      thrown: route.post(
        '/thrown',
        { idempotency },
        after(() => {
          throw new Conflict('sold out')
        }),
      ),
      returned: route.post(
        '/returned',
        { idempotency },
        after(() => reply(409, { soldOut: true })),
      ),
      broken: route.post(
        '/broken',
        { idempotency },
        after(() => {
          throw new TypeError('broken')
        }),
      ),
      unavailable: route.post(
        '/unavailable',
        { idempotency },
        after(() => reply(503, {})),
      ),
    })
    const twice = async (path: string) => [(await shop.send(path)).status, (await shop.send(path)).status, runs]
    expect(await twice('/thrown')).toEqual([409, 409, 1])
    expect(await twice('/returned')).toEqual([409, 409, 2])
    expect(await shop.orders()).toEqual([2])
    expect((await shop.send('/broken')).status).toBe(500)
    await vi.waitFor(async () => expect((await shop.send('/broken')).status).toBe(500))
    expect((await shop.send('/unavailable')).status).toBe(503)
    await vi.waitFor(async () => expect((await shop.send('/unavailable')).status).toBe(503))
    expect(await shop.orders()).toEqual([2])
    expect(runs).toBe(6)
  })

  test('a handler that is out of time is undone, and its key is free once it is', async () => {
    const late = Promise.withResolvers<void>()
    let runs = 0
    await using shop = await start({
      slow: route.post('/slow', { idempotency, timeout: '50ms' }, async ({ use }) => {
        await use(Database).run(insert(++runs))
        if (runs === 1) await late.promise
        return { runs }
      }),
    })
    expect((await shop.send('/slow')).status).toBe(504)
    late.resolve()
    await vi.waitFor(async () => expect(await (await shop.send('/slow')).json()).toEqual({ runs: 2 }))
    expect(await shop.orders()).toEqual([2])
  })

  // One process writes to SQLite in one transaction at a time, so there nobody gets ahead of it.
  test.skipIf(dialect === 'sqlite')('whoever lost its claim to a later attempt cannot commit', async () => {
    const stalled = Promise.withResolvers<void>()
    let runs = 0
    await using shop = await start({
      create: route.post('/orders', { idempotency: { mode: 'required', lease: '10s' }, timeout: false }, async ({ use }) => {
        const run = ++runs
        if (run === 1) await stalled.promise
        await use(Database).run(insert(run))
        return { run }
      }),
    })
    const first = shop.send('/orders')
    await vi.waitFor(() => expect(runs).toBe(1))
    expect((await shop.send('/orders')).status).toBe(409)
    shop.clock.advance(10_000)
    expect(await (await shop.send('/orders')).json()).toEqual({ run: 2 })
    stalled.resolve()
    expect((await first).status).toBe(409)
    expect(await shop.orders()).toEqual([2])
    expect(await (await shop.send('/orders')).json()).toEqual({ run: 2 })
  })
})
