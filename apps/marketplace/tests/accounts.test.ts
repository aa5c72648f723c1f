import { AuditTrail } from '@glueful/auth'
import { testDatabase } from '@glueful/database/testing'
import { matchers, testApp, type TestApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import app from '../app.ts'
import { User } from '../models/index.ts'
import type { routes } from '../routes/index.ts'
import { stockUp, volvo } from './stock.ts'

expect.extend(matchers)

const password = 'a horse, a battery and a staple'

async function logIn(market: TestApp<typeof routes>, login: string): Promise<string> {
  const answer = await market.client.auth.login({ body: { login, password } })
  expect(answer).toHaveStatus(200)
  return answer.body.accessToken
}

function post(market: TestApp<typeof routes>, path: string, headers: Record<string, string>, body: unknown): Promise<Response> {
  return market.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })
}

test('a buyer signs up, logs in and orders; an address is taken once, in any spelling', async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url } })
  const { cars } = await stockUp()
  const person = { name: 'Grace Field', email: 'Grace@example.com', password, country: 'gb' }
  const account = await market.client.accounts.create({ body: person })
  expect(account).toHaveStatus(201)
  expect(account.body).toMatchObject({ email: 'grace@example.com', role: 'buyer' })
  expect(await market.client.accounts.create({ body: { ...person, email: 'GRACE@EXAMPLE.COM' } })).toBeProblem('UNIQUE_VIOLATION')
  expect(await market.client.accounts.create({ body: { ...person, email: 'b@example.com', password: 'short' } })).toBeProblem('PASSWORD_REFUSED')

  const authorization = `Bearer ${await logIn(market, 'grace@EXAMPLE.com')}`
  const lines = [{ carId: cars[0]?.id, quantity: 1 }]
  const order = await post(market, '/orders', { authorization, 'idempotency-key': 'first' }, { lines })
  expect(order).toHaveStatus(201)
  const { id } = (await order.json()) as { id: string }
  expect(await market.fetch(`/orders/${id}`, { headers: { authorization } })).toHaveStatus(200)
  expect(await market.fetch(`/orders/${id}`)).toHaveStatus(401)
  expect(await post(market, `/orders/${id}/refund`, { authorization }, undefined)).toHaveStatus(403)
})

test("a seller's program offers cars with an API key, and can do nothing else", async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url } })
  const { dealer, seller, buyer } = await stockUp()
  const made = await market.client.as(seller).apiKeys.create({ body: { name: 'import' } })
  expect(made).toHaveStatus(201)
  expect(made.body.key).toMatch(/^gf_test_/)
  const key = { 'x-api-key': made.body.key }
  expect(await post(market, '/cars', key, { ...volvo, dealerId: dealer.id })).toHaveStatus(201)
  expect(await post(market, '/orders', { ...key, 'idempotency-key': 'k' }, { lines: [] })).toHaveStatus(401)
  expect(await post(market, '/api-keys', key, { name: 'another' })).toHaveStatus(401)
  expect(await market.client.as(buyer).apiKeys.create({ body: { name: 'import' } })).toBeProblem('PERMISSION_DENIED')
  expect((await market.client.as(seller).apiKeys.list()).body.data.map(({ name }) => name)).toEqual(['import'])
  const params = { id: made.body.id }
  expect(await market.client.as({ ...seller, id: crypto.randomUUID() }).apiKeys.revoke({ params })).toBeProblem('API_KEY_NOT_FOUND')
  expect(await market.client.as(seller).apiKeys.revoke({ params })).toHaveStatus(204)
  expect(await post(market, '/cars', key, { ...volvo, dealerId: dealer.id })).toHaveStatus(401)
  const { items } = await market.app.use(AuditTrail).search({ action: 'api-key.*' })
  const request = { actor: seller.id, target: `api-key:${made.body.id}`, ip: '127.0.0.1', requestId: expect.stringMatching(/./) }
  expect(items).toMatchObject([
    { ...request, action: 'api-key.revoked' },
    { ...request, action: 'api-key.created', requestId: made.headers.get('x-request-id') },
  ])
})

test('a user who is switched off is out with the next login, and nobody sees a hash', async () => {
  await using database = await testDatabase('sqlite')
  await using market = await testApp(app, { env: { DATABASE_URL: database.url } })
  await market.client.accounts.create({ body: { name: 'Grace Field', email: 'grace@example.com', password, country: 'GB' } })
  const user = await User.where('email', 'grace@example.com').firstOrFail()
  expect(JSON.stringify(user)).not.toContain('argon2')
  await user.update({ active: false })
  expect(await market.client.auth.login({ body: { login: 'grace@example.com', password } })).toBeProblem('LOGIN_REFUSED')
})
