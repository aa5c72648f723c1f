import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { createFakeHttp } from '../../testing/fake-http.ts'
import { createHttpClient, type HttpClientOptions, type OutgoingCall } from './http-client.ts'

const fake = createFakeHttp
const client = (http: ReturnType<typeof createFakeHttp>, options: Partial<HttpClientOptions> = {}) =>
  createHttpClient({ name: 'payments', baseUrl: 'https://pay.test/v1', fetch: http.fetch, timeout: '5s', ...options })

test('paths are below the base URL, with query, headers and JSON', async () => {
  const http = fake().on('POST /v1/charges', Response.json({ id: 7 }, { status: 201 }))
  const calls: OutgoingCall[] = []
  const answer = await client(http, { headers: { 'x-key': 'k' }, onCall: (call) => calls.push(call) }).post(
    '/charges',
    { amount: 5 },
    { query: { trace: 1, none: undefined } },
  )
  expect([answer.status, answer.json()]).toEqual([201, { id: 7 }])
  const [request] = http.requests
  expect([request?.url, request?.text, request?.headers.get('x-key'), request?.headers.get('content-type')]).toEqual([
    'https://pay.test/v1/charges?trace=1',
    '{"amount":5}',
    'k',
    'application/json',
  ])
  expect(calls).toMatchObject([{ client: 'payments', method: 'POST', url: 'https://pay.test/v1/charges', status: 201, tries: 1 }])
})

describe('repeats', () => {
  test('what may be repeated is, until it works', async () => {
    const http = fake().on('GET /v1/x', new Response('', { status: 503 }), new TypeError('reset'), new Response('ok'))
    expect((await client(http).get('x')).text()).toBe('ok')
    expect(http.requests).toHaveLength(3)
  })

  test('a POST is sent once, and a 404 is not asked again', async () => {
    const http = fake()
      .on('POST /v1/x', new Response('', { status: 503 }))
      .on('GET /v1/y', new Response('', { status: 404 }))
    await expect(client(http).post('x', {})).rejects.toMatchObject({ code: 'OUTGOING_STATUS', status: 502 })
    await expect(client(http).get('y')).rejects.toMatchObject({ code: 'OUTGOING_STATUS' })
    expect(http.requests).toHaveLength(2)
  })
})

test('a Retry-After is waited for, and one that nobody would wait for ends the tries', async () => {
  const http = fake()
    .on('GET /v1/x', new Response('', { status: 429, headers: { 'retry-after': '1' } }), new Response('ok'))
    .on('GET /v1/y', new Response('', { status: 503, headers: { 'retry-after': '11' } }))
  vi.useFakeTimers()
  try {
    const pending = client(http).get('x')
    await vi.advanceTimersByTimeAsync(900)
    expect(http.requests).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200)
    expect((await pending).text()).toBe('ok')
  } finally {
    vi.useRealTimers()
  }
  await expect(client(http).get('y')).rejects.toMatchObject({ code: 'OUTGOING_STATUS' })
  expect(http.requests).toHaveLength(3)
})

test('a POST with an Idempotency-Key is repeated with the same key', async () => {
  const http = fake().on('POST /v1/x', new Response('', { status: 503 }), new Response('ok'))
  await client(http).post('x', { amount: 1 }, { headers: { 'Idempotency-Key': 'k1' } })
  expect(http.requests.map(({ text, headers }) => [text, headers.get('idempotency-key')])).toEqual([
    ['{"amount":1}', 'k1'],
    ['{"amount":1}', 'k1'],
  ])
})

test('a status that is expected is an answer, with its body', async () => {
  const http = fake().on('POST /v1/charges', Response.json({ reason: 'card' }, { status: 402 }))
  const answer = await client(http).post('charges', {}, { expects: [402] })
  expect([answer.status, answer.json()]).toEqual([402, { reason: 'card' }])
  await expect(client(http).post('charges', {}, { expects: [404] })).rejects.toMatchObject({ code: 'OUTGOING_STATUS' })
})

test.each(['https://evil.test/x', '\\\\evil.test/x', '../admin', 'users/../../admin', 'users/%2e%2e/%2E%2e/admin', 'http:evil', 'data:x'])(
  'the path %j leads out of the base and is sent to nobody',
  async (path) => {
    const http = fake()
    await expect(client(http, { headers: { authorization: 'Bearer secret' } }).get(path)).rejects.toMatchObject({ code: 'OUTGOING_PATH_INVALID' })
    expect(http.requests).toEqual([])
  },
)

test.each(['/charges', 'charges', '//charges', 'https://pay.test/v1/charges', './charges', 'x/../charges'])('the path %j is below the base', async (path) => {
  const http = fake().on('GET /v1/charges', new Response('ok'))
  expect((await client(http).get(path)).text()).toBe('ok')
})

test('what fails on the way is OUTGOING_FAILED with its reason, and says nothing of the query', async () => {
  const http = fake().on('GET /v1/x', Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } }))
  const error = await client(http, { attempts: 1 })
    .get('x', { query: { token: 'hunter2' } })
    .catch((thrown: unknown) => thrown as Error)
  expect(error).toMatchObject({ code: 'OUTGOING_FAILED', status: 502, detail: expect.stringContaining('ECONNREFUSED') })
  expect((error as Error).message).not.toContain('hunter2')
})

test('an answer that is no JSON, or endless, is refused', async () => {
  const http = fake()
    .on('GET /v1/x', new Response('<html>'))
    .on('GET /v1/big', () => new Response(new Uint8Array(11 * 1024 * 1024)))
  const answer = await client(http).get('x')
  expect(() => answer.json()).toThrow(expect.objectContaining({ code: 'OUTGOING_NOT_JSON' }))
  await expect(client(http, { attempts: 1 }).get('big')).rejects.toMatchObject({ cause: { code: 'OUTGOING_TOO_LARGE' } })
})

test('a breaker goes around each try', async () => {
  const http = fake().on('GET /v1/x', new Response('', { status: 503 }), new Response('ok'))
  let tries = 0
  await client(http, { around: (_, next) => (tries++, next()) }).get('x')
  expect(tries).toBe(2)
})

test('a server that does not answer in time is TIMED_OUT, and the caller may leave', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const slow = createHttpClient({ name: 'slow', baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, attempts: 1, timeout: '50ms' })
  await expect(slow.get('/')).rejects.toMatchObject({ code: 'TIMED_OUT', status: 504 })
  const leaving = new AbortController()
  const pending = slow.get('/', { signal: leaving.signal, timeout: '10s' })
  leaving.abort(new Error('left'))
  await expect(pending).rejects.toThrow()
  server.closeAllConnections()
  server.close()
})
