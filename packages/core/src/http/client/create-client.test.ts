import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { route } from '../context/route.ts'
import { createClient, type ClientOptions } from './create-client.ts'

const answer = () => 'unused'
const item = z.object({ id: z.string() })
const routes = {
  cars: {
    list: route.get('/cars', answer),
    show: route.get('/cars/:id', { params: item }, answer),
    create: route.post('/cars', { body: z.unknown() }, answer),
    put: route.put('/cars/:id', { params: item, body: z.unknown() }, answer),
    file: route.get('/files/*path', answer),
    part: route.get('/cars/:id/:part?', answer),
  },
}

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server that answers in turn with these, the last one again and again; and a client for it. */
async function serve(answers: readonly ((seen: Seen, res: ServerResponse) => void)[], options: ClientOptions = {}) {
  const seen: Seen[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      seen.push({ method: req.method ?? '', url: req.url ?? '', headers: req.headers, body: Buffer.concat(chunks).toString() })
      const respond = answers[Math.min(seen.length, answers.length) - 1]
      respond?.(seen.at(-1) as Seen, res)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { seen, url, api: createClient<typeof routes>(url, { routes, ...options }) }
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (_: Seen, res: ServerResponse) =>
    void res.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'r-1', ...headers }).end(JSON.stringify(body))
const cut = (_: Seen, res: ServerResponse) => void res.destroy()
const hang = () => {}

describe('a call', () => {
  test('fills the path, encodes query and body, and sends headers, cookies and token', async () => {
    const { api, seen } = await serve([json(200, {})], { token: async () => 'secret', headers: { 'x-app': 'test' } })
    await api.cars.show({ params: { id: 'a/b c?ü' }, headers: { 'accept-language': 'de' }, cookies: { session: 'x y' } })
    await api.cars.list({ query: { make: ['Volvo', 'Saab & Co'], none: undefined, page: 2 } })
    await api.cars.create({ body: { at: new Date(0), list: [1] } })
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /cars/a%2Fb%20c%3F%C3%BC',
      'GET /cars?make=Volvo&make=Saab+%26+Co&page=2',
      'POST /cars',
    ])
    expect(seen[0]?.headers).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer secret',
      'x-app': 'test',
      'accept-language': 'de',
      cookie: 'session=x%20y',
    })
    expect(seen[2]).toMatchObject({ body: '{"at":"1970-01-01T00:00:00.000Z","list":[1]}', headers: { 'content-type': 'application/json' } })
  })

  test('leaves out optional segments, and keeps the slashes of wildcards', async () => {
    const { api, seen } = await serve([json(200, {})])
    await api.cars.part({ params: { id: '1' } })
    await api.cars.part({ params: { id: '1', part: 'x' } })
    await api.cars.file({ params: { path: 'a/b c.txt' } })
    expect(seen.map(({ url }) => url)).toEqual(['/cars/1', '/cars/1/x', '/files/a/b%20c.txt'])
  })

  test('sends files as a form', async () => {
    const { api, seen } = await serve([json(200, {})])
    await api.cars.create({ body: { photo: new Blob(['PNG'], { type: 'image/png' }), title: 'T', tags: ['a', 'b'] } })
    expect(seen[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(seen[0]?.body).toMatch(/name="photo"[\s\S]*PNG[\s\S]*name="title"[\s\S]*T[\s\S]*name="tags"[\s\S]*a[\s\S]*name="tags"[\s\S]*b/)
    await api.cars.create({ body: new Uint8Array([65, 66]) })
    expect(seen[1]).toMatchObject({ body: 'AB', headers: { 'content-type': 'application/octet-stream' } })
  })

  test.each(['', '.', '..', '\ud800'])('never leads to another resource: the parameter %j is CLIENT_INPUT_INVALID', async (id) => {
    const { api, seen } = await serve([json(200, {})])
    expect(await api.cars.show({ params: { id } })).toMatchObject({ ok: false, status: 0, error: { code: 'CLIENT_INPUT_INVALID' } })
    expect(await api.cars.file({ params: { path: `a/${id}/b` } })).toMatchObject({ error: { code: 'CLIENT_INPUT_INVALID' } })
    expect(seen).toEqual([])
  })

  test('without a parameter, or with a header that cannot be, is CLIENT_INPUT_INVALID', async () => {
    const { api } = await serve([json(200, {})])
    expect(await api.cars.show({ params: {} as { id: string } })).toMatchObject({
      error: { code: 'CLIENT_INPUT_INVALID', detail: 'The parameter id of /cars/:id is missing.' },
    })
    expect(await api.cars.list({ headers: { 'x-a': 'b\r\nc: d' } })).toMatchObject({ error: { code: 'CLIENT_INPUT_INVALID' } })
  })
})

