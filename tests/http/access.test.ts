import {
  AccessDenied,
  Authorizer,
  createApp,
  Forbidden,
  group,
  listen,
  provide,
  route,
  strategy,
  Unauthenticated,
  type Identity,
  type RouteTree,
} from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { doorNames, openDoor } from './doors.ts'

const people: Record<string, Omit<Identity, 'strategy'>> = {
  ada: { id: '1', roles: ['admin'], scopes: ['*'] },
  bob: { id: '2', roles: [], scopes: ['orders:read'] },
}

/** Two strategies that read a header each, one at once and one later. */
const header = strategy('header', {
  challenge: 'Bearer',
  scheme: { type: 'http', scheme: 'bearer' },
  authenticate: (ctx) => {
    const name = ctx.header('authorization')?.slice('Bearer '.length)
    if (name === undefined) return undefined
    const person = people[name]
    if (person === undefined) throw new Unauthenticated('Unknown bearer.')
    return { ...person, strategy: 'header' }
  },
})
const later = strategy('later', {
  authenticate: async (ctx) => {
    await new Promise((resolve) => setImmediate(resolve))
    const name = ctx.header('x-later')
    if (name === 'broken') throw new TypeError('The store is gone')
    return name === undefined ? undefined : { ...(people[name] as Identity), strategy: 'later' }
  },
})
const permissions: Record<string, readonly string[]> = { '1': ['orders.refund', 'orders.view'], '2': ['orders.view'] }
const authorizer = provide(Authorizer, () => ({
  can: (identity, permission) => {
    if (permission === 'slow.thing') return Promise.resolve(identity?.id === '1')
    if (identity === undefined) return permission === 'cars.view'
    return permissions[identity.id]?.includes(permission) ?? false
  },
}))

const who = ({ identity }: { identity: Identity | undefined }) => ({ id: identity?.id ?? null, by: identity?.strategy ?? null })
const bearer = (name: string) => ({ headers: { authorization: `Bearer ${name}` } })
const definition = (routes: RouteTree) => ({ routes, strategies: [header, later], services: [authorizer] })

