import { database, json, migration, Model, string, text, uuid } from '@glueful/database'
import { createApp, defineExtension, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { policy } from '../access/policy.ts'
import { auth } from '../auth-extension.ts'
import { PasswordPolicy } from '../passwords/password-policy.ts'
import { Passwords } from '../passwords/passwords.ts'
import { authRoutes } from '../routes/auth-routes.ts'
import { password, quickPasswords } from '../testing/some-users.fixture.ts'
import type { AuthUser, UserStore } from './user-store.ts'

class User extends Model('users', { id: uuid().primary(), email: string().unique(), passwordHash: text(), roles: json<string[]>() }) {}
class Order extends Model('orders', { id: uuid().primary(), sellerId: uuid() }) {}

const toUser = (user: User | undefined | null): AuthUser | undefined =>
  user === undefined || user === null ? undefined : { id: user.id, passwordHash: user.passwordHash, roles: user.roles, email: user.email }

const users: UserStore = {
  findByLogin: async (login) => toUser(await User.where('email', login.toLowerCase()).first()),
  findById: async (id) => toUser(await User.find(id)),
  updatePasswordHash: async (id, passwordHash) => void (await User.where('id', id).update({ passwordHash })),
}

const tables = defineExtension({
  name: 'tables',
  migrations: [
    migration('20261126080000_users', {
      up: async (schema) => {
        await schema.createTable('users', { id: uuid().primary(), email: string().unique(), passwordHash: text(), roles: json() })
        await schema.createTable('orders', { id: uuid().primary(), sellerId: uuid() })
      },
    }),
  ],
})

const app = createApp({
  name: 'shop',
  extensions: [
    database(),
    tables,
    auth({ users, roles: { seller: ['orders.create'] }, policies: [policy(Order, { refund: (user, order) => order.sellerId === user.id })] }),
  ],
  routes: {
    ...authRoutes(),
    signUp: route.post('/users', { body: z.object({ email: z.email(), password: z.string().max(1_024) }) }, async ({ body, use }) => {
      await use(PasswordPolicy).check(body.password, [body.email])
      const user = await User.create({ email: body.email.toLowerCase(), passwordHash: await use(Passwords).hash(body.password), roles: ['seller'] })
      return { id: user.id }
    }),
    create: route.post('/orders', { can: 'orders.create' }, async ({ user }) => ({ id: (await Order.create({ sellerId: user.id })).id })),
    refund: route.post('/orders/:id/refund', { auth: true }, async ({ params, authorize }) => {
      const order = await Order.findOrFail(params.id)
      await authorize('refund', order)
      return 'refunded'
    }),
  },
})

test('users and subjects may be models: sign up, log in, act on what is one’s own', async () => {
  await using it = await testApp(app, { swaps: [{ token: Passwords, value: quickPasswords }] })
  const send = async (method: string, path: string, json?: object, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    const answer = await it.fetch(path, { method, headers, ...(json === undefined ? {} : { body: JSON.stringify(json) }) })
    const text = await answer.text()
    return { status: answer.status, body: JSON.parse(text === '' ? '{}' : text) as Record<string, string> }
  }
  const register = async (email: string) => {
    expect((await send('POST', '/users', { email, password })).status).toBe(200)
    return (await send('POST', '/auth/login', { login: email, password })).body['accessToken'] as string
  }
  expect((await send('POST', '/users', { email: 'ada@example.com', password: 'ada@example' })).body['code']).toBe('PASSWORD_REFUSED')
  const [ada, bob] = [await register('Ada@example.com'), await register('bob@example.com')]
  const { id } = (await send('POST', '/orders', {}, ada)).body
  expect((await send('POST', `/orders/${id}/refund`, {}, bob)).body['code']).toBe('POLICY_DENIED')
  expect((await send('POST', `/orders/${id}/refund`, {}, ada)).status).toBe(200)
  expect((await send('POST', '/auth/password', { current: password, password: 'another horse battery' }, ada)).status).toBe(204)
  expect((await send('POST', '/auth/login', { login: 'ada@example.com', password: 'another horse battery' })).status).toBe(200)
})
