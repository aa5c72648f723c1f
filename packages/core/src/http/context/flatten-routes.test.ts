import { describe, expect, test } from 'vitest'
import { flattenRoutes } from './flatten-routes.ts'
import { group, mount, route, type RouteTree } from './route.ts'

const answer = () => 'here'

describe('a tree of routes', () => {
  test('names its routes by their key paths, in the order of declaration', () => {
    const tree = { cars: { list: route.get('/cars', answer), photos: { add: route.post('/cars/:id/photos', answer) } }, root: route.get('/', answer) }
    expect(flattenRoutes(tree).routes.map(({ name, method, path }) => [name, method, path])).toEqual([
      ['cars.list', 'GET', '/cars'],
      ['cars.photos.add', 'POST', '/cars/:id/photos'],
      ['root', 'GET', '/'],
    ])
  })

  test('gives the routes of a group its prefix, which may be nested', () => {
    const tree = {
      admin: group(
        { prefix: '/admin' },
        {
          home: route.get('/', answer),
          users: group({ prefix: '/users' }, { one: route.get('/:id', answer) }),
          plain: group({}, { x: route.get('/x', answer) }),
        },
      ),
    }
    expect(flattenRoutes(tree).routes.map(({ path }) => path)).toEqual(['/admin', '/admin/users/:id', '/admin/x'])
  })

  test('lets the route win over its groups, and those over the defaults', () => {
    const tree = {
      outer: group({ summary: 'outer', tags: ['outer'] }, { inner: group({ summary: 'inner' }, { x: route.get('/x', { hidden: false }, answer) }) }),
    }
    expect(flattenRoutes(tree, { summary: 'default', description: 'default', hidden: true }).routes[0]?.options).toEqual({
      summary: 'inner',
      description: 'default',
      tags: ['outer'],
      hidden: false,
    })
  })

  test('inherits where an option is undefined', () => {
    const options = { summary: undefined } as unknown as { summary: string }
    expect(flattenRoutes({ x: route.get('/x', options, answer) }, { summary: 'default' }).routes[0]?.options.summary).toBe('default')
  })

  test('returns mounts beside the routes', () => {
    const fetch = () => new Response()
    expect(flattenRoutes({ api: group({ prefix: '/api', hidden: true }, { old: mount('/old', fetch) }) })).toEqual({
      routes: [],
      mounts: [{ name: 'api.old', path: '/api/old', options: { hidden: true }, fetch }],
    })
  })

  test('may be a module, and may have a member called kind', () => {
    const module = Object.assign(Object.create(null) as Record<string, unknown>, { kind: route.get('/kind', answer) }) as unknown as RouteTree
    expect(flattenRoutes({ module }).routes[0]?.name).toBe('module.kind')
  })
})

describe('a mistake is refused with the name of the member', () => {
  test.each([
    ['a function', answer, 'cars.x', 'function'],
    ['nothing', undefined, 'cars.x', 'undefined'],
    ['null', null, 'cars.x', 'null'],
    ['a list', [], 'cars.x', 'an instance of Array'],
    ['a promise', Promise.resolve({}), 'cars.x', 'an instance of Promise'],
  ])('%s is no route: ROUTE_TREE_INVALID', (_, member, name, found) => {
    expect(() => flattenRoutes({ cars: { x: member as unknown as RouteTree } })).toThrow(`The member '${name}' of the routes is ${found}.`)
  })

  test('a record that contains itself', () => {
    const tree: Record<string, unknown> = {}
    tree['again'] = { tree }
    expect(() => flattenRoutes(tree as RouteTree)).toThrow(expect.objectContaining({ code: 'ROUTE_TREE_INVALID' }))
  })

  test('a path that would run into its prefix: ROUTE_PATH_INVALID', () => {
    expect(() => flattenRoutes({ admin: group({ prefix: '/admin' }, { x: route.get('stats', answer) }) })).toThrow(
      expect.objectContaining({ code: 'ROUTE_PATH_INVALID' }),
    )
    expect(() => flattenRoutes({ admin: group({ prefix: '/admin/' }, { x: route.get('/stats', answer) }) })).toThrow(
      expect.objectContaining({ code: 'ROUTE_PATH_INVALID' }),
    )
  })
})
