import { createApp, group, route } from 'glueful'
import { describe, expect, test } from 'vitest'
import { doorNames, openDoor, type DoorName } from './doors.ts'

const ok = route.get('/ok', ({ requestId, ip, protocol, host }) => ({ requestId, ip, protocol, host }))

describe.each(doorNames)('the edge through the %s door', (name) => {
  test('every answer carries the security headers, errors too', async () => {
    await using door = await openDoor(name, { routes: { ok } })
    for (const path of ['/ok', '/missing']) {
      const { headers } = await door.send('GET', path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.has('x-powered-by')).toBe(false)
      expect(headers.has('server')).toBe(false)
      expect(headers.has('strict-transport-security')).toBe(false)
    }
  })

  test('single headers are replaced or left out, and HSTS comes over HTTPS only', async () => {
    const securityHeaders = { frameOptions: 'SAMEORIGIN', referrerPolicy: false } as const
    await using door = await openDoor(name, { routes: { ok }, defaults: { securityHeaders }, server: { trustProxy: 1 } })
    const { headers } = await door.send('GET', '/ok', { headers: { 'x-forwarded-proto': 'https' } })
    expect([headers.get('x-frame-options'), headers.get('referrer-policy')]).toEqual(['SAMEORIGIN', null])
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  })

  test('a well-formed request id is taken over, echoed and logged', async () => {
    await using door = await openDoor(name, { routes: { ok } })
    const answer = await door.send('GET', '/ok', { headers: { 'x-request-id': 'client-id.42' } })
    expect(answer.headers.get('x-request-id')).toBe('client-id.42')
    expect(answer.json()['requestId']).toBe('client-id.42')
    expect(door.logs.join('')).toContain('"requestId":"client-id.42"')
  })

  test.each(['short', 'x'.repeat(129), 'with space in it', 'quote"quote"', 'ünïcödé-id'])('the request id %j is replaced', async (id) => {
    await using door = await openDoor(name, { routes: { ok } })
    const answer = await door.send('GET', '/ok', { headers: { 'x-request-id': Buffer.from(id).toString('latin1') } })
    expect(answer.headers.get('x-request-id')).not.toBe(id)
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/)
  })

  test('a thousand requests have a thousand ids', async () => {
    await using door = await openDoor('fetch', { routes: { ok } })
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => door.send('GET', '/ok')))
    expect(new Set(answers.map((answer) => answer.headers.get('x-request-id'))).size).toBe(1_000)
  })

  describe('CORS', () => {
    const cors = { origins: ['https://shop.example.com', 'https://*.example.org'], credentials: true }
    const ask = async (origin: string | undefined, method = 'GET', extra: Record<string, string> = {}) => {
      await using door = await openDoor(name, { routes: { ok, post: route.post('/ok', () => 1) }, defaults: { cors } })
      return await door.send(method, '/ok', { headers: { ...(origin === undefined ? {} : { origin }), ...extra } })
    }

    test.each(['https://shop.example.com', 'https://a.example.org'])('%s may read the answer', async (origin) => {
      const { headers } = await ask(origin)
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('access-control-allow-credentials')).toBe('true')
      expect(headers.get('access-control-expose-headers')).toContain('x-request-id')
      expect(headers.get('vary')).toBe('origin')
    })

    test.each([
      undefined,
      'null',
      'https://evil.com',
      'http://shop.example.com',
      'https://shop.example.com.evil.com',
      'https://a.b.example.org',
      'https://example.org',
    ])('%s may not', async (origin) => {
      const { headers } = await ask(origin)
      expect(headers.has('access-control-allow-origin')).toBe(false)
      expect(headers.get('vary')).toBe('origin')
    })

    test('a preflight is answered by the rules of the route that it asks about', async () => {
      const answer = await ask('https://shop.example.com', 'OPTIONS', { 'access-control-request-method': 'POST' })
      expect([answer.status, answer.text]).toEqual([204, ''])
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example.com')
      expect(answer.headers.get('access-control-allow-methods')).toBe('POST')
      expect(answer.headers.get('access-control-allow-headers')).toContain('authorization')
      expect(answer.headers.get('access-control-max-age')).toBe('600')
      const refused = await ask('https://evil.com', 'OPTIONS', { 'access-control-request-method': 'POST' })
      expect(refused.headers.has('access-control-allow-origin')).toBe(false)
    })

    test('without origins there is none, whatever the environment', async () => {
      for (const environment of ['development', 'production'] as const) {
        await using door = await openDoor(name, { routes: { ok } }, { environment })
        expect((await door.send('GET', '/ok', { headers: { origin: 'http://localhost:5173' } })).headers.has('access-control-allow-origin')).toBe(false)
      }
    })

    test('the environment can name the origins', async () => {
      await using door = await openDoor(name, { routes: { ok } }, { env: { CORS_ALLOW_ORIGINS: 'https://a.com, https://b.com' } })
      expect((await door.send('GET', '/ok', { headers: { origin: 'https://b.com' } })).headers.get('access-control-allow-origin')).toBe('https://b.com')
    })
  })

  test('forwarded headers of strangers are never used', async () => {
    await using door = await openDoor(name, { routes: { ok } })
    const headers = { 'x-forwarded-for': '10.0.0.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.test', forwarded: 'for=10.0.0.1' }
    expect((await door.send('GET', '/ok', { headers })).json()).toMatchObject({ ip: '127.0.0.1', protocol: 'http' })
  })

  test('ipAllow lets in who is on the list', async () => {
    const routes = {
      all: group({ prefix: '/in', ipAllow: ['127.0.0.0/8'] }, { ok }),
      none: group({ prefix: '/nobody', ipAllow: [] }, { ok }),
      other: group({ prefix: '/other', ipAllow: ['10.0.0.0/8', '::1'] }, { ok, open: route.get('/open', { ipAllow: false }, () => 1) }),
    }
    await using door = await openDoor(name, { routes })
    const status = async (path: string) => (await door.send('GET', path)).status
    expect([await status('/in/ok'), await status('/nobody/ok'), await status('/other/ok'), await status('/other/open')]).toEqual([200, 403, 403, 200])
    expect((await door.send('GET', '/other/ok')).json()['code']).toBe('ADDRESS_NOT_ALLOWED')
  })

  test('hosts that are not allowed are answered with HOST_NOT_ALLOWED, probes whatever they say', async () => {
    await using door = await openDoor(name, { routes: { ok } }, { env: { ALLOWED_HOSTS: 'api.example.com,*.example.org' } })
    const ask = async (host: string, path = '/ok') => (await door.send('GET', path, { headers: { host } })).status
    if (name === 'socket') {
      expect(await ask('api.example.com:8080')).toBe(200)
      expect(await ask('a.example.org')).toBe(200)
      expect(await ask('example.org')).toBe(421)
      expect((await door.send('GET', '/ok', { headers: { host: 'evil.test' } })).json()['code']).toBe('HOST_NOT_ALLOWED')
    }
    expect(await ask('10.0.0.7', '/health/live')).toBe(200)
  })

  test('where HTTPS is forced browsers are redirected from plain HTTP, and programs refused', async () => {
    const item = route.get('/items/:id', ({ params }) => params.id)
    await using door = await openDoor(name, { routes: { ok, item } }, { env: { FORCE_HTTPS: 'true', TRUST_PROXY: '1' } })
    const page = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }
    const answer = await door.send('GET', '/ok?a=1', { headers: page })
    expect(answer.status).toBe(308)
    expect(answer.headers.get('location')).toMatch(/^https:\/\/[^/]+\/ok\?a=1$/)
    for (const path of ['/items/a%2Fb%20%25', '/no%20where/a%2Fb%3F'])
      expect((await door.send('GET', `${path}?q=%2F`, { headers: page })).headers.get('location')).toMatch(
        new RegExp(`^https://[^/]+${path.replace('?', '\\?')}\\?q=%2F$`),
      )
    const refused = [
      await door.send('GET', '/ok'),
      await door.send('GET', '/ok', { headers: { accept: 'application/json' } }),
      await door.send('GET', '/ok', { headers: { ...page, authorization: 'Bearer x' } }),
      await door.send('POST', '/ok', { headers: page, body: '' }),
    ]
    for (const { status, text } of refused) expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([403, 'HTTPS_REQUIRED'])
    expect((await door.send('GET', '/health/live')).status).toBe(200)
    expect((await door.send('GET', '/ok', { headers: { 'x-forwarded-proto': 'https' } })).status).toBe(200)
  })

  test('a handler that outlives its time is answered with GATEWAY_TIMEOUT and told', async () => {
    const aborted = Promise.withResolvers<unknown>()
    const slow = route.get('/slow', { timeout: '20ms' }, ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve((signal.reason as { code: string }).code))
      return new Promise(() => {})
    })
    await using door = await openDoor(name, { routes: { slow } })
    const answer = await door.send('GET', '/slow')
    expect([answer.status, answer.json()['code']]).toEqual([504, 'GATEWAY_TIMEOUT'])
    expect(await aborted.promise).toBe('GATEWAY_TIMEOUT')
  })
})

