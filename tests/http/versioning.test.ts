import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp, defineExtension, MetricsService, route, type ApiVersions, type AppDefinition, type RouteTree } from 'glueful'
import { createFrozenClock, createMemoryDestination, testApp } from 'glueful/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { doorNames, openDoor } from './doors.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glueful-versions-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const routes = {
  v1: { show: route.get('/cars/:id', { version: '1' }, ({ params, apiVersion }) => ({ id: params.id, apiVersion })) },
  v2: {
    show: route.get('/cars/:id', { version: '2' }, ({ params, apiVersion }) => ({ car: params.id, apiVersion })),
    create: route.post('/cars', { version: ['2'] }, () => 2),
  },
  shared: route.get('/status', ({ apiVersion }) => ({ apiVersion })),
  keys: route.get('/.well-known/keys', { version: false }, () => 'keys'),
}
const supported: ApiVersions = { supported: ['1', '2'], mediaType: 'vnd.acme', subdomain: true }
const inPath = { API_USE_PREFIX: 'true', API_VERSION_IN_PATH: 'true' }

describe.each(doorNames)('versions through the %s door', (door) => {
  const open = (definition: Partial<AppDefinition> = {}, env: Record<string, string> = {}) =>
    openDoor(door, { routes, versions: supported, ...definition }, { env, directory: folder, clock: createFrozenClock() })

  test('side by side by header, media type and host; the default where a request names none', async () => {
    await using app = await open()
    const ask = async (headers: Record<string, string>) => {
      const answer = await app.send('GET', '/cars/7', { headers })
      return [answer.status, answer.json(), answer.headers.get('x-api-version')]
    }
    const [one, two] = [
      [200, { id: '7', apiVersion: '1' }, '1'],
      [200, { car: '7', apiVersion: '2' }, '2'],
    ]
    expect(await ask({})).toEqual(one)
    expect(await ask({ 'x-api-version': '2' })).toEqual(two)
    expect(await ask({ 'x-api-version': 'v2' })).toEqual(two)
    expect(await ask({ accept: 'text/html, application/vnd.acme.v2+json;q=0.9' })).toEqual(two)
    expect(await ask({ host: 'v2.api.example.com' })).toEqual(two)
    expect(await ask({ host: 'api.example.com', accept: '*/*' })).toEqual(one)
    const answer = await app.send('GET', '/cars/7')
    expect(answer.headers.get('vary')).toContain('x-api-version, accept')
    expect((await app.send('GET', '/.well-known/keys')).headers.get('x-api-version')).toBeNull()
  })

  test('the host goes before the header, and the header before the media type', async () => {
    await using app = await open()
    const ask = async (headers: Record<string, string>) => (await app.send('GET', '/status', { headers })).json()['apiVersion']
    const accept = 'application/vnd.acme.v1+json'
    expect(await ask({ host: 'v2.example.com', 'x-api-version': '1', accept })).toBe('2')
    expect(await ask({ 'x-api-version': '2', accept })).toBe('2')
    expect(await ask({ accept })).toBe('1')
  })

  test('each version has its own paths and methods', async () => {
    await using app = await open()
    const post = (version: string) => app.send('POST', '/cars', { headers: { 'x-api-version': version } })
    expect([(await post('1')).status, (await post('2')).status]).toEqual([404, 200])
    expect((await app.send('OPTIONS', '/cars')).headers.get('allow')).toBe('OPTIONS, POST')
  })

  test('a version that there is not is refused with those that there are: API_VERSION_UNSUPPORTED', async () => {
    await using app = await open()
    for (const headers of [{ 'x-api-version': '9' }, { accept: 'application/vnd.acme.v9+json' }, { host: 'v9.example.com' }]) {
      const answer = await app.send('GET', '/cars/7', { headers: headers as Record<string, string> })
      expect([answer.status, answer.json()['code'], answer.json()['detail']]).toEqual([
        400,
        'API_VERSION_UNSUPPORTED',
        'There is no version "9" of this API; there are 1, 2.',
      ])
    }
    await using lax = await open({}, { API_VERSION_STRICT: 'false' })
    expect((await lax.send('GET', '/cars/7', { headers: { 'x-api-version': '9' } })).json()['apiVersion']).toBe('1')
  })

  test('in the path, below a prefix; the path alone counts there', async () => {
    await using app = await open({}, inPath)
    const ask = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await app.send('GET', path, { headers })
      return [answer.status, answer.headers.get('x-api-version')]
    }
    expect(await ask('/api/v1/cars/7')).toEqual([200, '1'])
    expect(await ask('/api/v2/cars/7', { 'x-api-version': '1' })).toEqual([200, '2'])
    expect([await ask('/api/v1/status'), await ask('/api/v2/status')]).toEqual([
      [200, '1'],
      [200, '2'],
    ])
    expect([(await ask('/cars/7'))[0], (await ask('/api/cars/7'))[0], (await ask('/.well-known/keys'))[0], (await ask('/health/live'))[0]]).toEqual([
      404, 404, 200, 200,
    ])
    const unknown = await app.send('GET', '/api/v9/cars/7')
    expect([unknown.status, unknown.json()['code']]).toEqual([400, 'API_VERSION_UNSUPPORTED'])
    expect((await app.send('GET', '/api/v1/nothing')).status).toBe(404)
    expect((await app.send('GET', '/api/vans')).status).toBe(404)
    expect([app.app.url('shared'), app.app.url('v2.show', { id: 7 }), app.app.url('shared@v2')]).toEqual(['/api/v1/status', '/api/v2/cars/7', '/api/v2/status'])
  })

  test('a prefix without versions, and paths with the only version that there is', async () => {
    const plain = { cars: route.get('/cars', () => 1) }
    await using prefixed = await openDoor(door, { routes: plain }, { env: { API_USE_PREFIX: 'true', API_PREFIX: '/service/api' } })
    expect([(await prefixed.send('GET', '/service/api/cars')).status, (await prefixed.send('GET', '/cars')).status]).toEqual([200, 404])
    await using versioned = await openDoor(door, { routes: plain }, { env: { API_VERSION_IN_PATH: 'true' } })
    expect([(await versioned.send('GET', '/v1/cars')).status, (await versioned.send('GET', '/cars')).status]).toEqual([200, 404])
  })

  test('what extensions bring stays where it is, unless it says that it is of a version', async () => {
    const extension = defineExtension({ name: 'e', routes: { a: route.get('/extension', () => 1), b: route.get('/versioned', { version: '2' }, () => 1) } })
    await using app = await open({ extensions: [extension] }, inPath)
    expect([(await app.send('GET', '/extension')).status, (await app.send('GET', '/api/v2/versioned')).status]).toEqual([200, 200])
  })

  test('a deprecated route says so by RFC 9745 and RFC 8594, and who uses it is counted and logged once an hour', async () => {
    const clock = createFrozenClock()
    const deprecation = { since: '2026-11-26', sunset: '2027-05-31T12:00:00Z', link: 'https://example.com/old', successor: '/new' }
    await using app = await openDoor(
      door,
      { routes: { old: route.get('/old', { deprecation }, () => 1), new: route.get('/new', () => 1) } },
      { clock, env: {} },
    )
    const answer = await app.send('GET', '/old')
    expect(answer.headers.get('deprecation')).toBe(`@${Date.UTC(2026, 10, 26) / 1000}`)
    expect(answer.headers.get('sunset')).toBe('Mon, 31 May 2027 12:00:00 GMT')
    expect(answer.headers.get('link')).toBe('<https://example.com/old>; rel="deprecation"; type="text/html", </new>; rel="successor-version"')
    expect((await app.send('GET', '/new')).headers.get('deprecation')).toBeNull()
    await app.send('GET', '/old')
    const logged = () => app.logs.filter((line) => line.includes('A deprecated route is used'))
    expect(logged()).toHaveLength(1)
    clock.advance(3_600_000)
    await app.send('GET', '/old')
    expect(logged()).toHaveLength(2)
    const family = app.app
      .use(MetricsService)
      .snapshot()
      .find(({ name }) => name === 'glueful_deprecated_requests_total')
    expect(family?.series.map(({ values, numbers }) => [...values, numbers[0]])).toEqual([['/old', '', 'anonymous', 3]])
    const operation = app.app.openapi().paths['/old']?.['get']
    expect([operation?.deprecated, operation?.description]).toEqual([
      true,
      'Deprecated since 2026-11-26. It stops working on 2027-05-31. Use /new instead. See https://example.com/old.',
    ])
  })

  test('a deprecated version holds for all its routes, from the code or from the file that the command writes', async () => {
    const versions = { ...supported, deprecated: { '1': { since: '2026-01-01' } } }
    await using app = await open({ versions })
    const deprecationOf = async (version: string) => (await app.send('GET', '/status', { headers: { 'x-api-version': version } })).headers.get('deprecation')
    expect([await deprecationOf('1'), await deprecationOf('2')]).toEqual([`@${Date.UTC(2026, 0, 1) / 1000}`, null])
    expect([app.app.openapi('1').paths['/status']?.['get']?.deprecated, app.app.openapi('2').paths['/status']?.['get']?.deprecated]).toEqual([true, undefined])

    const file = join(folder, `${door}.json`)
    writeFileSync(file, JSON.stringify({ versions: { '2': { deprecated: { since: '2026-06-01', sunset: '2027-01-01' } } } }))
    await using filed = await open({}, { ...inPath, API_VERSIONS_FILE: file })
    const answer = await filed.send('GET', '/api/v2/status')
    expect([answer.headers.get('deprecation'), answer.headers.get('sunset')]).toEqual([`@${Date.UTC(2026, 5, 1) / 1000}`, 'Fri, 01 Jan 2027 00:00:00 GMT'])
    expect((await filed.send('GET', '/api/v1/status')).headers.get('deprecation')).toBeNull()
  })

  test('OpenAPI describes one version at a time', async () => {
    await using app = await open()
    expect(Object.keys(app.app.openapi('1').paths)).toEqual(['/cars/{id}', '/status', '/.well-known/keys'])
    expect(Object.keys(app.app.openapi('2').paths)).toEqual(['/cars/{id}', '/cars', '/status', '/.well-known/keys'])
    expect((await app.send('GET', '/openapi/v2.json')).json()['paths']).toEqual(JSON.parse(JSON.stringify(app.app.openapi('2').paths)))
    expect((await app.send('GET', '/openapi.json')).json()['paths']).toEqual(JSON.parse(JSON.stringify(app.app.openapi('1').paths)))
    expect(() => app.app.openapi('9')).toThrow(expect.objectContaining({ code: 'API_VERSION_UNSUPPORTED' }))
    await using pathed = await open({}, inPath)
    expect(Object.keys(pathed.app.openapi('2').paths)).toEqual(['/api/v2/cars/{id}', '/api/v2/cars', '/api/v2/status', '/.well-known/keys'])
    expect(pathed.app.openapi('2').paths['/api/v2/status']?.['get']?.operationId).toBe('shared')
  })
})

