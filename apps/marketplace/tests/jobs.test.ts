import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testDatabase } from '@glueful/database/testing'
import { Queue } from '@glueful/queue'
import { testQueue, queueMatchers, type QueueMatchers } from '@glueful/queue/testing'
import { Breakers } from 'glueful'
import { matchers, testApp } from 'glueful/testing'
import { afterEach, expect, test } from 'vitest'
import app from '../app.ts'
import { CapturePayment, ConfirmOrder, NightlyReport } from '../jobs/index.ts'
import { Order } from '../models/index.ts'
import { openSmtpSink } from './smtp-sink.ts'
import { stockUp } from './stock.ts'

expect.extend(matchers)
expect.extend(queueMatchers)
declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-empty-object-type
  interface Matchers<R> extends QueueMatchers<R> {}
}

const key = () => ({ 'idempotency-key': crypto.randomUUID() })
const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

/** A payment service that fails as often as told, and charges each idempotency key once. */
async function openPayments(failures: number) {
  const charged = new Map<string, unknown>()
  let left = failures
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => (body += chunk.toString()))
    req.on('end', () => {
      if (left-- > 0) return res.writeHead(503).end()
      charged.set(req.headers['idempotency-key'] as string, JSON.parse(body))
      return res.writeHead(201, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, charged, recover: () => void (left = 0) }
}

test('an order is confirmed by mail, again when the server would not take it, and once', async () => {
  await using database = await testDatabase('sqlite')
  await using smtp = await openSmtpSink()
  await using market = await testApp(app, { env: { DATABASE_URL: database.url, SMTP_URL: smtp.url } })
  const { cars, buyer } = await stockUp()
  const jobs = testQueue(market)
  smtp.refuse(1)
  const lines = [{ carId: cars[0]?.id as string, quantity: 2 }]
  const order = await market.client.as(buyer).orders.create({ body: { lines }, headers: key() })
  expect(order.body.payment).toBe('on pickup')
  expect(jobs).toHaveDispatched(ConfirmOrder, { orderId: order.body.id })
  expect(jobs).toHaveDispatchedTimes(CapturePayment, 0)
  await jobs.runUntilEmpty()
  expect(smtp.messages).toEqual([])
  await jobs.travel('1h')
  expect(smtp.messages).toHaveLength(1)
  expect(smtp.messages[0]).toContain('To: ada@example.com')
  expect(smtp.messages[0]).toContain('10000 EUR')
})

test('a mail that never went out is looked at in the sandbox, and not sent by that', async () => {
  await using database = await testDatabase('sqlite')
  await using smtp = await openSmtpSink()
  await using market = await testApp(app, { env: { DATABASE_URL: database.url, SMTP_URL: smtp.url } })
  const { cars, buyer } = await stockUp()
  const jobs = testQueue(market)
  smtp.refuse(8)
  const order = await market.client.as(buyer).orders.create({ body: { lines: [{ carId: cars[0]?.id as string, quantity: 2 }] }, headers: key() })
  await jobs.travel('7d')
  const { deadLetters } = market.app.use(Queue)
  const [letter] = await deadLetters.list({ job: ConfirmOrder.name })
  const run = await deadLetters.sandbox(letter?.id ?? '', {}, { id: 'ada' })
  expect(run).toMatchObject({ outcome: 'completed', effectCount: 1, effects: [{ kind: 'mail', detail: { subject: `Your order ${order.body.id.slice(-8)}` } }] })
  expect(smtp.messages).toEqual([])
})

test('an order that fails dispatches nothing', async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url } })
  const { cars, buyer } = await stockUp()
  const lines = [{ carId: cars[0]?.id as string, quantity: 3 }]
  expect(await market.client.as(buyer).orders.create({ body: { lines }, headers: key() })).toBeProblem('OUT_OF_STOCK')
  expect(testQueue(market)).toHaveDispatchedTimes(ConfirmOrder, 0)
})

test('a payment is captured once, however often the service fails before', async () => {
  await using database = await testDatabase('sqlite')
  const payments = await openPayments(3)
  await using market = await testApp(app, { env: { DATABASE_URL: database.url, PAYMENT_URL: payments.url } })
  const { cars, buyer } = await stockUp()
  const jobs = testQueue(market)
  const lines = [{ carId: cars[0]?.id as string, quantity: 1 }]
  const { body } = await market.client.as(buyer).orders.create({ body: { lines }, headers: key() })
  expect(body.payment).toBe('pending')
  await jobs.runUntilEmpty()
  expect((await Order.findOrFail(body.id)).payment).toBe('pending')
  await jobs.travel('1h')
  expect((await Order.findOrFail(body.id)).payment).toBe('paid')
  expect([...payments.charged]).toEqual([[body.id, { order: body.id, amount: 5_000, currency: 'EUR' }]])
})

test('a payment service that is away is left alone, which costs no tries, and every order is paid in the end', async () => {
  await using database = await testDatabase('sqlite')
  const payments = await openPayments(Infinity)
  await using market = await testApp(app, { env: { DATABASE_URL: database.url, PAYMENT_URL: payments.url } })
  const { cars, buyer } = await stockUp()
  const jobs = testQueue(market)
  for (const car of cars.slice(0, 6)) {
    const lines = [{ carId: car.id, quantity: 1 }]
    expect(await market.client.as(buyer).orders.create({ body: { lines }, headers: key() })).toHaveStatus(201)
  }
  await jobs.travel('10m')
  const breaker = market.app.use(Breakers).breaker('payments')
  expect(breaker.status().refused).toBeGreaterThan(20)
  expect(await Order.where('payment', 'pending').count()).toBe(6)
  // The breaker goes by the time of the world.
  payments.recover()
  breaker.reset()
  await jobs.travel('2h')
  expect(await Order.where('payment', 'paid').count()).toBe(6)
  expect(payments.charged.size).toBe(6)
})

test('the nightly report counts the orders of a day', async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url } })
  const { cars, buyer } = await stockUp()
  await market.client.as(buyer).orders.create({ body: { lines: [{ carId: cars[2]?.id as string, quantity: 2 }] }, headers: key() })
  expect(await NightlyReport.dispatchSync()).toMatchObject({ orders: 1, total: 14_000, carsOnOffer: 29 })
})

test('operators see queues, and others do not', async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url } })
  const { buyer, operator } = await stockUp()
  const ask = (who: object | undefined) =>
    market.app.fetch(new Request('http://localhost/admin/queues'), { address: '127.0.0.1', ...(who === undefined ? {} : { identity: who as never }) })
  expect([(await ask(undefined)).status, (await ask({ ...buyer, strategy: 'given' })).status, (await ask({ ...operator, strategy: 'given' })).status]).toEqual([
    401, 403, 200,
  ])
  const { items } = (await (await ask({ ...operator, strategy: 'given' })).json()) as { items: { queue: string }[] }
  expect(items.map(({ queue }) => queue)).toEqual(expect.arrayContaining(['emails', 'payments', 'reports']))
})
