import { describeDialects } from '@glueful/database/testing'
import { route, type Context, type Identity } from 'glueful'
import { describe, expect, test } from 'vitest'
import { authUnderTest, bearer } from '../testing/auth-under-test.fixture.ts'
import { createAuthorizer } from './authorizer.ts'
import { policy } from './policy.ts'
import { mergeRoles, standardRoles } from './roles.ts'

class Order {
  readonly sellerId: string
  constructor(sellerId: string) {
    this.sellerId = sellerId
  }
}
class RushOrder extends Order {}

const orders = policy(Order, {
  refund: (user, order) => user.roles.includes('operator') || order.sellerId === user.id,
  view: async (user, order) => order.sellerId === user.id,
})
const ctx = {} as Context
const identity = (id: string, ...roles: string[]): Identity => ({ id, roles, scopes: [], strategy: 'test' })

describe('roles', () => {
  const authorizer = createAuthorizer({ operator: ['orders.*'], clerk: ['orders.view'], anonymous: ['cars.view'] })
  test.each([
    ['admin', 'anything.at.all', true],
    ['operator', 'orders.refund', true],
    ['operator', 'queue.retry', true],
    ['operator', 'apikeys.create', false],
    ['developer', 'apikeys.create', true],
    ['developer', 'queue.retry', false],
    ['observer', 'queue.view', true],
    ['observer', 'queue.retry', false],
    ['clerk', 'orders.view', true],
    ['clerk', 'orders.refund', false],
    ['nonsense', 'orders.view', false],
    ['constructor', 'orders.view', false],
    ['__proto__', 'orders.view', false],
  ])('%s and %s: %s', (role, permission, expected) => {
    expect(authorizer.can(identity('7', role), permission, ctx)).toBe(expected)
  })

  test('add up, and anonymous callers hold what their role is granted', () => {
    expect(authorizer.can(identity('7', 'clerk', 'operator'), 'orders.refund', ctx)).toBe(true)
    expect(authorizer.can(identity('7'), 'orders.view', ctx)).toBe(false)
    expect(authorizer.can(undefined, 'cars.view', ctx)).toBe(true)
    expect(authorizer.can(undefined, 'orders.view', ctx)).toBe(false)
  })

  test('what an application grants is added to what they have', () => {
    expect(Object.keys(standardRoles)).toEqual(['admin', 'operator', 'developer', 'observer', 'anonymous'])
    expect(mergeRoles({ observer: ['orders.view'] })['observer']).toEqual([...(standardRoles['observer'] ?? []), 'orders.view'])
  })
})

describe('policies', () => {
  const authorizer = createAuthorizer({}, [orders])
  const allows = (user: Identity | undefined, ability: string, subject: object) => authorizer.allows?.(user, ability, subject, ctx)

  test('decide about one subject, those of a class about what extends it', async () => {
    expect(allows(identity('7'), 'refund', new Order('7'))).toBe(true)
    expect(allows(identity('8'), 'refund', new Order('7'))).toBe(false)
    expect(allows(identity('8', 'operator'), 'refund', new RushOrder('7'))).toBe(true)
    expect(await allows(identity('7'), 'view', new RushOrder('7'))).toBe(true)
  })

  test('say nothing about other abilities and classes, and nothing good about anonymous callers', () => {
    expect(allows(identity('7', 'admin'), 'delete', new Order('7'))).toBeUndefined()
    expect(allows(identity('7', 'admin'), 'constructor', new Order('7'))).toBeUndefined()
    expect(allows(identity('7'), 'refund', { sellerId: '7' })).toBeUndefined()
    expect(allows(identity('7'), 'refund', Object.create(null) as object)).toBeUndefined()
    expect(allows(undefined, 'refund', new Order('7'))).toBe(false)
  })

  test('two of one class refuse to start', () => {
    expect(() => createAuthorizer({}, [orders, policy(Order, {})])).toThrow(expect.objectContaining({ code: 'POLICY_TAKEN' }))
  })
})

await describeDialects(
  describe,
  (target) => {
    test('a handler asks by authorize', async () => {
      const routes = {
        refund: route.post(
          '/orders/:seller/refund',
          { auth: 'jwt' },
          async ({ params, authorize }) => (await authorize('refund', new Order(params.seller)), 'refunded'),
        ),
      }
      await using it = await authUnderTest(target, { routes, auth: { policies: [orders] } })
      const { accessToken } = await it.tokens()
      expect((await it.send('POST', '/orders/1/refund', bearer(accessToken))).body['code']).toBe('POLICY_DENIED')
      const own = await it.test.fetch('/orders/2/refund', { method: 'POST', ...bearer(accessToken) })
      expect(own.status).toBe(200)
    })
  },
  ['sqlite'],
)