test('cached answers of a shared route are kept by version', async () => {
  await using app = await openDoor('fetch', {
    routes: { x: route.get('/x', { cache: { ttl: '1m' } }, ({ apiVersion }) => ({ apiVersion })) },
    versions: supported,
  })
  const ask = async (version: string) => (await app.send('GET', '/x', { headers: { 'x-api-version': version } })).json()['apiVersion']
  expect([await ask('1'), await ask('2'), await ask('1'), await ask('2')]).toEqual(['1', '2', '1', '2'])
})

test('the client of the testing kit knows the prefix and the version', async () => {
  await using app = await testApp(createApp({ name: 'x', routes, versions: supported }), { env: inPath, directory: folder })
  expect((await app.client.shared()).body).toEqual({ apiVersion: '1' })
  expect((await app.client.v2.show({ params: { id: '7' } })).body).toEqual({ car: '7', apiVersion: '2' })
})

describe('what is refused at boot', () => {
  const boot = (definition: Partial<AppDefinition> & { routes?: RouteTree }, env: Record<string, string> = {}) =>
    createApp({ name: 'x', routes: {}, ...definition })
      .with({ environment: 'test', env, directory: folder, logDestination: createMemoryDestination() })
      .routes()

  const versions: [string, unknown][] = [
    ['no versions', { supported: [] }],
    ['a name that is none', { supported: ['1 2'] }],
    ['one twice', { supported: ['1', '1'] }],
    ['a default that is not supported', { supported: ['1'], default: '2' }],
    ['a deprecated one that is not supported', { supported: ['1'], deprecated: { '0': { since: '2026-01-01' } } }],
    ['a header that is none', { supported: ['1'], header: 'a b' }],
    ['a media type that is none', { supported: ['1'], mediaType: 'a/b' }],
  ]
  test.each(versions)('%s: API_VERSIONS_INVALID', (_, value) => {
    expect(() => boot({ versions: value as ApiVersions })).toThrow(expect.objectContaining({ code: 'API_VERSIONS_INVALID' }))
  })

  test('a route of a version that there is not: ROUTE_VERSION_UNKNOWN', () => {
    const tree = { x: route.get('/x', { version: '3' }, () => 1) }
    for (const more of [{}, { versions: supported }])
      expect(() => boot({ routes: tree, ...more })).toThrow(expect.objectContaining({ code: 'ROUTE_VERSION_UNKNOWN' }))
  })

  const deprecations: [string, object][] = [
    ['no date', {}],
    ['a date that is none', { since: 'soon' }],
    ['a sunset before it', { since: '2026-11-26', sunset: '2026-11-25' }],
    ['a link that is none', { since: '2026-11-26', link: 'a> b' }],
    ['an unknown member', { since: '2026-11-26', until: '2027-01-01' }],
  ]
  test.each(deprecations)('a deprecation with %s: DEPRECATION_INVALID', (_, deprecation) => {
    expect(() => boot({ routes: { x: route.get('/x', { deprecation: deprecation as { since: string } }, () => 1) } })).toThrow(
      expect.objectContaining({ code: 'DEPRECATION_INVALID' }),
    )
  })

  test.each(['{', '{}', '{"versions":{"1":{}}}', '{"versions":{"1":{"deprecated":{"since":"soon"}}}}'])(
    'a file of versions that is %s: API_VERSIONS_FILE_INVALID',
    (text) => {
      const file = join(folder, 'broken.json')
      writeFileSync(file, text)
      expect(() => boot({ versions: supported }, { API_VERSIONS_FILE: file })).toThrow(expect.objectContaining({ code: 'API_VERSIONS_FILE_INVALID' }))
    },
  )
})
