import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Method } from '../context/route.ts'
import { readPath } from './read-path.ts'
import { createRouter, type RouterOptions } from './router.ts'

function router(paths: Readonly<Record<string, string>>, trailingSlash: RouterOptions['trailingSlash'] = 'strict') {
  return createRouter(
    Object.entries(paths).map(([name, route]) => {
      const [method, path] = route.split(' ') as [Method, string]
      return { method, path, name, value: name }
    }),
    { trailingSlash },
  )
}

const cars = router({
  root: 'GET /',
  list: 'GET /cars',
  fresh: 'GET /cars/new',
  byNumber: 'GET /cars/:number(int)',
  show: 'GET /cars/:id',
  photos: 'GET /cars/:id/photos/:photo?',
  create: 'POST /cars',
  special: 'GET /cars/new/offer',
  files: 'GET /files/*path',
  odd: 'GET /ünï',
})

const find = (path: string, method = 'GET') => {
  const match = cars.find(method, path)
  return match.kind === 'found' ? [match.value, { ...match.params }] : match.kind
}

test.each([
  ['/', ['root', {}]],
  ['/cars', ['list', {}]],
  ['/cars/new', ['fresh', {}]],
  ['/cars/17', ['byNumber', { number: '17' }]],
  ['/cars/17a', ['show', { id: '17a' }]],
  ['/cars/new/offer', ['special', {}]],
  ['/cars/new/photos', ['photos', { id: 'new' }]],
  ['/cars/7/photos/9', ['photos', { id: '7', photo: '9' }]],
  ['/files/a/b.txt', ['files', { path: 'a/b.txt' }]],
  ['/files', 'not-found'],
  ['/files/', 'not-found'],
  ['/cars/', 'not-found'],
  ['//cars', 'not-found'],
  ['/Cars', 'not-found'],
  ['/%63ars', ['list', {}]],
  ['/cars/a%2Fb', ['show', { id: 'a/b' }]],
  ['/cars/%E2%82%AC', ['show', { id: '€' }]],
  ['/%C3%BCn%C3%AF', ['odd', {}]],
  ['/cars/100%25', ['show', { id: '100%' }]],
  ['/cars/%2561', ['show', { id: '%61' }]],
  ['/cars%2Fnew', 'not-found'],
  ['/cars/%', 'malformed'],
  ['/cars/%ff', 'malformed'],
  ['/cars/%00', 'malformed'],
  ['/cars/..', 'malformed'],
  ['/cars/%2e%2E/x', 'malformed'],
  ['/./cars', 'malformed'],
  [`/${'x'.repeat(9_000)}`, 'malformed'],
  ['/a'.repeat(300), 'malformed'],
  ['cars', 'malformed'],
])('%s is %j', (path, expected) => {
  expect(find(path)).toEqual(expected)
})

describe('methods', () => {
  test('HEAD is answered by GET, others say what is allowed', () => {
    expect(find('/cars', 'HEAD')).toEqual(['list', {}])
    expect(cars.find('DELETE', '/cars')).toEqual({ kind: 'method-not-allowed', allow: 'GET, HEAD, OPTIONS, POST' })
    expect(cars.find('OPTIONS', '/cars/7')).toEqual({ kind: 'options', allow: 'GET, HEAD, OPTIONS' })
    expect(find('/cars', 'get')).toBe('method-not-allowed')
    expect(find('/nothing', 'DELETE')).toBe('not-found')
  })
})

