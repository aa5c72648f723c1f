import { describeDialects, testTransaction, type TestDatabase } from '@glueful/database/testing'
import { matchers, testApp, type TestApp } from 'glueful/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import app from '../app.ts'
import { Car, Order, OrderLine } from '../models/index.ts'
import type { routes } from '../routes/index.ts'
import { stockUp } from './stock.ts'

expect.extend(matchers)

const key = () => ({ 'idempotency-key': crypto.randomUUID() })

await describeDialects(describe, ({ open }) => {
  let database: TestDatabase
  let market: TestApp<typeof routes>

  beforeAll(async () => {
    database = await open()
    market = await testApp(app, { env: { DATABASE_URL: database.url } })
  })
  afterAll(async () => {
    await market.close()
    await database.close()
  })

  test('an order takes cars out of stock, and a refund gives them back, once', async () => {
    await using _ = await testTransaction(market)
    const { cars, buyer, operator } = await stockUp()
    const [first, second] = cars.map(({ id }) => id) as [string, string]
    const body = {
      lines: [
        { carId: first, quantity: 2 },
        { carId: second, quantity: 1 },
      ],
    }
    const order = await market.client.as(buyer).orders.create({ body, headers: key() })
    expect(order).toHaveStatus(201)
    expect(order.body).toMatchObject({ status: 'captured', total: 2 * 5_000 + 6_000, currency: 'EUR' })
    expect((await Car.findOrFail(first)).stock).toBe(0)
    const params = { id: order.body.id }
    expect((await market.client.as(buyer).orders.show({ params })).body.total).toBe(16_000)
    expect(await market.client.as({ ...buyer, id: crypto.randomUUID() }).orders.show({ params })).toBeProblem('POLICY_DENIED')
    expect(await market.client.as(buyer).orders.refund({ params })).toBeProblem('PERMISSION_DENIED')
    expect((await market.client.as(operator).orders.refund({ params })).body.status).toBe('refunded')
    expect([(await Car.findOrFail(first)).stock, (await Car.findOrFail(second)).stock]).toEqual([2, 2])
    expect(await market.client.as(operator).orders.refund({ params })).toBeProblem('ORDER_ALREADY_REFUNDED')
    const trail = await market.client.as({ id: 'x', roles: ['admin'] }).audit.search({ query: { action: 'order.*' } })
    expect(trail.body.items.map(({ action, actor, result }) => [action, actor, result])).toEqual([
      ['order.refunded', operator.id, 'failed'],
      ['order.refunded', operator.id, 'ok'],
      ['order.refunded', buyer.id, 'denied'],
      ['order.captured', buyer.id, 'ok'],
    ])
    const [refusedAgain, refunded, denied, captured] = trail.body.items
    expect(captured).toMatchObject({ before: null, after: order.body })
    expect(refunded).toMatchObject({ before: order.body, after: { ...order.body, status: 'refunded' } })
    expect([refusedAgain, denied].map((entry) => [entry?.before, entry?.after])).toEqual([
      [null, { status: 409 }],
      [null, { status: 403 }],
    ])
  })

  test('an order of more than there is changes nothing', async () => {
    await using _ = await testTransaction(market)
    const { cars, buyer } = await stockUp()
    const lines = [
      { carId: cars[0]?.id as string, quantity: 1 },
      { carId: cars[1]?.id as string, quantity: 3 },
    ]
    expect(await market.client.as(buyer).orders.create({ body: { lines }, headers: key() })).toBeProblem('OUT_OF_STOCK')
    expect((await Car.findOrFail(cars[0]?.id as string)).stock).toBe(2)
    expect(await Order.count()).toBe(0)
  })

  test('a car in two lines, and an unknown car, are refused', async () => {
    await using _ = await testTransaction(market)
    const { cars, buyer } = await stockUp()
    const line = { carId: cars[0]?.id as string, quantity: 1 }
    expect(await market.client.as(buyer).orders.create({ body: { lines: [line, line] }, headers: key() })).toBeProblem('VALIDATION_FAILED')
    const unknown = [{ carId: crypto.randomUUID(), quantity: 1 }]
    expect(await market.client.as(buyer).orders.create({ body: { lines: unknown }, headers: key() })).toBeProblem('MODEL_NOT_FOUND')
  })

  // Without a transaction around it: what is tested here is many of them at once.
  test('of forty orders at once for the last cars as many succeed as there are cars', async () => {
    const { cars, buyer } = await stockUp()
    const wanted = cars.slice(0, 3).map(({ id }) => id)
    await Car.whereIn('id', wanted).update({ stock: 5 })
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const pair = [wanted[index % 3], wanted[(index + 1) % 3]] as [string, string]
        const lines = (index % 2 === 0 ? pair : [...pair].reverse()).map((carId) => ({ carId, quantity: 1 }))
        return market.client.as(buyer).orders.create({ body: { lines }, headers: key() })
      }),
    )
    const captured = answers.filter(({ status }) => status === 201).length
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
    const left = await Car.whereIn('id', wanted).pluck('stock')
    expect(Math.min(...left)).toBeGreaterThanOrEqual(0)
    expect(left.reduce((a, b) => a + b)).toBe(15 - 2 * captured)
    expect(await Order.count()).toBe(captured)
    expect(await OrderLine.count()).toBe(2 * captured)
    // No two of the three cars are both left, or one more order would have gone through.
    expect(left.filter((stock) => stock > 0).length).toBeLessThan(2)
  })
})
