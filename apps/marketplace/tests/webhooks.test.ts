import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testDatabase } from '@glueful/database/testing'
import { testQueue } from '@glueful/queue/testing'
import { verifyWebhook } from '@glueful/webhooks'
import { matchers, testApp } from 'glueful/testing'
import { afterEach, expect, test } from 'vitest'
import app from '../app.ts'
import { openSmtpSink } from './smtp-sink.ts'
import { stockUp, volvo } from './stock.ts'

expect.extend(matchers)

const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

/** A dealer's own system, which is down as often as told. */
async function openDealerSystem(failures: number, status = 503) {
  const received: { headers: IncomingHttpHeaders; body: string }[] = []
  let left = failures
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => (body += chunk.toString()))
    req.on('end', () => {
      if (left-- > 0) return res.writeHead(status).end()
      received.push({ headers: req.headers, body })
      return res.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cars`, received }
}

test('a dealer is told of cars offered and ordered, signed, again after an outage, and of nobody else’s', async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url, WEBHOOKS_ALLOW_NETWORKS: '127.0.0.0/8' } })
  const { cars, dealer, buyer, seller } = await stockUp()
  const jobs = testQueue(market)
  const system = await openDealerSystem(1)
  expect(await market.client.as(buyer).webhooks.create({ body: { url: system.url } })).toBeProblem('PERMISSION_DENIED')
  const endpoint = await market.client.as(seller).webhooks.create({ body: { url: system.url, events: ['car.*', 'order.created'] } })
  expect(endpoint).toHaveStatus(201)

  const offered = await market.client.as(seller).cars.create({ body: { ...volvo, dealerId: dealer.id } })
  expect(offered).toHaveStatus(201)
  await jobs.runUntilEmpty()
  expect(system.received).toEqual([])
  await jobs.travel('1h')
  expect(system.received).toHaveLength(1)

  // The first car is the dealer's, the second is of another one.
  const lines = [cars[0], cars[1]].map((car) => ({ carId: car?.id as string, quantity: 1 }))
  const order = await market.client.as(buyer).orders.create({ body: { lines }, headers: { 'idempotency-key': crypto.randomUUID() } })
  expect(order).toHaveStatus(201)
  await jobs.runUntilEmpty()

  const told = system.received.map(({ headers, body }) => {
    verifyWebhook({ secret: endpoint.body.secret, headers: headers as Record<string, string>, body, now: Number(headers['webhook-timestamp']) * 1_000 })
    const { type, data } = JSON.parse(body) as { type: string; data: unknown }
    return [type, data]
  })
  const id = order.body.id
  expect(told.toSorted()).toEqual([
    ['car.created', { id: offered.body.id, make: 'Volvo', model: 'V60', price: 33_500 }],
    ['car.sold', { id: cars[0]?.id, orderId: id, quantity: 1, price: 5_000 }],
    ['order.created', { id, currency: 'EUR', total: 5_000, lines: [{ carId: cars[0]?.id, quantity: 1, price: 5_000 }] }],
  ])
})

test('a dealer is told by mail when a system of theirs was disabled', async () => {
  await using database = await testDatabase('sqlite')
  await using smtp = await openSmtpSink()
  await using market = await testApp(app, { env: { DATABASE_URL: database.url, SMTP_URL: smtp.url, WEBHOOKS_ALLOW_NETWORKS: '127.0.0.0/8' } })
  const { dealer, seller } = await stockUp()
  const system = await openDealerSystem(1, 410)
  const { body: endpoint } = await market.client.as(seller).webhooks.create({ body: { url: `${system.url}?token=hidden` } })
  await market.client.as(seller).cars.create({ body: { ...volvo, dealerId: dealer.id } })
  await testQueue(market).runUntilEmpty()
  expect(smtp.messages).toHaveLength(1)
  const mail = smtp.messages[0]?.replaceAll(/=\r?\n/g, '')
  expect(mail).toContain('To: jo@nordlicht.example')
  expect(mail).toContain(`because it answered 410. Once it works, enable ${endpoint.id} again`)
  expect(mail).not.toContain('hidden')
})

test('an order that fails tells nobody', async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url, WEBHOOKS_ALLOW_NETWORKS: '127.0.0.0/8' } })
  const { cars, buyer, seller } = await stockUp()
  const system = await openDealerSystem(0)
  await market.client.as(seller).webhooks.create({ body: { url: system.url } })
  const lines = [
    { carId: cars[0]?.id as string, quantity: 1 },
    { carId: cars[1]?.id as string, quantity: 3 },
  ]
  expect(await market.client.as(buyer).orders.create({ body: { lines }, headers: { 'idempotency-key': crypto.randomUUID() } })).toBeProblem('OUT_OF_STOCK')
  await testQueue(market).runUntilEmpty()
  expect(system.received).toEqual([])
  expect((await market.client.as(seller).webhooks.deliveries({ query: {} })).body.items).toEqual([])
})