describe('the result', () => {
  test('of a success has body, status, headers and request id', async () => {
    const { api } = await serve([json(201, { id: 1 }, { location: '/cars/1' })])
    const result = await api.cars.create({ body: {} })
    expect(result).toMatchObject({ ok: true, status: 201, body: { id: 1 }, requestId: 'r-1' })
    expect(result.headers.get('location')).toBe('/cars/1')
  })

  test('of a failure is the problem document', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: 'Sold.',
      code: 'SOLD',
      requestId: 'r-1',
      errors: [{ path: ['body'], code: 'x', message: 'm' }],
    }
    const { api } = await serve([json(409, problem, { 'content-type': 'application/problem+json' })])
    expect(await api.cars.create({ body: {} })).toMatchObject({ ok: false, status: 409, error: problem, requestId: 'r-1' })
  })

  test('of a failure in the older envelope is a problem as well', async () => {
    const { api } = await serve([
      json(422, { success: false, message: 'No.', error: { code: 'VALIDATION_FAILED', message: 'No.', details: [], request_id: 'r-1' } }),
    ])
    expect(await api.cars.create({ body: {} })).toMatchObject({
      ok: false,
      error: { code: 'VALIDATION_FAILED', detail: 'No.', status: 422, errors: [], requestId: 'r-1' },
    })
  })

  test.each([
    [502, '<html>', 'text/html', 'HTTP_ERROR'],
    [404, '{"no":"code"}', 'application/json', 'HTTP_ERROR'],
    [200, '{"cut":', 'application/json', 'INVALID_ANSWER'],
  ])('of an answer that is no API answer (%i %s) is still a typed failure', async (status, body, type, code) => {
    const { api } = await serve([(_, res) => void res.writeHead(status, { 'content-type': type }).end(body)], { retries: 0 })
    expect(await api.cars.list()).toMatchObject({ ok: false, status, error: { code, status } })
  })

  test('has text as text, bytes as a Blob, and nothing as undefined', async () => {
    const { api } = await serve([
      (_, res) => void res.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' }).end('a;b'),
      (_, res) => void res.writeHead(200, { 'content-type': 'image/png' }).end('PNG'),
      (_, res) => void res.writeHead(204).end(),
    ])
    expect(await api.cars.list()).toMatchObject({ ok: true, body: 'a;b' })
    const picture = await api.cars.list()
    expect(picture.ok && (await (picture.body as unknown as Blob).text())).toBe('PNG')
    expect(await api.cars.list()).toMatchObject({ ok: true, status: 204, body: undefined })
  })

  test('of a network that fails is NETWORK_ERROR', async () => {
    const { api, seen } = await serve([cut], { retries: 0 })
    expect(await api.cars.list()).toMatchObject({ ok: false, status: 0, error: { code: 'NETWORK_ERROR', status: 0 }, requestId: undefined })
    expect(seen).toHaveLength(1)
  })

  test('of a call that takes too long is TIMEOUT, of one that is aborted ABORTED', async () => {
    const { api } = await serve([hang])
    expect(await api.cars.list({ timeout: 30 })).toMatchObject({ ok: false, status: 0, error: { code: 'TIMEOUT' } })
    const aborter = new AbortController()
    const pending = api.cars.list({ signal: aborter.signal })
    aborter.abort()
    expect(await pending).toMatchObject({ ok: false, error: { code: 'ABORTED' } })
    expect(await api.cars.list({ signal: AbortSignal.abort() })).toMatchObject({ error: { code: 'ABORTED' } })
  })

  test('of a token that cannot be had is CLIENT_TOKEN_UNAVAILABLE', async () => {
    const { api } = await serve([json(200, {})], { token: () => Promise.reject(new TypeError('locked')) })
    expect(await api.cars.list()).toMatchObject({ error: { code: 'CLIENT_TOKEN_UNAVAILABLE', detail: 'There is no token: locked' } })
  })

  test('an awaited client or group is itself, not a promise', async () => {
    const { api } = await serve([json(200, {})])
    expect(await api).toBe(api)
    expect(await api.cars).toBe(api.cars)
  })
})

describe('retries', () => {
  const now = { 'retry-after': '0' }

  test.each([
    ['a network that fails', cut],
    ['502', json(502, {}, now)],
    ['503', json(503, {}, now)],
    ['504', json(504, {}, now)],
    ['429', json(429, {}, now)],
  ])('repeat what changes nothing after %s', async (_, first) => {
    const { api, seen } = await serve([first, json(200, { id: 1 })])
    expect(await api.cars.list()).toMatchObject({ ok: true, body: { id: 1 } })
    expect(await api.cars.put({ params: { id: '1' }, body: {} })).toMatchObject({ ok: true })
    expect(seen).toHaveLength(3)
  })

  test('end after as many tries as asked for, with the last answer', async () => {
    const { api, seen } = await serve([json(503, { code: 'BUSY' }, now)], { retries: { attempts: 3 } })
    expect(await api.cars.list()).toMatchObject({ ok: false, status: 503, error: { code: 'BUSY' } })
    expect(seen).toHaveLength(4)
  })

  test.each([
    ['POST after 503', json(503, {}, now), {}, 1],
    ['POST after a network that fails', cut, {}, 1],
    ['POST after 429', json(429, {}, now), {}, 2],
    ['POST with an Idempotency-Key', json(503, {}, now), { 'idempotency-key': 'k' }, 2],
    ['after 500', json(500, {}, now), { 'idempotency-key': 'k' }, 1],
    ['when the server asks for too long a wait', json(429, {}, { 'retry-after': '3600' }), {}, 1],
    ['when the server asks to come back by a date', json(429, {}, { 'retry-after': new Date(0).toUTCString() }), {}, 2],
  ])('%s', async (_, first, headers, tries) => {
    const { api, seen } = await serve([first, json(200, {})])
    await api.cars.create({ body: {}, headers })
    expect(seen).toHaveLength(tries)
  })

  test('end with the time of the call', async () => {
    const { api, seen } = await serve([json(503, {}, { 'retry-after': '5' })])
    expect(await api.cars.list({ timeout: 50 })).toMatchObject({ error: { code: 'TIMEOUT' } })
    expect(seen).toHaveLength(1)
  })
})

