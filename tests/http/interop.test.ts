import compression from 'compression'
import cors from 'cors'
import { connect, mount, route, stream, web } from 'glueful'
import { H3 } from 'h3'
import helmet from 'helmet'
import { Hono } from 'hono'
import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { doorNames, openDoor } from './doors.ts'

describe.each(doorNames)('foreign code through the %s door', (name) => {
  test('a Hono application is served below a path', async () => {
    const hono = new Hono()
      .get('/', (c) => c.text('root'))
      .get('/hello/:name', (c) => c.json({ hello: c.req.param('name'), q: c.req.query('q') }))
      .post('/echo', async (c) => c.json(await c.req.json(), 201))
    await using door = await openDoor(name, { routes: { legacy: mount('/legacy', hono) } })
    expect((await door.send('GET', '/legacy')).text).toBe('root')
    expect((await door.send('GET', '/legacy/hello/w%C3%B6rld?q=1')).json()).toEqual({ hello: 'wörld', q: '1' })
    const echo = await door.send('POST', '/legacy/echo', { headers: { 'content-type': 'application/json' }, body: '{"a":1}' })
    expect([echo.status, echo.json()]).toEqual([201, { a: 1 }])
    expect((await door.send('GET', '/legacy/nothing')).status).toBe(404)
    expect((await door.send('GET', '/legacyx')).headers.get('content-type')).toBe('application/problem+json')
    expect((await door.send('GET', '/legacy')).headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('an h3 application is served below a path', async () => {
    const h3 = new H3().get('/hello/:name', (event) => ({ hello: event.context.params?.['name'] }))
    await using door = await openDoor(name, { routes: { other: mount('/other', (request) => h3.fetch(request)) } })
    expect((await door.send('GET', '/other/hello/you')).json()).toEqual({ hello: 'you' })
  })

  test('web-standard middleware sees the request and changes or gives the answer', async () => {
    const stamp = web(async function stamp(request, next) {
      if (new URL(request.url).searchParams.has('stop')) return new Response('stopped', { status: 403 })
      const response = await next()
      response.headers.set('x-stamp', request.method)
      return response
    })
    await using door = await openDoor(name, {
      routes: {
        x: route.get('/x', { use: [stamp] }, () => ({ a: 1 })),
        bad: route.get('/bad', { use: [stamp] }, () => {
          throw new Error('x')
        }),
      },
    })
    const answer = await door.send('GET', '/x')
    expect([answer.status, answer.json(), answer.headers.get('x-stamp')]).toEqual([200, { a: 1 }, 'GET'])
    expect((await door.send('GET', '/x?stop')).text).toBe('stopped')
    const bad = await door.send('GET', '/bad')
    expect([bad.status, bad.headers.get('x-stamp')]).toEqual([500, 'GET'])
  })

  test('helmet and cors set their headers, and cors answers preflights', async () => {
    const use = [connect(helmet()), connect(cors({ origin: 'https://a.com' }))]
    await using door = await openDoor(name, {
      routes: { x: route.get('/x', { use, securityHeaders: false }, () => ({ a: 1 })), o: route.options('/x', { use }, () => 1) },
    })
    const answer = await door.send('GET', '/x', { headers: { origin: 'https://a.com' } })
    expect(answer.json()).toEqual({ a: 1 })
    expect(answer.headers.get('strict-transport-security')).toContain('max-age')
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://a.com')
    const preflight = await door.send('OPTIONS', '/x', { headers: { origin: 'https://a.com', 'access-control-request-method': 'GET' } })
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'GET,HEAD,PUT,PATCH,POST,DELETE'])
  })

  test('a Connect middleware sees the URL as it was asked for, encoded once', async () => {
    const seen: (string | undefined)[] = []
    const spy = connect((req, _res, next) => {
      seen.push(req.url)
      next()
    })
    await using door = await openDoor('socket', { routes: { show: route.get('/items/:id', { use: [spy] }, ({ params }) => params.id) } })
    for (const id of ['a/b', 'a%2Fb', 'a%252Fb', '100%', 'a?b', 'a#b', 'ä b', 'a%b'])
      expect([(await door.send('GET', `/items/${encodeURIComponent(id)}?q=%2F`)).json(), seen.pop()]).toEqual([id, `/items/${encodeURIComponent(id)}?q=%2F`])
  })

  test('compression compresses', async () => {
    const long = 'cars '.repeat(1_000)
    await using door = await openDoor('socket', {
      routes: { x: route.get('/x', { use: [connect(compression({ threshold: 0 }) as never)] }, () => ({ long })) },
    })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const { request } = await import('node:http')
    const body = await new Promise<Buffer>((resolve) => {
      request({ port, host: '127.0.0.1', path: '/x', headers: { 'accept-encoding': 'gzip' }, agent: false }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)))
      }).end()
    })
    expect(body.length).toBeLessThan(500)
    expect(JSON.parse(gunzipSync(body).toString())).toEqual({ long })
  })

  test('compression of a long stream waits for its reader with one listener', { timeout: 20_000 }, async () => {
    const warnings: string[] = []
    const onWarning = (warning: Error) => void warnings.push(warning.message)
    process.on('warning', onWarning)
    const large = route.get('/large', { use: [connect(compression() as never)] }, () =>
      stream(
        (async function* () {
          for (let i = 0; i < 64; i++) yield randomBytes(65_536).toString('base64')
        })(),
        { type: 'text/plain' },
      ),
    )
    await using door = await openDoor(name, { routes: { large } })
    const answer = await door.send('GET', '/large', { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })

  test('a middleware that fails is an error of the route, and one that reads nothing leaves the body to it', async () => {
    const broken = connect((_req, _res, next) => next(new TypeError('middleware')))
    const passing = connect((_req, _res, next) => setImmediate(next))
    await using door = await openDoor(name, {
      routes: {
        bad: route.get('/bad', { use: [broken] }, () => 1),
        post: route.post('/post', { use: [passing], body: z.object({ a: z.number() }) }, ({ body }) => body),
      },
    })
    expect((await door.send('GET', '/bad')).status).toBe(500)
    expect((await door.send('POST', '/post', { headers: { 'content-type': 'application/json' }, body: '{"a":1}' })).json()).toEqual({ a: 1 })
  })
})

test('an application is itself a fetch handler that others mount', async () => {
  await using door = await openDoor('fetch', { routes: { x: route.get('/x', () => ({ a: 1 })) } })
  const outer = new Hono().mount('/inner', (request) => door.app.fetch(request))
  expect(await (await outer.request('/inner/x')).json()).toEqual({ a: 1 })
})