describe('a trailing slash', () => {
  const paths = { list: 'GET /cars', show: 'GET /cars/:id' }
  test('is another path, the same, or a redirect', () => {
    expect(router(paths, 'strict').find('GET', '/cars/').kind).toBe('not-found')
    expect(router(paths, 'ignore').find('GET', '/cars/7/')).toMatchObject({ kind: 'found', params: { id: '7' }, path: '/cars/7' })
    expect(router(paths, 'redirect').find('GET', '/cars/7/')).toEqual({ kind: 'redirect', location: '/cars/7' })
    expect(router(paths, 'ignore').find('GET', '/cars//').kind).toBe('not-found')
  })

  test('does not hand the request from its route to a wildcard, which keeps the slashes that are its own', () => {
    const more = { ...paths, rest: 'GET /*rest', files: 'GET /files/*path', head: 'GET /files' }
    const { find } = router(more, 'ignore')
    expect(find('GET', '/cars/')).toMatchObject({ value: 'list', path: '/cars' })
    expect(find('GET', '/cars/7/')).toMatchObject({ value: 'show', params: { id: '7' } })
    expect(find('GET', '/files/')).toMatchObject({ value: 'head', path: '/files' })
    expect(find('GET', '/files/a/b/')).toMatchObject({ value: 'files', params: { path: 'a/b/' } })
    expect(find('GET', '/anything/')).toMatchObject({ value: 'rest', params: { rest: 'anything/' } })
    expect(router(more, 'redirect').find('GET', '/cars/')).toEqual({ kind: 'redirect', location: '/cars' })
    expect(router(more, 'strict').find('GET', '/cars/')).toMatchObject({ value: 'rest', params: { rest: 'cars/' } })
  })

  test('a raw backslash is no part of a path', () => {
    const { find } = router({ rest: 'GET /*rest' }, 'ignore')
    expect(find('GET', '/x\\..\\admin')).toEqual({ kind: 'malformed', reason: 'it has a backslash' })
    expect(find('GET', '/x%5Cy')).toMatchObject({ params: { rest: 'x\\y' } })
  })
})

describe('what cannot be served refuses to start', () => {
  test.each([
    'cars',
    '/cars?x=1',
    '/cars#top',
    '/a/:',
    '/a/:id/:id',
    '/*rest/more',
    '/a//b',
    '/a/../b',
    '/a/b:id',
    '/a/:id((a+)+)',
    '/a/:id([)',
    '/%61',
    '/a/:x?/b',
  ])('%s is ROUTE_PATH_INVALID', (path) => {
    expect(() => router({ bad: `GET ${path}` })).toThrow(expect.objectContaining({ code: 'ROUTE_PATH_INVALID' }))
  })

  test.each([
    ['GET /a', 'GET /a'],
    ['GET /a/:x', 'GET /a/:y'],
    ['GET /a/:x?', 'GET /a'],
    ['GET /a/*', 'GET /a/*rest'],
    ['GET /a/:x(int)', 'GET /a/:y(int)'],
  ])('%s and %s are a ROUTE_CONFLICT', (first, second) => {
    expect(() => router({ first, second })).toThrow(expect.objectContaining({ code: 'ROUTE_CONFLICT', detail: expect.stringMatching(/first and second/) }))
  })

  test('other methods and constraints do not conflict', () => {
    expect(() => router({ a: 'GET /a/:x', b: 'POST /a/:y', c: 'GET /a/:z(int)', d: 'GET /a/b' })).not.toThrow()
  })

  test('a name can be taken once', () => {
    const entry = { method: 'GET' as const, name: 'same', value: 1 }
    expect(() =>
      createRouter(
        [
          { ...entry, path: '/a' },
          { ...entry, path: '/b' },
        ],
        { trailingSlash: 'strict' },
      ),
    ).toThrow(expect.objectContaining({ code: 'ROUTE_NAME_TAKEN' }))
  })
})

describe('URLs by name', () => {
  test('are built with parameters and query', () => {
    expect(cars.urlFor('photos', { id: 'a/b' })).toBe('/cars/a%2Fb/photos')
    expect(cars.urlFor('photos', { id: 7, photo: 'ü' }, { size: 'large', tag: ['a', 'b'], none: undefined })).toBe(
      '/cars/7/photos/%C3%BC?size=large&tag=a&tag=b',
    )
    expect(cars.urlFor('files', { path: 'a b/c' })).toBe('/files/a%20b/c')
    expect(cars.urlFor('root')).toBe('/')
  })

  test.each([
    ['show', {}, 'is missing'],
    ['show', { id: '' }, 'is empty'],
    ['show', { id: 'x', extra: 1 }, 'not part of the path'],
    ['byNumber', { number: 'x' }, 'does not match int'],
    ['show', { id: '..' }, 'cannot stand in a path'],
  ])('%s with %j is URL_PARAM_INVALID: %s', (name, params, reason) => {
    expect(() => cars.urlFor(name, params)).toThrow(expect.objectContaining({ code: 'URL_PARAM_INVALID', detail: expect.stringContaining(reason) }))
  })

  test('an unknown name is ROUTE_UNKNOWN with a suggestion', () => {
    expect(() => cars.urlFor('photo')).toThrow(expect.objectContaining({ code: 'ROUTE_UNKNOWN', detail: expect.stringContaining("'photos'") }))
  })

  test('lead back to the route and its parameters, whatever these contain', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => !/[\p{Cc}]/u.test(text) && text !== '.' && text !== '..' && text !== 'new' && !/^-?\d+$/.test(text))
    fc.assert(
      fc.property(value, value, (id, photo) => {
        expect(find(cars.urlFor('photos', { id, photo }))).toEqual(['photos', { id, photo }])
        expect(find(cars.urlFor('show', { id }))).toEqual(['show', { id }])
      }),
    )
  })
})