describe('events', () => {
  test('arrive one by one, and leaving the loop ends the request', async () => {
    let closed = false
    const { api } = await serve(
      [
        (_, res) => {
          res.writeHead(200, { 'content-type': 'text/event-stream' })
          res.write(': hi\n\nid: 1\nevent: sold\ndata: {"a":\ndata: 1}\n\nda')
          res.write('ta: ü\r\n\r\ndata\n\nretry: 5\n\n')
          res.on('close', () => (closed = true))
        },
      ],
      { timeout: 200 },
    )
    const result = await api.cars.list()
    const seen: unknown[] = []
    if (result.ok) {
      for await (const event of result.body as unknown as AsyncIterable<unknown>) if (seen.push(event) === 3) break
    }
    expect(seen).toEqual([
      { event: 'sold', data: '{"a":\n1}', id: '1' },
      { event: 'message', data: 'ü', id: '1' },
      { event: 'message', data: '', id: '1' },
    ])
    await expect.poll(() => closed).toBe(true)
  })
})

describe('operations', () => {
  const document = {
    paths: {
      '/cars/{id}': { get: { operationId: 'cars.show' } },
      '/cars/{slug}#2': { get: { operationId: 'cars.bySlug' } },
      '/cars/{id}/{part}': { get: { operationId: 'cars.part', 'x-glueful-path': '/cars/:id/:part?' } },
      '@evil.test/': { get: { operationId: 'cars.list' } },
    },
  }

  test('are found in the OpenAPI document of the API, which is read once', async () => {
    const { api, seen } = await serve([(_, res) => json(200, document)(_, res), json(200, {})], { routes: undefined, token: 't' } as unknown as ClientOptions)
    await Promise.all([api.cars.show({ params: { id: '1' } }), api.cars.part({ params: { id: '2' } })])
    expect(seen.map(({ url }) => url).sort()).toEqual(['/cars/1', '/cars/2', '/openapi.json'])
    expect(seen.find(({ url }) => url === '/openapi.json')?.headers.authorization).toBe('Bearer t')
  })

  test('that are not there are CLIENT_UNKNOWN_OPERATION, with the closest name', async () => {
    const { api } = await serve([json(200, {})])
    const loose = api as unknown as Record<string, Record<string, () => Promise<unknown>>>
    expect(await loose['cars']?.['shwo']?.()).toMatchObject({
      ok: false,
      status: 0,
      error: { code: 'CLIENT_UNKNOWN_OPERATION', detail: "The API has no operation 'cars.shwo'. Did you mean 'cars.show'?" },
    })
    expect(await (loose['constructor'] as unknown as () => Promise<unknown>)()).toMatchObject({ error: { code: 'CLIENT_UNKNOWN_OPERATION' } })
  })

  test('whose path would change the host are not there', async () => {
    const { api } = await serve([json(200, document)], { routes: undefined } as unknown as ClientOptions)
    expect(await api.cars.list()).toMatchObject({ error: { code: 'CLIENT_UNKNOWN_OPERATION' } })
  })

  test('of an API without a document are CLIENT_MANIFEST_UNAVAILABLE, and are looked for again', async () => {
    const { api } = await serve([json(404, {}), json(200, document), json(200, {})], { routes: undefined } as unknown as ClientOptions)
    expect(await api.cars.show({ params: { id: '1' } })).toMatchObject({
      ok: false,
      error: { code: 'CLIENT_MANIFEST_UNAVAILABLE', detail: expect.stringContaining('routeManifest') as string },
    })
    expect(await api.cars.show({ params: { id: '1' } })).toMatchObject({ ok: true })
  })

  test('one aborted call does not take the document from the others', async () => {
    const { api } = await serve([(_, res) => void setImmediate(() => json(200, document)(_, res)), json(200, {})], {
      routes: undefined,
    } as unknown as ClientOptions)
    const aborter = new AbortController()
    const [first, second] = [api.cars.show({ params: { id: '1' }, signal: aborter.signal }), api.cars.show({ params: { id: '2' } })]
    aborter.abort()
    expect(await first).toMatchObject({ error: { code: 'ABORTED' } })
    expect(await second).toMatchObject({ ok: true })
  })
})
