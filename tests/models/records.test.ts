import { afterCommit, currentDatabase, outsideTransaction, transaction } from '@glueful/database'
import { expect, expectTypeOf, test } from 'vitest'
import { Article, Car, Dealer, describeShop, Photo, Staff, Tag } from './shop.ts'

await describeShop((open) => {
  test('a record is created with what was left out, found by its key, and is an instance of its class', async () => {
    await using _ = await open()
    const made = await Car.create({ make: 'Volvo', price: 9_900, specs: { doors: 4 } })
    const car = await Car.findOrFail(made.id)
    expect(car).toBeInstanceOf(Car)
    expect(car.toObject()).toEqual(made.toObject())
    expect(car).toMatchObject({
      make: 'Volvo',
      price: 9_900,
      cost: '0.00',
      condition: 'used',
      dealerId: null,
      deletedAt: null,
      specs: { doors: 4 },
      label: 'Volvo · 9900',
    })
    expect(car.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(car.createdAt).toBeInstanceOf(Date)
    expect(car.createdAt.getTime()).toBe(car.updatedAt.getTime())
    expectTypeOf(car.specs).toEqualTypeOf<{ readonly doors: number } | null>()
  })

  test('what cannot be a key belongs to no record', async () => {
    await using _ = await open()
    expect(await Car.find('nope')).toBeUndefined()
    expect(await Car.find("' or 1=1 --")).toBeUndefined()
    expect(await Photo.find(2 ** 40)).toBeUndefined()
    await expect(Car.findOrFail('\0')).rejects.toMatchObject({ status: 404, code: 'MODEL_NOT_FOUND' })
    await expect(Car.firstOrFail()).rejects.toMatchObject({ status: 404 })
    expect(await Car.where('make', 'x').first()).toBeUndefined()
  })

  test('keys that the database makes are known after creating, one by one and many at once', async () => {
    await using _ = await open()
    const dealer = await Dealer.create({ name: 'North' })
    const one = await Staff.create({ name: 'Ann', dealerId: dealer.id })
    const more = await Staff.createMany(['Bo', 'Cy', 'Di'].map((name) => ({ name, dealerId: dealer.id })))
    expect(one.id).toBeTypeOf('number')
    for (const made of [one, ...more]) expect((await Staff.findOrFail(made.id)).name).toBe(made.name)
    const mixed = await Staff.createMany([
      { id: 500, name: 'E', dealerId: dealer.id },
      { name: 'F', dealerId: dealer.id },
    ])
    for (const made of mixed) expect((await Staff.findOrFail(made.id)).name).toBe(made.name)
    expect(mixed[0]?.id).toBe(500)
    const article = await Article.create({ title: 'a' })
    expect((await Article.findOrFail(article.id)).title).toBe('a')
  })

  test('a key of zero is kept as any other', async () => {
    await using _ = await open()
    expect((await Tag.create({ id: 0, name: 'none' })).id).toBe(0)
    expect((await Tag.find(0))?.name).toBe('none')
  })

  test('many are created with few statements, or none of them', async () => {
    await using _ = await open()
    const cars = await Car.createMany(Array.from({ length: 1_203 }, (_, index) => ({ make: 'Saab', price: index })))
    expect(cars).toHaveLength(1_203)
    expect(await Car.count()).toBe(1_203)
    expect(await Car.sum('price')).toBe((1_202 * 1_203) / 2)
    const doubled = [
      { id: cars[0]?.id as string, make: 'x', price: 1 },
      { make: 'y', price: 2 },
    ]
    await expect(Car.createMany(doubled)).rejects.toMatchObject({ status: 409, code: 'UNIQUE_VIOLATION' })
    expect(await Car.count()).toBe(1_203)
    expect(await Car.createMany([])).toEqual([])
  })

  test('only what changed is written, and nothing where nothing did', async () => {
    await using database = await open()
    const car = await Car.create({ make: 'Volvo', price: 1, specs: { doors: 4 } })
    expect(car.isDirty()).toBe(false)
    car.price = 2
    car.specs = { doors: 4 }
    expect(car.isDirty()).toBe(true)
    expect(car.isDirty('make', 'specs')).toBe(false)
    expect(car.changes()).toEqual({ price: 2 })
    expect(car.original('price')).toBe(1)
    await Car.where({ id: car.id }).update({ make: 'Saab' })
    await car.save()
    expect(car.isDirty()).toBe(false)
    expect(await Car.findOrFail(car.id)).toMatchObject({ make: 'Saab', price: 2 })
    const before = await database.db.execute('select * from cars', [])
    await car.save()
    expect((await database.db.execute('select * from cars', [])).rows).toEqual(before.rows)
  })

  test('a JSON value or a date that is changed in place is a change', async () => {
    await using _ = await open()
    const made = await Car.create({ make: 'Volvo', price: 1, specs: { doors: 4 } })
    const car = await Car.findOrFail(made.id)
    ;(car.specs as { doors: number }).doors = 5
    car.createdAt.setUTCFullYear(2001)
    expect(car.changes()).toMatchObject({ specs: { doors: 5 } })
    expect(car.isDirty('createdAt')).toBe(true)
    await car.save()
    const again = await Car.findOrFail(car.id)
    expect(again.specs).toEqual({ doors: 5 })
    expect(again.createdAt.getUTCFullYear()).toBe(2001)
  })

  test('saving keeps updatedAt, updating assigns and saves, refreshing reads again', async () => {
    await using _ = await open()
    const car = await Car.create({ make: 'Volvo', price: 1, updatedAt: new Date('2020-01-01T00:00:00.123Z') })
    expect(car.updatedAt.toISOString()).toBe('2020-01-01T00:00:00.123Z')
    await car.update({ price: 3 })
    expect(car.updatedAt.getUTCFullYear()).toBeGreaterThan(2020)
    const other = await Car.findOrFail(car.id)
    await other.update({ price: 4 })
    await car.refresh()
    expect(car.price).toBe(4)
    await other.forceDelete()
    await expect(car.refresh()).rejects.toMatchObject({ status: 404 })
    await expect(car.update({ price: 9 })).rejects.toMatchObject({ status: 404 })
    await expect(other.save()).rejects.toMatchObject({ status: 404 })
    expect(other.isSaved).toBe(false)
  })

  test('a record made by hand is saved when it is told to', async () => {
    await using _ = await open()
    const car = new Car({ make: 'Volvo' })
    expect(car.isSaved).toBe(false)
    car.price = 7
    expect(car.changes()).toEqual({ make: 'Volvo', price: 7 })
    expect(car.original('make')).toBeUndefined()
    await car.save()
    expect(car.isSaved).toBe(true)
    expect(await Car.findOrFail(car.id)).toMatchObject({ make: 'Volvo', price: 7, condition: 'used' })
    await expect(new Car({ make: 'Volvo' }).save()).rejects.toMatchObject({ status: 422, code: 'VALUE_INVALID', errors: [{ path: ['price'] }] })
    await expect(new Car({ make: 'Volvo' }).refresh()).rejects.toMatchObject({ code: 'RECORD_NOT_SAVED' })
  })

  test('the older version of a record is refused: 409 VERSION_CONFLICT', async () => {
    await using _ = await open()
    const mine = await Article.create({ title: 'a' })
    const theirs = await Article.findOrFail(mine.id)
    expect(mine.version).toBe(1)
    await theirs.update({ title: 'b' })
    expect(theirs.version).toBe(2)
    await expect(mine.update({ title: 'c' })).rejects.toMatchObject({ status: 409, code: 'VERSION_CONFLICT' })
    const part = await Article.select('title').where('id', mine.id).firstOrFail()
    await mine.refresh()
    await mine.update({ title: 'c' })
    await expect(part.update({ title: 'd' })).rejects.toMatchObject({ code: 'VERSION_CONFLICT' })
    expect((await Article.findOrFail(mine.id)).title).toBe('c')
  })

  test('soft deletes leave records in the table, out of queries, and can be undone', async () => {
    await using _ = await open()
    const car = await Car.create({ make: 'Volvo', price: 1 })
    await car.delete()
    expect(car.deletedAt).toBeInstanceOf(Date)
    expect(await Car.find(car.id)).toBeUndefined()
    expect(await Car.count()).toBe(0)
    expect(await Car.withDeleted().count()).toBe(1)
    expect(await Car.onlyDeleted().first()).toMatchObject({ id: car.id })
    await car.restore()
    expect(await Car.count()).toBe(1)
    expect(await Car.where('make', 'Volvo').delete()).toBe(1)
    expect(await Car.withDeleted().count()).toBe(1)
    expect(await Car.where('make', 'Volvo').restore()).toBe(1)
    await car.forceDelete()
    expect(await Car.withDeleted().count()).toBe(0)
    await expect(Photo.where('id', 1).restore()).rejects.toMatchObject({ code: 'QUERY_SHAPE_UNSUPPORTED' })
  })

  test('a record that could not be deleted is as it was, so that no later save deletes it', async () => {
    await using _ = await open()
    const car = await Car.create({ make: 'Volvo', price: 1 })
    await Car.where('id', car.id).forceDelete()
    await expect(car.delete()).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    expect([car.deletedAt, car.isDirty()]).toEqual([null, false])
  })

  test('numbers change by an amount in the database, so that simultaneous changes all count', async () => {
    await using _ = await open()
    const car = await Car.create({ make: 'Volvo', price: 100, cost: '10.10' })
    await Promise.all(Array.from({ length: 20 }, () => Car.where('id', car.id).increment('price')))
    await car.decrement('price', 20)
    expect(car.price).toBe(100)
    await car.increment('cost', '0.95')
    expect(car.cost).toBe('11.05')
    expect(await Car.where('id', car.id).where('price', '>=', 200).decrement('price', 200)).toBe(0)
  })

  test('firstOrCreate, updateOrCreate and upsert', async () => {
    await using _ = await open()
    const first = await Dealer.firstOrCreate({ name: 'North' }, { city: 'Bergen' })
    expect(await Dealer.firstOrCreate({ name: 'North' }, { city: 'Oslo' })).toMatchObject({ id: first.id, city: 'Bergen' })
    expect(await Dealer.updateOrCreate({ name: 'North' }, { city: 'Moss' })).toMatchObject({ id: first.id, city: 'Moss' })
    expect(await Dealer.updateOrCreate({ name: 'South' }, { city: 'Hamar' })).toMatchObject({ name: 'South', city: 'Hamar' })
    const [one] = await Dealer.where('name', 'South').get()
    await Dealer.upsert(
      [
        { id: first.id, name: 'N', city: 'A' },
        { name: 'East', city: 'B' },
      ],
      { by: ['id'], update: ['name'] },
    )
    expect((await Dealer.orderBy('name').get()).map(({ name, city }) => [name, city])).toEqual([
      ['East', 'B'],
      ['N', 'Moss'],
      [one?.name, 'Hamar'],
    ])
    expect(await Dealer.upsert([], { by: ['id'] })).toBe(0)
    // The same record twice: the later one updates what the first has made.
    const twice = await Tag.upsert(
      [
        { id: 1, name: 'a' },
        { id: 2, name: 'b' },
        { id: 1, name: 'c' },
      ],
      { by: ['id'] },
    )
    expect([twice, await Tag.query().orderBy('id').pluck('name')]).toEqual([3, ['c', 'b']])
    await Dealer.upsert(
      [
        { id: first.id, name: 'N', city: 'Z' },
        { id: first.id, name: 'M', city: 'Y' },
      ],
      { by: ['id'], update: ['name'] },
    )
    expect(await Dealer.findOrFail(first.id)).toMatchObject({ name: 'M', city: 'Moss' })
    await expect(Dealer.upsert([{ name: 'x' }], { by: [] })).rejects.toMatchObject({ code: 'QUERY_WHERE_EMPTY' })
  })

  test('firstOrCreate finds what another has created since the transaction began', async () => {
    await using shop = await open()
    const all = await Promise.all(Array.from({ length: 8 }, () => transaction(() => Tag.firstOrCreate({ name: 'same' }))))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    if (shop.dialect === 'sqlite') return
    const found = await transaction(async () => {
      await Tag.query().count()
      await outsideTransaction(() => Tag.create({ name: 'other' }))
      return Tag.updateOrCreate({ name: 'other' }, {})
    })
    expect(found.name).toBe('other')
    expect(await Tag.count()).toBe(2)
  })

  test('JSON has no hidden columns, text for dates, appended getters, and what is loaded', async () => {
    await using _ = await open()
    const article = await Article.create({ title: 'a', secret: 'do not show' })
    expect(article.secret).toBe('do not show')
    expect({ ...article }).not.toHaveProperty('secret')
    expect(JSON.stringify(article)).not.toContain('do not show')
    expect(JSON.stringify(await Article.findOrFail(article.id))).not.toContain('do not show')
    const car = await Car.create({ make: 'Volvo', price: 1, createdAt: new Date('2026-11-26T11:05:24.007Z') })
    const json = JSON.parse(JSON.stringify(await Car.with('photos').findOrFail(car.id))) as object
    expect(json).toMatchObject({ id: car.id, label: 'Volvo · 1', createdAt: '2026-11-26T11:05:24.007Z', photos: [], deletedAt: null })
    expect(json).not.toHaveProperty('dealer')
  })

  test('observers see the moments of a record, may stop a write, and hear of commits only', async () => {
    await using _ = await open()
    const seen: string[] = []
    const listen = (event: string) => (car: Car) => void seen.push(`${event} ${car.make}`)
    const events = ['saving', 'creating', 'created', 'updating', 'updated', 'saved', 'deleting', 'deleted', 'restoring', 'restored'] as const
    const stop = Car.observe(Object.fromEntries(events.map((event) => [event, listen(event)])))
    const car = await Car.create({ make: 'A', price: 1 })
    await car.update({ make: 'B' })
    await car.save()
    await car.delete()
    await car.restore()
    await car.update({ make: 'C' }, { quiet: true })
    await Car.create({ make: 'D', price: 1 }, { quiet: true })
    expect(seen).toEqual([
      'saving A',
      'creating A',
      'created A',
      'saved A',
      'saving B',
      'updating B',
      'updated B',
      'saved B',
      'saving B',
      'saved B',
      'deleting B',
      'deleted B',
      'restoring B',
      'restored B',
    ])
    stop()
    const committed: string[] = []
    const stopLate = Car.observe({ created: (one) => void committed.push(one.make) }, { afterCommit: true })
    await transaction(async () => {
      await Car.createMany([
        { make: 'E', price: 1 },
        { make: 'F', price: 1 },
      ])
      expect(committed).toEqual([])
      afterCommit(() => void committed.push('last'))
    })
    expect(committed).toEqual(['E', 'F', 'last'])
    await expect(transaction(async () => Car.create({ make: 'G', price: 1 }).then(() => Promise.reject(new RangeError('no'))))).rejects.toThrow('no')
    expect(committed).toHaveLength(3)
    stopLate()
    const refuse = Car.observe({
      saving: (one) => {
        if (one.price < 0) throw new RangeError('price')
      },
    })
    await expect(Car.create({ make: 'H', price: -1 })).rejects.toThrow('price')
    refuse()
    expect(await Car.where('make', ['G', 'H']).count()).toBe(0)
  })

  test('what a rollback undid is unsaved again, so that the next try writes it', async () => {
    await using _ = await open()
    const article = await Article.create({ title: 'a' })
    const car = await Car.create({ make: 'A', price: 1, specs: { doors: 2 } })
    const fresh = new Car({ make: 'new', price: 1, specs: { doors: 9 } })
    const gone = await Car.create({ make: 'gone', price: 1 })
    const failing = transaction(async () => {
      await car.update({ make: 'B', specs: { doors: 4 } })
      await car.update({ price: 2 })
      await article.update({ title: 'b' })
      await fresh.save()
      await gone.forceDelete()
      throw new RangeError('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(car.changes()).toMatchObject({ make: 'B', price: 2, specs: { doors: 4 } })
    expect([fresh.isSaved, gone.isSaved, article.version]).toEqual([false, true, 1])
    await transaction(async () => {
      await Promise.all([car.save(), article.save()])
      await fresh.save()
      await expect(transaction(async () => car.update({ price: 3 }).then(() => Promise.reject(new RangeError('inner'))))).rejects.toThrow('inner')
    })
    expect(await Car.findOrFail(car.id)).toMatchObject({ make: 'B', price: 2, specs: { doors: 4 } })
    expect(car.changes()).toMatchObject({ price: 3 })
    expect(await Car.findOrFail(fresh.id)).toMatchObject({ make: 'new', specs: { doors: 9 } })
    expect(await Article.findOrFail(article.id)).toMatchObject({ title: 'b', version: 2 })
    await gone.update({ make: 'still there' })
  })

  test('a name that is no column is refused, wherever it comes from', async () => {
    await using _ = await open()
    const car = await Car.create({ make: 'Volvo', price: 1 })
    const sent = JSON.parse('{ "make": "x", "price": 1, "isAdmin": true }') as { make: string; price: number }
    await expect(Car.create(sent)).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' })
    await expect(car.update(sent)).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' })
    await expect(Car.where('id', car.id).update(sent)).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' })
    expect(() => Car.orderBy('price; drop table cars' as 'price')).toThrow(expect.objectContaining({ code: 'COLUMN_UNKNOWN' }))
    expect(await currentDatabase().execute('select count(*) from cars', [])).toMatchObject({ rows: [[1]] })
  })
})
