import { randomUUID } from 'node:crypto'
import { afterCommit, database, Database, sql, transaction } from '@glueful/database'
import { testTransaction } from '@glueful/database/testing'
import fc from 'fast-check'
import { Cache, createApp, Redis, route } from 'glueful'
import { testApp, type TestApp } from 'glueful/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'
import { Article, Car, Dealer, describeShop, Photo, Sample, Staff, Tag, type Shop } from './shop.ts'

type Store = 'memory' | 'redis' | 'database'
const key = `base64:${Buffer.alloc(32, 7).toString('base64')}`
const kept = { ttl: '1h' } as const

/** Runs work as a request of the application, so that models find its databases and its cache. */
const jobs = new Map<string, () => Promise<unknown>>()
const routes = {
  work: route.post('/runs/:id', async ({ params }) => {
    await jobs.get(params.id)?.()
    return null
  }),
}

/** An application on the shop's database; `name` makes two of them share what they keep in Redis. */
async function start(shop: Shop, store: Store, name = `query-cache-${randomUUID()}`, queryCache = true) {
  const app = createApp({ name, routes, extensions: [database({ migrateOnStart: true, queryCache })] })
  const env = { DATABASE_URL: shop.url, CACHE_STORE: store, APP_KEY: key, ...(store === 'redis' ? { REDIS_URL: redisUrl } : {}) }
  const one: TestApp<typeof routes> = await testApp(app, { env })
  async function run<T>(work: () => Promise<T>): Promise<T> {
    const id = randomUUID()
    let result: { readonly value: T } | { readonly error: unknown } | undefined
    jobs.set(id, async () => {
      result = await work().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
    })
    await one.fetch(`/runs/${id}`, { method: 'POST' })
    jobs.delete(id)
    if (result !== undefined && 'value' in result) return result.value
    throw result?.error
  }
  return {
    ...one,
    run,
    async [Symbol.asyncDispose]() {
      if (store === 'redis') {
        const { client, prefix } = one.app.use(Redis)
        const keys = await client.keys(`${prefix}*`)
        if (keys.length > 0) await client.unlink(...keys)
      }
      if (store === 'database')
        for (const table of ['glueful_cache', 'glueful_cache_tags', 'glueful_cache_leases']) await shop.db.run(sql`delete from ${sql.id(table)}`)
      await one.close()
    },
  }
}

async function stock() {
  const north = await Dealer.create({ name: 'North' })
  const south = await Dealer.create({ name: 'South', city: 'Rome' })
  const cars = await Car.createMany([
    { make: 'Volvo', price: 9_000, cost: '10.50', dealerId: north.id, specs: { doors: 5 }, note: 'ä\u{1f600}' },
    { make: 'Saab', price: 5_000, dealerId: south.id },
    { make: 'Fiat', price: 7_000 },
  ])
  const tags = await Tag.createMany([{ name: 'red' }, { name: 'old' }])
  await cars[0]?.related('tags').attach(tags[0]?.id as number)
  await cars[0]?.related('photos').createMany([{ url: 'a', size: 1 }])
  return { north, south, cars, tags, volvo: cars[0] as (typeof cars)[number] }
}

/** Changes data as another program would: on a connection that tells nobody. */
const behind = (shop: Shop) => shop.db.run(sql`update cars set price = price + 1`)

