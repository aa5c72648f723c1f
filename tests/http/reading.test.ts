import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { group, route, stream } from 'glueful'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { doorNames, openDoor, sendRaw } from './doors.ts'

const echo = route.post('/echo', { body: z.unknown() }, ({ body }) => ({ body }))
const json = { 'content-type': 'application/json' }

describe.each(doorNames)('a body through the %s door', (name) => {
  test('JSON comes through as it is', async () => {
    await using door = await openDoor(name, { routes: { echo } })
    const value = { text: 'ä€😀 "quoted"', list: [1, -2.5, true, null], deep: { a: { b: {} } } }
    const answer = await door.send('POST', '/echo', { headers: json, body: JSON.stringify(value) })
    expect(answer.json()).toEqual({ body: value })
  })

  test.each([
    ['an unclosed object', '{"a":1'],
    ['nothing', ''],
    ['a comment', '{"a":1}//'],
    ['a single quote', "{'a':1}"],
    ['NaN', '{"a":NaN}'],
    ['a trailing comma', '[1,]'],
    ['a byte order mark', '\uFEFF{}'],
    ['a number out of range', '{"a":1e999}'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['an escaped __proto__', '{"a":[{"\\u005f_proto__":{}}]}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"x":1}}}'],
    ['65 levels', '['.repeat(65) + ']'.repeat(65)],
  ])('JSON with %s is refused with INVALID_JSON', async (_, body) => {
    await using door = await openDoor(name, { routes: { echo } })
    const answer = await door.send('POST', '/echo', { headers: json, body })
    expect([answer.status, answer.json()['code']]).toEqual([400, 'INVALID_JSON'])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('invalid UTF-8 is refused', async () => {
    await using door = await openDoor(name, { routes: { echo } })
    const answer = await door.send('POST', '/echo', { headers: json, body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) })
    expect([answer.status, answer.json()['code']]).toEqual([400, 'INVALID_JSON'])
  })

  test('64 levels and a harmless key that mentions a prototype are accepted', async () => {
    await using door = await openDoor(name, { routes: { echo } })
    const deep = '['.repeat(64) + ']'.repeat(64)
    expect((await door.send('POST', '/echo', { headers: json, body: deep })).status).toBe(200)
    expect((await door.send('POST', '/echo', { headers: json, body: '{"a":"__proto__","constructor":"Lego"}' })).status).toBe(200)
  })

  test.each(['text/plain', 'application/jsonx', 'application/json, text/html', 'json', 'application/json; charset=latin1', 'application/xml', undefined])(
    'a content type of %s is refused with UNSUPPORTED_MEDIA_TYPE and never guessed',
    async (type) => {
      await using door = await openDoor(name, { routes: { echo } })
      const answer = await door.send('POST', '/echo', { headers: type === undefined ? {} : { 'content-type': type }, body: Buffer.from('{"a":1}') })
      expect([answer.status, answer.json()['code']]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
      expect(answer.headers.get('accept')).toBe('application/json')
    },
  )

  test.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'application/merge-patch+json', 'APPLICATION/JSON'])(
    '%s is JSON',
    async (type) => {
      await using door = await openDoor(name, { routes: { echo } })
      expect((await door.send('POST', '/echo', { headers: { 'content-type': type }, body: '{}' })).status).toBe(200)
    },
  )

  test('a body over the limit is refused with BODY_TOO_LARGE, one at the limit is read', async () => {
    await using door = await openDoor(name, { routes: { echo: route.post('/echo', { body: z.unknown(), bodyLimit: 64 }, () => 'ok') } })
    const fits = `"${'x'.repeat(62)}"`
    expect((await door.send('POST', '/echo', { headers: json, body: fits })).status).toBe(200)
    const answer = await door.send('POST', '/echo', { headers: json, body: `${fits} ` })
    expect([answer.status, answer.json()['code']]).toEqual([413, 'BODY_TOO_LARGE'])
  })

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('%s is decompressed, within the limit', async (encoding, compress) => {
    await using door = await openDoor(name, { routes: { echo: route.post('/echo', { body: z.array(z.number()), bodyLimit: '10kb' }, ({ body }) => body) } })
    const headers = { ...json, 'content-encoding': encoding }
    expect((await door.send('POST', '/echo', { headers, body: compress('[1,2,3]') })).json()).toEqual([1, 2, 3])
    const bomb = await door.send('POST', '/echo', { headers, body: compress(`[${'1,'.repeat(50_000)}1]`) })
    expect([bomb.status, bomb.json()['code']]).toEqual([413, 'BODY_TOO_LARGE'])
    const cut = await door.send('POST', '/echo', { headers, body: compress('[1,2,3]').subarray(0, -3) })
    expect([cut.status, cut.json()['code']]).toEqual([400, 'BODY_MALFORMED'])
  })

  test('a content coding that is not supported is refused with CONTENT_ENCODING_UNSUPPORTED', async () => {
    await using door = await openDoor(name, { routes: { echo } })
    const answer = await door.send('POST', '/echo', { headers: { ...json, 'content-encoding': 'gzip, gzip' }, body: '{}' })
    expect([answer.status, answer.json()['code']]).toEqual([415, 'CONTENT_ENCODING_UNSUPPORTED'])
  })

  test('a form is read with repeated fields as arrays', async () => {
    const form = route.post('/form', { accepts: ['form'], body: z.record(z.string(), z.unknown()) }, ({ body }) => body)
    await using door = await openDoor(name, { routes: { form } })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await door.send('POST', '/form', { headers, body: 'a=1&b=x+y&a=2&c=%E2%82%AC&__proto__=x' })).json()).toEqual({ a: ['1', '2'], b: 'x y', c: '€' })
    const broken = await door.send('POST', '/form', { headers, body: 'a=%ZZ' })
    expect([broken.status, broken.json()['code']]).toEqual([400, 'INVALID_FORM'])
  })

  test('what came once is a list of one where the schema takes a list', async () => {
    const fields = z.object({ tags: z.array(z.string()).default([]), years: z.array(z.coerce.number()).optional(), make: z.string().optional() })
    const routes = {
      query: route.get('/query', { query: fields, strict: 'reject' }, ({ query }) => query),
      form: route.post('/form', { accepts: ['form', 'json'], body: fields }, ({ body }) => body),
    }
    await using door = await openDoor(name, { routes })
    const ask = async (query: string) => (await door.send('GET', `/query${query}`)).json()
    expect(await ask('?tags=a&years=2020')).toEqual({ tags: ['a'], years: [2020] })
    expect(await ask('?tags=a&tags=b&make=Volvo')).toEqual({ tags: ['a', 'b'], make: 'Volvo' })
    expect(await ask('')).toEqual({ tags: [] })
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'tags=a&make=Volvo' }
    expect((await door.send('POST', '/form', form)).json()).toEqual({ tags: ['a'], make: 'Volvo' })
    // JSON has lists of its own.
    expect((await door.send('POST', '/form', { headers: json, body: '{"tags":"a"}' })).status).toBe(422)
  })

  test('a query is read to its end', async () => {
    await using door = await openDoor(name, { routes: { count: route.get('/count', ({ query }) => Object.keys(query as object).length) } })
    const search = Array.from({ length: 2_000 }, (_, index) => `${index.toString(36)}=1`).join('&')
    expect((await door.send('GET', `/count?${search}`)).json()).toBe(2_000)
  })

  test('a body that is optional may be missing, but not malformed', async () => {
    const publish = route.post('/publish', { body: z.object({ at: z.string() }).optional() }, ({ body }) => ({ at: body?.at ?? 'now' }))
    const search = route.post('/search', { body: z.object({ text: z.string().default('') }).prefault({}) }, ({ body }) => body)
    await using door = await openDoor(name, { routes: { publish, search, echo } })
    expect((await door.send('POST', '/publish')).json()).toEqual({ at: 'now' })
    expect((await door.send('POST', '/publish', { headers: json })).json()).toEqual({ at: 'now' })
    expect((await door.send('POST', '/publish', { headers: json, body: '' })).json()).toEqual({ at: 'now' })
    expect((await door.send('POST', '/publish', { headers: json, body: '{"at":"noon"}' })).json()).toEqual({ at: 'noon' })
    expect((await door.send('POST', '/search')).json()).toEqual({ text: '' })
    expect((await door.send('POST', '/publish', { headers: json, body: '{' })).status).toBe(400)
    expect((await door.send('POST', '/publish', { headers: json, body: '{}' })).status).toBe(422)
    expect((await door.send('POST', '/publish', { headers: { 'content-type': 'text/plain' }, body: 'noon' })).status).toBe(415)
    // Anything is not nothing.
    expect((await door.send('POST', '/echo')).status).toBe(415)
    const { paths } = door.app.openapi()
    expect([paths['/publish'], paths['/search'], paths['/echo']].map((path) => path?.['post']?.requestBody?.['required'])).toEqual([false, false, true])
  })

  test('text and raw bytes are read as such', async () => {
    const routes = {
      text: route.post('/text', { accepts: ['text'], body: z.string() }, ({ body }) => body),
      raw: route.post('/raw', { accepts: ['raw'], body: z.instanceof(Uint8Array) }, ({ body }) => body.byteLength),
    }
    await using door = await openDoor(name, { routes })
    expect((await door.send('POST', '/text', { headers: { 'content-type': 'text/plain' }, body: 'hé' })).json()).toBe('hé')
    const broken = await door.send('POST', '/text', { headers: { 'content-type': 'text/plain' }, body: Buffer.from([0xff]) })
    expect([broken.status, broken.json()['code']]).toEqual([400, 'BODY_MALFORMED'])
    expect((await door.send('POST', '/raw', { headers: { 'content-type': 'image/png' }, body: Buffer.from([1, 2, 3]) })).json()).toBe(3)
  })
})