describe.each(doorNames)('access through the %s door', (name) => {
  test('a route with auth lets in whom its strategy knows, and challenges everybody else', async () => {
    await using door = await openDoor(name, definition({ me: route.get('/me', { auth: 'header' }, who) }))
    expect((await door.send('GET', '/me', bearer('ada'))).json()).toEqual({ id: '1', by: 'header' })
    const anonymous = await door.send('GET', '/me')
    expect([anonymous.status, anonymous.json()['code']]).toEqual([401, 'UNAUTHENTICATED'])
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer realm="test"')
    const unknown = await door.send('GET', '/me', bearer('eve'))
    expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="test", error="invalid_token"'])
  })

  test('several strategies are tried in order, and each adds its challenge', async () => {
    await using door = await openDoor(name, definition({ me: route.get('/me', { auth: ['later', 'header'] }, who) }))
    expect((await door.send('GET', '/me', bearer('bob'))).json()).toEqual({ id: '2', by: 'header' })
    expect((await door.send('GET', '/me', { headers: { 'x-later': 'ada' } })).json()).toEqual({ id: '1', by: 'later' })
    const both = await door.send('GET', '/me', { headers: { 'x-later': 'ada', authorization: 'Bearer ada' } })
    expect(both.json()).toEqual({ id: '1', by: 'later' })
    expect((await door.send('GET', '/me')).headers.get('www-authenticate')).toBe('later realm="test", Bearer realm="test"')
  })

  test('credentials of two callers are refused, and good ones do not make up for bad ones', async () => {
    await using door = await openDoor(name, definition({ me: route.get('/me', { auth: true }, who) }))
    const two = await door.send('GET', '/me', { headers: { 'x-later': 'ada', authorization: 'Bearer bob' } })
    expect([two.status, two.json()['code']]).toEqual([401, 'CREDENTIALS_CONFLICT'])
    expect((await door.send('GET', '/me', { headers: { 'x-later': 'ada', authorization: 'Bearer eve' } })).status).toBe(401)
  })

  test('optional lets anonymous callers in, and still refuses credentials that are not valid', async () => {
    await using door = await openDoor(
      name,
      definition({ any: route.get('/any', { auth: 'optional' }, who), one: route.get('/one', { auth: ['header', 'optional'] }, who) }),
    )
    for (const path of ['/any', '/one']) {
      expect((await door.send('GET', path)).json()).toEqual({ id: null, by: null })
      expect((await door.send('GET', path, bearer('ada'))).json()).toEqual({ id: '1', by: 'header' })
      expect((await door.send('GET', path, bearer('eve'))).status).toBe(401)
    }
  })

  test('a strategy that breaks is a 500, never a way in', async () => {
    await using door = await openDoor(name, definition({ me: route.get('/me', { auth: ['later', 'optional'] }, who) }))
    expect((await door.send('GET', '/me', { headers: { 'x-later': 'broken' } })).status).toBe(500)
  })

  test('can asks the authorizer for every permission; strangers get 401, others 403', async () => {
    await using door = await openDoor(
      name,
      definition({
        refund: route.post('/refund', { can: 'orders.refund' }, who),
        both: route.post('/both', { can: ['orders.view', 'orders.refund'] }, who),
        slow: route.post('/slow', { can: ['orders.view', 'slow.thing', 'orders.refund'] }, who),
        cars: route.get('/cars', { auth: 'optional', can: 'cars.view' }, who),
        orders: route.get('/orders', { auth: 'optional', can: 'orders.view' }, who),
      }),
    )
    for (const path of ['/refund', '/both', '/slow']) {
      expect((await door.send('POST', path, bearer('ada'))).status).toBe(200)
      const bob = await door.send('POST', path, bearer('bob'))
      expect([bob.status, bob.json()['code']]).toEqual([403, 'PERMISSION_DENIED'])
      expect((await door.send('POST', path)).status).toBe(401)
    }
    expect((await door.send('GET', '/cars')).status).toBe(200)
    const anonymous = await door.send('GET', '/orders')
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="test", later realm="test"'])
  })

  test('scopes are asked of whatever credentials came, and named in the challenge', async () => {
    await using door = await openDoor(
      name,
      definition({ read: route.get('/read', { scopes: 'orders:read' }, who), write: route.get('/write', { scopes: ['orders:read', 'orders:write'] }, who) }),
    )
    expect((await door.send('GET', '/read', bearer('bob'))).status).toBe(200)
    expect((await door.send('GET', '/write', bearer('ada'))).status).toBe(200)
    const refused = await door.send('GET', '/write', bearer('bob'))
    expect([refused.status, refused.json()['code'], refused.json()['detail']]).toEqual([403, 'SCOPE_MISSING', "The credentials lack the scope 'orders:write'."])
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="test", error="insufficient_scope", scope="orders:read orders:write"')
    expect((await door.send('GET', '/read')).status).toBe(401)
  })

  test('defaults hold for every route except those that lift them, health and documentation', async () => {
    await using door = await openDoor(name, {
      ...definition({ me: route.get('/me', who), open: route.get('/open', { auth: false, can: false }, who) }),
      defaults: { auth: 'header', can: 'orders.refund' },
    })
    expect((await door.send('GET', '/me')).status).toBe(401)
    expect((await door.send('GET', '/me', bearer('bob'))).status).toBe(403)
    for (const path of ['/open', '/healthz', '/ready', '/metrics', '/openapi.json', '/docs']) {
      const answer = await door.send('GET', path)
      expect({ path, status: answer.status, problem: answer.status === 200 ? '' : answer.text }).toEqual({ path, status: 200, problem: '' })
    }
    expect((await door.send('GET', '/missing')).status).toBe(404)
  })

  test('an authorizer that answers something truthy, or fails, refuses', async () => {
    const odd = provide(Authorizer, () => ({
      can: (_, permission) => {
        if (permission === 'fails.now') throw new Forbidden()
        return 'yes' as unknown as boolean
      },
    }))
    await using door = await openDoor(name, {
      routes: { odd: route.get('/odd', { can: 'truthy.answer' }, who), fails: route.get('/fails', { can: 'fails.now' }, who) },
      strategies: [header],
      services: [odd],
    })
    expect((await door.send('GET', '/odd', bearer('ada'))).status).toBe(403)
    expect((await door.send('GET', '/fails', bearer('ada'))).status).toBe(403)
  })
})

test('authorize asks about one subject; what no policy speaks of is a mistake, and refused', async () => {
  class Order {
    readonly owner: string
    constructor(owner: string) {
      this.owner = owner
    }
  }
  const owners = provide(Authorizer, () => ({
    can: () => true,
    allows: async (identity, ability, subject) => (ability === 'cancel' ? identity?.id === (subject as Order).owner : undefined),
  }))
  const act = (ability: string) => route.post(`/${ability}`, { auth: 'optional' }, async ({ authorize }) => (await authorize(ability, new Order('1')), 'done'))
  await using tested = await testApp(
    createApp({ name: 'test', strategies: [header], services: [owners], routes: { cancel: act('cancel'), refund: act('refund') } }),
  )
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await tested.fetch(path, { method: 'POST', ...init })
    return [answer.status, answer.ok ? undefined : ((await answer.json()) as { code: string }).code]
  }
  expect(await ask('/cancel', bearer('ada'))).toEqual([200, undefined])
  expect(await ask('/cancel', bearer('bob'))).toEqual([403, 'POLICY_DENIED'])
  expect(await ask('/cancel')).toEqual([401, 'UNAUTHENTICATED'])
  expect(await ask('/refund', bearer('ada'))).toEqual([500, 'POLICY_MISSING'])
})