await describeShop((open) => {
  test('what is read is kept, whatever kind of question it answers', async () => {
    await using shop = await open()
    await using _ = await start(shop, 'memory')
    const { volvo } = await stock()
    const questions: Record<string, () => Promise<unknown>> = {
      get: () => Car.cache(kept).orderBy('price').get(),
      where: () => Car.where('price', '>', 6_000).cache(kept).get(),
      first: () => Car.orderBy('price').cache(kept).first(),
      find: () => Car.cache(kept).find(volvo.id),
      many: () => Car.cache(kept).findMany([volvo.id]),
      pluck: () => Car.orderBy('price').cache(kept).pluck('price'),
      sum: () => Car.cache(kept).sum('price'),
      max: () => Car.cache(kept).max('price'),
      avg: () => Car.cache(kept).avg('price'),
      count: () => Car.where('price', '<=', 5_000).cache(kept).count(),
      exists: () => Car.where('price', 5_000).cache(kept).exists(),
      group: () =>
        Car.cache(kept)
          .groupBy('make')
          .aggregate({ total: ['sum', 'price'] }),
      page: () => Car.orderBy('price').cache(kept).paginate({ perPage: 2 }),
      cursor: () => Car.orderBy('price').cache(kept).paginateByCursor({ perPage: 2 }),
      with: () => Dealer.query().with('cars').cache(kept).orderBy('name').get(),
      sums: () => Dealer.query().withSum('cars', 'price').cache(kept).orderBy('name').get(),
    }
    const ask = async () => {
      const answers: Record<string, unknown> = {}
      for (const [name, question] of Object.entries(questions)) answers[name] = JSON.parse(JSON.stringify(await question()))
      return answers
    }
    const before = await ask()
    await behind(shop)
    expect(await ask()).toEqual(before)
    await Car.clearCache()
    const after = await ask()
    for (const name of Object.keys(questions)) expect(after[name], name).not.toEqual(before[name])
  })

  test('an application that does not cache queries says so where one counts on it', async () => {
    await using shop = await open()
    await using _ = await start(shop, 'memory', 'query-cache-off', false)
    await expect(Car.cache(kept).get()).rejects.toMatchObject({ code: 'QUERY_CACHE_OFF' })
    expect(await Car.query().get()).toEqual([])
    await Car.clearCache()
  })

  test('records from the cache are records: casts, relations, hidden and changed columns', async () => {
    await using shop = await open()
    await using _ = await start(shop, 'memory')
    const { volvo } = await stock()
    const query = () => Car.with('dealer', 'tags').withCount('photos').cache(kept).where('make', 'Volvo')
    await query().firstOrFail()
    await behind(shop)
    const car = await query().firstOrFail()
    expectTypeOf(car.dealer).toEqualTypeOf<Awaited<ReturnType<typeof query>['firstOrFail'] extends () => Promise<infer R> ? R : never>['dealer']>()
    expect(car).toBeInstanceOf(Car)
    expect(car.price).toBe(9_000)
    expect([car.cost, car.specs, car.note, car.label]).toEqual(['10.50', { doors: 5 }, 'ä\u{1f600}', 'Volvo · 9000'])
    expect(car.createdAt).toEqual(volvo.createdAt)
    expect(car.dealer?.name).toBe('North')
    expect(car.tags.map(({ name, pivot }) => [name, pivot.weight])).toEqual([['red', 1]])
    expect(car.photosCount).toBe(1)
    expect((await car.photos).map(({ url }) => url)).toEqual(['a'])
    expect(car.isDirty()).toBe(false)
    car.make = 'Volvo V60'
    expect(car.changes()).toEqual({ make: 'Volvo V60' })
    await car.save()
    expect((await Car.findOrFail(volvo.id)).make).toBe('Volvo V60')
    expect(await query().first()).toBeUndefined()
    // What one reader does to its records is nobody else's business.
    const [one, two] = await Promise.all([Car.cache(kept).find(volvo.id), Car.cache(kept).find(volvo.id)])
    if (one !== undefined) one.make = 'mine'
    expect([two?.make, (await Car.cache(kept).find(volvo.id))?.make]).toEqual(['Volvo V60', 'Volvo V60'])
    const values = { bigint: 2n ** 62n, large: 9_007_199_254_740_991, float: -0.5, decimal: '1.500000', boolean: true, date: '2026-02-28' } as const
    const sample = await Sample.create({ ...values, binary: new Uint8Array([0, 255, 10]), json: { a: [null] }, encrypted: 'secret', enumeration: "it's" })
    const read = () => Sample.cache(kept).findOrFail(sample.id)
    await read()
    const found = await read()
    expect({ ...found.toObject(), binary: [...(found.binary ?? [])] }).toEqual({ ...(await Sample.findOrFail(sample.id)).toObject(), binary: [0, 255, 10] })
  })

  test('every write to what was read clears it', async () => {
    await using shop = await open()
    await using one = await start(shop, 'memory')
    const { volvo, tags, north } = await stock()
    const { db } = { db: one.app.use(Database) }
    const cached = async (keep: boolean) => {
      const query = <Q extends { cache(options: typeof kept): Q }>(one: Q) => (keep ? one.cache(kept) : one)
      return JSON.parse(
        JSON.stringify([
          await query(Car.with('dealer', 'tags').withDeleted().orderBy('make')).get(),
          await query(Car.query()).sum('price'),
          await query(Car.query().orderByRelated('dealer', 'name').orderBy('make')).pluck('make'),
          await query(Tag.query().withCount('cars')).get(),
          await query(Car.whereHas('tags', (tag) => tag.where('name', 'old'))).count(),
          await query(Car.query().whereHas('dealer.staff')).count(),
          await query(Car.whereSql(sql`exists (select 1 from dealers where dealers.city = ${'Bergen'})`)).count(),
          await query(Dealer.query().with('staff', 'photos').orderBy('name')).get(),
          (await query(Dealer.query().orderBy('name')).paginate()).meta.total,
        ]),
      ) as unknown
    }
    const boat = await Car.create({ make: 'Boat', price: 1 })
    const writes: Record<string, () => Promise<unknown>> = {
      create: () => Car.create({ make: 'Audi', price: 3, dealerId: north.id }),
      createMany: () => Car.createMany([{ make: 'BMW', price: 4 }]),
      save: () => volvo.update({ price: 10_000 }),
      quiet: () => volvo.update({ price: 10_001 }, { quiet: true }),
      increment: () => volvo.increment('price', 5),
      'bulk update': () => Car.where('make', 'Saab').update({ price: 1 }),
      'bulk increment': () => Car.where('make', 'Saab').increment('price'),
      softDelete: () => boat.delete(),
      restore: () => boat.restore(),
      forceDelete: () => boat.forceDelete(),
      'bulk delete': () => Car.where('make', 'BMW').delete(),
      'bulk restore': () => Car.where('make', 'BMW').restore(),
      'bulk force delete': () => Car.where('make', 'BMW').forceDelete(),
      upsert: () => Car.upsert([{ id: volvo.id, make: 'Volvo', price: 77 }], { by: ['id'] }),
      firstOrCreate: () => Car.firstOrCreate({ make: 'Lada' }, { price: 2 }),
      updateOrCreate: () => Car.updateOrCreate({ make: 'Lada' }, { price: 3 }),
      attach: () => volvo.related('tags').attach(tags[1]?.id as number),
      updatePivot: () => volvo.related('tags').updatePivot(tags[1]?.id as number, { weight: 9 }),
      detach: () => volvo.related('tags').detach(tags[0]?.id as number),
      sync: () => volvo.related('tags').sync(tags.map(({ id }) => id)),
      'a related record': () => north.update({ name: 'A North' }),
      'a condition of a relation': () => north.related('staff').create({ name: 'Ada' }),
      'a fragment': () => north.update({ city: 'Bergen' }),
      'through a relation': () => volvo.related('photos').create({ url: 'b', size: 2 }),
      sql: () => db.run(sql`update cars set price = price + 1 where make = ${'Fiat'}`),
      'sql with a common table expression': () =>
        shop.dialect === 'mysql'
          ? db.run(sql`delete from cars where make = ${'Fiat'}`)
          : db.run(sql`with gone as (select id from cars where make = ${'Fiat'}) delete from cars where id in (select id from gone)`),
      kysely: () => db.sql.withTables<{ cars: { price: number } }>().updateTable('cars').set({ price: 5 }).execute(),
      transaction: () => transaction(() => volvo.update({ make: 'In a transaction' })),
      script: () => db.script("update cars set make = 'Scripted'"),
    }
    let last = await cached(true)
    for (const [name, write] of Object.entries(writes)) {
      await write()
      const found = await cached(true)
      expect(found, name).toEqual(await cached(false))
      expect(found, name).not.toEqual(last)
      last = found
    }
  })

  test('in a transaction the database is asked, and the cache is cleared by the commit alone', async () => {
    await using shop = await open()
    await using _ = await start(shop, 'memory')
    const { volvo } = await stock()
    const price = async () => (await Car.cache(kept).findOrFail(volvo.id)).price
    expect(await price()).toBe(9_000)
    await behind(shop)
    const outside = Promise.withResolvers<void>()
    const written = Promise.withResolvers<void>()
    const writer = transaction(async () => {
      expect(await price()).toBe(9_001)
      await volvo.update({ price: 20_000 })
      expect(await price()).toBe(20_000)
      written.resolve()
      await outside.promise
    })
    await written.promise
    // On SQLite nobody else writes meanwhile; reading is free.
    expect(await price()).toBe(9_000)
    outside.resolve()
    await writer
    expect(await price()).toBe(20_000)
    await behind(shop)
    const undone = transaction(async () => {
      await volvo.update({ price: 1 })
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    expect(await price()).toBe(20_000)
    await transaction(async () => {
      await transaction(async () => {
        await volvo.update({ price: 2 })
        throw new Error('only this')
      }).catch(() => undefined)
    })
    expect(await price()).toBe(20_000)
    await transaction(() => transaction(() => Car.clearCache()))
    expect(await price()).toBe(20_001)
    const seen: number[] = []
    await transaction(async () => {
      await volvo.update({ price: 3 })
      afterCommit(async () => void seen.push(await price()))
    })
    expect(seen).toEqual([3])
  })

  test('a test that is rolled back leaves nothing in the cache', async () => {
    await using shop = await open()
    await using one = await start(shop, 'memory')
    const { volvo } = await stock()
    const price = async () => (await Car.cache(kept).findOrFail(volvo.id)).price
    {
      await using _ = await testTransaction(one)
      await Car.query().all().update({ price: 1 })
      expect(await price()).toBe(1)
    }
    expect(await price()).toBe(9_000)
  })

  test('tags of the query, the tag of a table and the key are for everybody', async () => {
    await using shop = await open()
    await using one = await start(shop, 'memory')
    const { volvo } = await stock()
    const cache = one.app.use(Cache)
    const price = async () => (await Car.cache({ ttl: '1h', tags: ['front-page'], key: 'front' }).findOrFail(volvo.id)).price
    await price()
    expect((await cache.named('queries').inspect()).keys.map((entry) => [entry.key.split(':')[0], [...entry.tags].sort()])).toEqual([
      ['front', ['front-page', 'table:cars']],
    ])
    await behind(shop)
    expect(await price()).toBe(9_000)
    await cache.flush('front-page')
    expect(await price()).toBe(9_001)
    let computed = 0
    const report = () => cache.remember('report', { ttl: '1h', tags: ['table:cars'] }, () => ++computed)
    await report()
    await report()
    await Car.where('make', 'Fiat').update({ price: 8 })
    expect(await report()).toBe(2)
    one.clock.advance(2 * 3_600_000)
    expect((await cache.named('queries').inspect()).entries).toBe(0)
  })

  redisTest('two applications that share Redis see what the other has committed, and nothing secret is in Redis', async () => {
    await using shop = await open()
    await using one = await start(shop, 'redis', 'query-cache-shared')
    await using two = await start(shop, 'redis', 'query-cache-shared')
    const { volvo } = await two.run(stock)
    const read = () => Car.with('dealer').cache(kept).findOrFail(volvo.id)
    expect((await one.run(read)).price).toBe(9_000)
    await behind(shop)
    // What one has read the other finds.
    expect((await two.run(read)).price).toBe(9_000)
    await two.run(() => Car.where('make', 'Volvo').update({ price: 1 }))
    expect((await one.run(read)).price).toBe(1)
    await one.run(() => Dealer.query().all().update({ name: 'Renamed' }))
    expect((await two.run(read)).dealer?.name).toBe('Renamed')
    const article = await one.run(() => Article.create({ title: 'Public', secret: 'hidden words' }))
    const sample = await one.run(() => Sample.create({ encrypted: 'encrypted words', binary: new Uint8Array([1, 2]), bigint: 2n ** 60n }))
    for (const app of [one, two]) {
      await app.run(async () => {
        const found = await Article.cache(kept).findOrFail(article.id)
        expect([found.secret, JSON.stringify(found).includes('hidden words')]).toEqual(['hidden words', false])
        const other = await Sample.cache(kept).findOrFail(sample.id)
        expect([other.encrypted, [...(other.binary ?? [])], other.bigint]).toEqual(['encrypted words', [1, 2], 2n ** 60n])
      })
    }
    const { client, prefix } = one.app.use(Redis)
    const entries = (await client.keys(`${prefix}*queries*`)).filter((name) => name.includes(':e:'))
    const contents = (await Promise.all(entries.map((name) => client.hget(name, 'd')))).join('\n')
    expect(contents).toContain('Renamed')
    expect(contents).not.toContain('hidden words')
    expect(contents).not.toContain('encrypted words')
  })

  for (const [store, several, run] of [
    ['memory', false, test],
    ['redis', true, redisTest],
    ['database', true, test],
  ] as const)
    run(`${store}: after random writes every reader finds what the database has`, async () => {
      await using shop = await open()
      const name = `query-cache-${randomUUID()}`
      await using one = await start(shop, store, name)
      await using two = await start(shop, store, name)
      const apps = several ? [one, two] : [two]
      const { cars, tags, north, south } = await two.run(stock)
      const numbers = fc.nat({ max: 2 })
      const write = fc.oneof(
        fc.tuple(numbers, fc.nat({ max: 9_999 })).map(
          ([car, price]) =>
            () =>
              Car.where('id', cars[car]?.id as string).update({ price }),
        ),
        fc.tuple(numbers, fc.constantFrom('a', 'b')).map(
          ([car, make]) =>
            async () =>
              (await Car.withDeleted().findOrFail(cars[car]?.id as string)).update({ make }),
        ),
        numbers.map((car) => async () => (await Car.withDeleted().findOrFail(cars[car]?.id as string)).delete()),
        numbers.map((car) => () => Car.where('id', cars[car]?.id as string).restore()),
        fc.tuple(numbers, fc.boolean()).map(
          ([car, here]) =>
            () =>
              Car.where('id', cars[car]?.id as string).update({ dealerId: here ? north.id : south.id }),
        ),
        fc.tuple(numbers, fc.subarray([0, 1])).map(
          ([car, chosen]) =>
            () =>
              cars[car]?.related('tags').sync(chosen.map((index) => tags[index]?.id as number)),
        ),
        fc.constantFrom('Oslo', 'Rome').map((city) => () => Dealer.where('id', north.id).update({ city })),
        fc.tuple(numbers, fc.boolean()).map(
          ([car, commits]) =>
            () =>
              transaction(async () => {
                await Car.where('id', cars[car]?.id as string).increment('price')
                if (!commits) throw new Error('undone')
              }).catch(() => undefined),
        ),
      )
      const see = async (keep: boolean) => {
        const query = <Q extends { cache(options: typeof kept): Q }>(one: Q) => (keep ? one.cache(kept) : one)
        return JSON.stringify([
          await query(
            Car.with('dealer')
              .with({ tags: (tag) => tag.orderBy('id') })
              .withDeleted()
              .orderBy('id'),
          ).get(),
          await query(Car.query()).sum('price'),
          await query(Car.whereHas('dealer', (dealer) => dealer.where('city', 'Oslo'))).count(),
        ])
      }
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat({ max: apps.length - 1 }), write), { minLength: 1, maxLength: 5 }), async (steps) => {
          for (const [at, work] of steps) {
            await apps[at]?.run(async () => work())
            const truth = await one.run(() => see(false))
            for (const app of apps) expect(await app.run(() => see(true))).toBe(truth)
          }
        }),
        { numRuns: shop.dialect === 'sqlite' ? 15 : 6 },
      )
    })

  for (const [store, several, run] of [
    ['memory', false, test],
    ['redis', true, redisTest],
    ['database', true, test],
  ] as const)
    run(`${store}: who asks after a write was acknowledged sees it, however many read and write at once`, async () => {
      await using shop = await open()
      const name = `query-cache-${randomUUID()}`
      await using one = await start(shop, store, name)
      await using two = await start(shop, store, name)
      const apps = several ? [one, two] : [two]
      const { volvo } = await two.run(stock)
      let acknowledged = 9_000
      let writing = true
      const rounds = shop.dialect === 'sqlite' ? 60 : 40
      const writer = async () => {
        for (let round = 1; round <= rounds; round++) {
          await new Promise((resolve) => void setImmediate(resolve))
          await apps[round % apps.length]?.run(async () =>
            round % 3 === 0 ? transaction(() => Car.where('id', volvo.id).increment('price')) : Car.where('id', volvo.id).increment('price'),
          )
          acknowledged++
        }
      }
      const reader = async (app: (typeof apps)[number]) => {
        let seen = 0
        while (writing) {
          const floor = acknowledged
          const price = await app.run(async () => (await Car.cache(kept).findOrFail(volvo.id)).price)
          expect(price).toBeGreaterThanOrEqual(floor)
          seen++
          await new Promise((resolve) => void setImmediate(resolve))
        }
        return seen
      }
      await Promise.all([writer().finally(() => (writing = false)), ...apps.flatMap((app) => [reader(app), reader(app), reader(app)])])
      for (const app of apps) expect(await app.run(() => Car.cache(kept).sum('price'))).toBe(9_000 + rounds + 12_000)
    })

  test('what a foreign key deletes along is cleared as well', async () => {
    await using shop = await open()
    await using one = await start(shop, 'memory')
    const { Family, Member } = await import('./cascading.ts')
    await shop.db.script('create table families (id integer primary key)')
    await shop.db.script('create table members (id integer primary key, family_id integer not null references families (id) on delete cascade)')
    try {
      await Family.createMany([{ id: 1 }, { id: 2 }])
      await Member.createMany([
        { id: 1, family_id: 1 },
        { id: 2, family_id: 2 },
      ])
      expect(await Member.cache(kept).count()).toBe(2)
      await Family.where('id', 1).delete()
      expect(await Member.cache(kept).count()).toBe(1)
      await one.app.use(Database).run(sql`delete from families`)
      expect(await Member.cache(kept).count()).toBe(0)
    } finally {
      await shop.db.script('drop table members')
      await shop.db.script('drop table families')
    }
  })

  test('what cannot be cached is refused', async () => {
    await using shop = await open()
    await using _ = await start(shop, 'memory')
    await expect(Car.cache(kept).forUpdate().get()).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
    await expect(Car.cache(kept).chunk(10, () => undefined)).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
    await expect(Car.cache(kept).stream().next()).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
    expect(() => Car.cache({ ttl: '0s' })).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_INVALID' }))
    expect(() => Car.cache({ ttl: '1m', key: 'a key' })).toThrow(expect.objectContaining({ code: 'QUERY_VALUE_INVALID' }))
    await expect(Car.cache({ ttl: '1m', tags: ['a,b'] }).get()).rejects.toMatchObject({ code: 'CACHE_TAG_INVALID' })
    expect((await Staff.count()) + (await Photo.count())).toBe(0)
  })
})