test('find never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('GET', 'POST', 'HEAD', 'BREW'), (path, method) => {
      expect(cars.find(method, `/${path}`).kind).toBeTypeOf('string')
      expect(cars.find(method, path).kind).toBeTypeOf('string')
    }),
    { numRuns: 1_000 },
  )
})

// The slow and obvious way: try each pattern, most specific first.
test('random routes answer as a naive matcher would', () => {
  const part = fc.constantFrom('a', 'b', ':p', ':n(int)', '*')
  const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => {
    const cut = parts.indexOf('*')
    return (cut === -1 ? parts : parts.slice(0, cut + 1)).map((piece, index) => piece.replace('p', `p${index}`).replace('n(', `n${index}(`))
  })
  const rank = (piece: string) => (piece === '*' ? 3 : piece.startsWith(':p') ? 2 : piece.startsWith(':n') ? 1 : 0)
  const fits = (parts: readonly string[], path: readonly string[]): boolean => {
    const wild = parts.at(-1) === '*'
    if (wild ? path.length < parts.length : path.length !== parts.length) return false
    return parts.every((piece, index) => {
      const segment = path[index] as string
      return piece === '*' || piece.startsWith(':p') || (piece.startsWith(':n') ? /^-?\d{1,15}$/.test(segment) : piece === segment)
    })
  }
  const compare = (a: readonly string[], b: readonly string[]) => {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const difference = (a[i] === undefined ? -1 : rank(a[i] as string)) - (b[i] === undefined ? -1 : rank(b[i] as string))
      if (difference !== 0) return difference
    }
    return 0
  }
  const shape = (parts: readonly string[]) => parts.map((piece) => piece.replace(/\d+/, '')).join('/')
  fc.assert(
    fc.property(
      fc.uniqueArray(pattern, { minLength: 1, maxLength: 8, selector: shape }),
      fc.array(fc.constantFrom('a', 'b', 'c', '7'), { minLength: 1, maxLength: 5 }),
      (patterns, path) => {
        const made = createRouter(
          patterns.map((parts, index) => ({ method: 'GET' as const, path: `/${parts.join('/')}`, name: `r${index}`, value: parts })),
          { trailingSlash: 'strict' },
        )
        const expected = patterns.filter((parts) => fits(parts, path)).sort(compare)[0]
        const match = made.find('GET', `/${path.join('/')}`)
        expect(match.kind === 'found' ? match.value : undefined).toEqual(expected)
      },
    ),
    { numRuns: 500 },
  )
})

test('two paths are spelled alike only where their segments are', () => {
  const segment = fc.array(fc.constantFrom('a', '/', '%', '2', '5', 'F', '%2F', '%25'), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
  const path = fc.array(segment, { minLength: 1, maxLength: 3 })
  const spelled = (segments: readonly string[]) => {
    const read = readPath(`/${segments.map(encodeURIComponent).join('/')}`)
    return 'path' in read ? read.path : read.reason
  }
  fc.assert(fc.property(path, path, (one, other) => (spelled(one) === spelled(other)) === (JSON.stringify(one) === JSON.stringify(other))))
  expect([['a/b'], ['a%2Fb'], ['a', 'b'], ['100%']].map(spelled)).toEqual(['/a%2Fb', '/a%252Fb', '/a/b', '/100%'])
})