test('refusals are emitted with what was missing', async () => {
  const seen: unknown[] = []
  const app = createApp({
    name: 'test',
    ...definition({ refund: route.get('/refund', { can: 'orders.refund' }, who) }),
    listeners: [listen(AccessDenied, ({ identityId, route: denied, missing }) => void seen.push([identityId, denied, missing]))],
  })
  await using tested = await testApp(app)
  await tested.fetch('/refund')
  await tested.fetch('/refund', bearer('bob'))
  expect(seen).toEqual([
    [undefined, 'refund', []],
    ['2', 'refund', ['orders.refund']],
  ])
})

test('tests act as somebody without credentials; permissions, scopes and a named strategy still count', async () => {
  const app = createApp({
    name: 'test',
    strategies: [header, later],
    services: [authorizer],
    routes: {
      me: route.get('/me', { auth: 'header' }, ({ user }) => {
        expectTypeOf(user).toEqualTypeOf<Identity>()
        return { id: user.id, roles: user.roles }
      }),
      refund: route.post('/refund', { can: 'orders.refund' }, who),
      read: route.get('/read', { scopes: 'orders:read' }, who),
    },
  })
  await using tested = await testApp(app)
  const ada = tested.client.as({ id: '1', roles: ['admin'] })
  expect((await ada.me()).body).toEqual({ id: '1', roles: ['admin'] })
  expect((await ada.refund()).status).toBe(200)
  expect((await tested.client.as({ id: '2' }).refund()).status).toBe(403)
  expect((await ada.read()).status).toBe(403)
  expect((await tested.client.as({ id: '1', scopes: ['orders:*'] }).read()).status).toBe(200)
  expect((await tested.client.as({ id: '1', strategy: 'later' }).me()).status).toBe(401)
  expect((await tested.client.me()).status).toBe(401)
})

describe('what refuses to start', () => {
  const start =
    (routes: RouteTree, more: object = {}) =>
    () =>
      createApp({ name: 'test', routes, ...more }).routes()
  const guarded = (options: object) => ({ guarded: route.get('/', options, who) })

  test.each([
    ['an unknown strategy', guarded({ auth: 'haeder' }), { strategies: [header] }, /AUTH_STRATEGY_UNKNOWN/],
    ['any strategy where there is none', guarded({ auth: true }), {}, /AUTH_STRATEGY_UNKNOWN/],
    ['can without an authorizer', guarded({ can: 'orders.refund' }), { strategies: [header] }, /AUTHORIZER_MISSING/],
    ['can of a group without anybody to ask', { all: group({ can: 'orders.refund' }, guarded({ auth: false })) }, definition({}), /ACCESS_CONTRADICTORY/],
    ['auth: false with can', guarded({ auth: false, can: 'orders.refund' }), definition({}), /ACCESS_CONTRADICTORY/],
    ['auth: false with scopes', guarded({ auth: false, scopes: 'orders:read' }), definition({}), /ACCESS_CONTRADICTORY/],
    ['an empty list', guarded({ auth: [] }), definition({}), /ACCESS_CONTRADICTORY/],
    ['a permission that is a wildcard', guarded({ can: 'orders.*' }), definition({}), /ACCESS_NAME_INVALID/],
    ['a scope with a space', guarded({ scopes: 'orders read' }), definition({}), /ACCESS_NAME_INVALID/],
    ['two strategies of one name', guarded({ auth: 'header' }), { strategies: [header, header] }, /AUTH_STRATEGY_TAKEN/],
  ])('%s', (_, routes, more, code) => {
    expect(start(routes, { ...more, routes })).toThrow(code)
  })

  test('the right name is suggested', () => {
    expect(start(guarded({ auth: 'haeder' }), { strategies: [header] })).toThrow(/Did you mean 'header'\?/)
  })

  test.each(['', 'optional', 'given', 'two words', '1st'])('a strategy called %j', (name) => {
    expect(() => strategy(name, { authenticate: () => undefined })).toThrow(/AUTH_STRATEGY_INVALID/)
  })
})

test('OpenAPI shows alternatives, scopes, permissions and the errors', () => {
  const app = createApp({
    name: 'test',
    ...definition({
      open: route.get('/open', who),
      one: route.get('/one', { auth: 'header', scopes: 'orders:read', can: ['orders.view', 'orders.refund'] }, who),
      maybe: route.get('/maybe', { auth: ['later', 'header', 'optional'] }, who),
    }),
  })
  const { paths, components } = app.openapi()
  expect(components.securitySchemes).toEqual({ header: { type: 'http', scheme: 'bearer' }, later: { type: 'http', scheme: 'later' } })
  expect(paths['/open']?.['get']?.security).toBeUndefined()
  expect(paths['/one']?.['get']).toMatchObject({ security: [{ header: ['orders:read'] }], 'x-required-permissions': ['orders.view', 'orders.refund'] })
  expect(Object.keys(paths['/one']?.['get']?.responses ?? {})).toEqual(expect.arrayContaining(['401', '403']))
  expect(paths['/maybe']?.['get']?.security).toEqual([{ later: [] }, { header: [] }, {}])
})