describe('over a socket', () => {
  const head = (length: number | string, extra = '') =>
    `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${extra}`

  test('a declared length over the limit is refused before the body is sent', async () => {
    await using door = await openDoor('socket', { routes: { echo } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await sendRaw(port, `${head(2_000_000)}Expect: 100-continue\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).not.toContain('100 Continue')
  })

  test('Expect: 100-continue is answered when the body is wanted', async () => {
    await using door = await openDoor('socket', { routes: { echo } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await sendRaw(port, `${head(2)}Expect: 100-continue\r\nConnection: close\r\n\r\n`, '{}')
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  })

  test('a chunked body that outgrows the limit is refused while it comes', async () => {
    await using door = await openDoor('socket', { routes: { echo: route.post('/echo', { body: z.unknown(), bodyLimit: 100 }, () => 'ok') } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await sendRaw(
      port,
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      `100\r\n"${'x'.repeat(254)}"\r\n0\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  test.each([
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'HOST_MISSING'],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n', 400, 'HOST_MALFORMED'],
    ['the same Host twice', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400, 'HOST_MALFORMED'],
    ['a Host with a user name', 'GET / HTTP/1.1\r\nHost: good@evil.example\r\n\r\n', 400, 'HOST_MALFORMED'],
    ['a Host with a path', 'GET / HTTP/1.1\r\nHost: good/evil\r\n\r\n', 400, 'HOST_MALFORMED'],
    ['an address of which somebody is part', 'GET http://good@evil.example/ HTTP/1.1\r\nHost: good\r\n\r\n', 400, 'HOST_MALFORMED'],
    ['an expectation that there is not', 'GET /echo HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n', 417, 'EXPECTATION_FAILED'],
    ['no HTTP at all', 'HELLO\r\n\r\n', 400, 'MALFORMED_REQUEST'],
    ['two lengths', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400, 'MALFORMED_REQUEST'],
    ['a length and chunks', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400, 'MALFORMED_REQUEST'],
    ['too many bytes of headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
  ])('%s is answered with a problem', async (_, bytes, status, code) => {
    await using door = await openDoor('socket', { routes: { echo } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const pending = sendRaw(port, bytes)
    if (code.startsWith('HOST_')) setTimeout(() => void door.app.close(), 100)
    const answer = await pending
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toContain(`"code":"${code}"`)
  })

  test('the host of an address is the host, whatever the header says', async () => {
    await using door = await openDoor('socket', { routes: { host: route.get('/host', ({ host }) => ({ host })) } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await sendRaw(port, 'GET http://api.example.com:8080/host HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n')
    expect(answer).toContain('{"host":"api.example.com:8080"}')
  })

  test('clients that drip their head or their body are cut off', { timeout: 20_000 }, async () => {
    const limits = { headersTimeout: 200, requestTimeout: 400, checkInterval: 50 }
    await using door = await openDoor('socket', { routes: { echo }, server: { limits } })
    const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
    expect(await sendRaw(port, 'GET / HTTP/1.1\r\nHost:')).toMatch(/^HTTP\/1\.1 408 /)
    expect(await sendRaw(port, head(10), '\r\n{')).toMatch(/^HTTP\/1\.1 408 /)
  })
})

test.each([0, -1, Number.NaN, '10 bananas', '-5kb'])('a body limit of %j refuses to start with INVALID_BYTE_SIZE', async (bodyLimit) => {
  await expect(openDoor('socket', { routes: { echo: route.post('/echo', { bodyLimit: bodyLimit as never }, () => 1) } })).rejects.toMatchObject({
    code: 'INVALID_BYTE_SIZE',
  })
})

test('what is refused before it could be read is counted and logged, and is an envelope where errors are', async () => {
  await using door = await openDoor('socket', { routes: { echo }, errors: { format: 'envelope' } })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await sendRaw(port, `GET /echo HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)
  expect(answer).toContain('HTTP/1.1 431 ')
  const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as object
  expect(body).toMatchObject({ success: false, error: { code: 'HEADERS_TOO_LARGE' } })
  await sendRaw(port, 'HELLO\r\n\r\n')
  const { text } = await door.send('GET', '/metrics')
  expect(text).toContain('glueful_http_refused_requests_total{code="HEADERS_TOO_LARGE"} 1')
  expect(text).toContain('glueful_http_refused_requests_total{code="MALFORMED_REQUEST"} 1')
  const line = door.logs.map((one) => JSON.parse(one) as Record<string, unknown>).find(({ code }) => code === 'HEADERS_TOO_LARGE')
  expect(line).toMatchObject({ level: 30, status: 431, address: '127.0.0.1' })
})

test('a connection that was opened and never used is closed without an answer', async () => {
  await using door = await openDoor('socket', { routes: { echo }, server: { limits: { headersTimeout: 50, checkInterval: 20 } } })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  expect(await sendRaw(port)).toBe('')
  expect(await sendRaw(port, 'GET /echo HTTP/1.1\r\n')).toContain('HTTP/1.1 408 ')
  expect((await door.send('GET', '/metrics')).text).toContain('glueful_http_refused_requests_total{code="REQUEST_TIMEOUT"} 1')
})

test('a body that turns out malformed while the answer is sent cuts it, and adds nothing to it', async () => {
  const drip = route.post('/drip', () =>
    stream(
      (async function* () {
        yield 'first'
        await new Promise(() => {})
      })(),
    ),
  )
  await using door = await openDoor('socket', { routes: { drip } })
  const { port } = await door.app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => (received += chunk.toString()))
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write('POST /drip HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  await expect.poll(() => received).toContain('first')
  socket.write('no chunk\r\n')
  await closed
  expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1)
})

test('a GET with a body schema refuses to start with BODY_NOT_ALLOWED', async () => {
  await expect(openDoor('socket', { routes: { get: route.get('/x', { body: z.object({}) }, () => 1) } })).rejects.toMatchObject({ code: 'BODY_NOT_ALLOWED' })
})

test('an unknown kind of body refuses to start with ACCEPTS_INVALID', async () => {
  await expect(openDoor('socket', { routes: { x: route.post('/x', { accepts: ['yaml' as never] }, () => 1) } })).rejects.toMatchObject({
    code: 'ACCEPTS_INVALID',
  })
})

test('an invalid duration refuses to start with INVALID_DURATION', async () => {
  await expect(
    openDoor('socket', { routes: group({ timeout: 'soon' as never }, { x: route.get('/x', () => 1) }).routes, defaults: { timeout: 'soon' as never } }),
  ).rejects.toMatchObject({ code: 'INVALID_DURATION' })
})