describe('what is unsafe or senseless refuses to start', () => {
  const start = (defaults: object, name: DoorName = 'socket') => openDoor(name, { routes: { ok }, defaults })
  test.each([
    [{ cors: { origins: ['*'], credentials: true } }, 'CORS_ANY_ORIGIN_WITH_CREDENTIALS'],
    [{ cors: { origins: ['shop.example.com'] } }, 'CORS_ORIGIN_INVALID'],
    [{ cors: { origins: ['https://shop.example.com/'] } }, 'CORS_ORIGIN_INVALID'],
    [{ cors: { origins: ['https://*.com'] } }, 'CORS_ORIGIN_INVALID'],
    [{ hosts: ['https://api.example.com'] }, 'HOST_INVALID'],
    [{ ipAllow: ['10.0.0.0/40'] }, 'INVALID_ADDRESS'],
    [{ securityHeaders: { referrerPolicy: 'a\r\nb' } }, 'INVALID_HEADER_VALUE'],
    [{ timeot: '5s' }, 'UNKNOWN_ROUTE_OPTION'],
    [{ strict: 'loudly' }, 'INVALID_STRICT'],
  ])('%j with %s', async (defaults, code) => {
    await expect(start(defaults)).rejects.toMatchObject({ code })
  })

  test('an unknown option is named with the one that was probably meant', async () => {
    await expect(start({ timeot: '5s' })).rejects.toThrow("Did you mean 'timeout'?")
  })

  test('a proxy count out of range, an unknown environment', async () => {
    await expect(openDoor('fetch', { routes: { ok }, server: { trustProxy: 99 } }).then((door) => door.send('GET', '/ok'))).rejects.toMatchObject({
      code: 'INVALID_TRUST_PROXY',
    })
    expect(() =>
      createApp({ name: 'x', routes: {} })
        .with({ env: { APP_ENV: 'prod' } })
        .routes(),
    ).toThrow(expect.objectContaining({ code: 'ENVIRONMENT_UNKNOWN' }))
  })
})
