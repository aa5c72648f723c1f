import { createServer, request as send, Agent, type RequestOptions } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createApp } from '../../app.ts'
import { createHttpClient } from '../../http/outgoing/http-client.ts'
import { createFakeHttp } from '../../testing/fake-http.ts'
import { createFrozenClock } from '../../testing/frozen-clock.ts'
import { testApp } from '../../testing/test-app.ts'
import { Cache } from '../cache/cache.ts'
import { createSandbox, currentSandbox, outsideSandbox, runInSandbox, type SandboxOptions } from './sandbox.ts'

const make = (options: Partial<SandboxOptions> = {}) => createSandbox({ clock: createFrozenClock(), ...options })

/** A server that tells what reaches it. */
async function listening() {
  const seen: string[] = []
  const server = createServer((req, res) => {
    seen.push(`${req.method} ${req.url}`)
    res.end('{"real":true}')
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    seen,
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

const ask = (options: RequestOptions) =>
  new Promise<string>((resolve, reject) => {
    const request = send({ host: '127.0.0.1', method: 'POST', ...options }, (response) => {
      response.resume()
      response.on('end', () => resolve('answered'))
    })
    request.on('error', reject)
    request.end('x')
  })

test('what fetch and HTTP clients would send is answered, not sent', async () => {
  await using server = await listening()
  const sandbox = make({
    answers: { 'POST /charges': { status: 201, body: { id: 'ch_1' }, headers: { 'x-made': 'yes' } }, [`GET ${server.url}/gone`]: { status: 404 } },
  })
  const http = createFakeHttp()
  const calls: unknown[] = []
  const around = () => expect.unreachable('a breaker learns nothing from made-up answers')
  const client = createHttpClient({ name: 'payments', baseUrl: server.url, fetch: http.fetch, around, onCall: (call) => void calls.push(call) })
  await runInSandbox(sandbox, async () => {
    const charge = await client.post('/charges', { order: 7 }, { query: { dry: true } })
    expect([charge.status, charge.json(), charge.headers.get('x-made')]).toEqual([201, { id: 'ch_1' }, 'yes'])
    expect((await client.get('/rates')).json()).toEqual({})
    await expect(client.get('/gone')).rejects.toMatchObject({ code: 'OUTGOING_STATUS' })
    expect(await (await fetch(`${server.url}/fetched?token=1`, { method: 'PUT', body: 'text' })).json()).toEqual({})
  })
  expect([server.seen, http.requests, calls]).toEqual([[], [], []])
  expect(sandbox.effects.map(({ kind, summary }) => `${kind} ${summary}`)).toEqual([
    `http POST ${server.url}/charges`,
    `http GET ${server.url}/rates`,
    `http GET ${server.url}/gone`,
    `http PUT ${server.url}/fetched`,
  ])
  expect(sandbox.effects[0]?.detail).toMatchObject({ url: `${server.url}/charges?dry=true`, body: { order: 7 }, answer: { status: 201, madeUp: false } })
  expect(sandbox.effects[3]?.detail).toMatchObject({ method: 'PUT', body: 'text', answer: { status: 200, madeUp: true } })
  // Outside, fetch is what it was.
  expect(await (await fetch(`${server.url}/real`)).json()).toEqual({ real: true })
})

test('node:http and plain connections fail, also where a connection is open already', async () => {
  await using server = await listening()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  expect(await ask({ port: server.port, path: '/before', agent })).toBe('answered')
  const sandbox = make()
  await runInSandbox(sandbox, async () => {
    const refused = { code: 'SANDBOX_CONNECTION_REFUSED', message: expect.stringContaining('127.0.0.1') as string }
    await expect(ask({ port: server.port, path: '/open?secret=1', agent })).rejects.toMatchObject(refused)
    await expect(ask({ port: server.port, path: '/new', agent: new Agent() })).rejects.toMatchObject(refused)
    await expect(new Promise((_, reject) => void connect(server.port, '127.0.0.1').on('error', reject))).rejects.toMatchObject(refused)
    expect(await outsideSandbox(() => ask({ port: server.port, path: '/pool' }))).toBe('answered')
  })
  expect(server.seen).toEqual(['POST /before', 'POST /pool'])
  expect(sandbox.effects.map(({ kind, summary }) => `${kind} ${summary}`)).toEqual([
    'http POST http://127.0.0.1/open',
    'http POST http://127.0.0.1/new',
    `connection 127.0.0.1:${server.port}`,
  ])
  expect(await ask({ port: server.port, path: '/after', agent })).toBe('answered')
  agent.destroy()
})

test('what goes on after its end is refused, and sends nothing', async () => {
  await using server = await listening()
  const sandbox = make()
  const over = Promise.withResolvers<void>()
  const late = runInSandbox(sandbox, () => [
    over.promise.then(() => fetch(server.url)),
    over.promise.then(() => ask({ port: server.port, path: '/' })),
    over.promise.then(() => currentSandbox()?.capture('mail', 'to ada')),
  ])
  sandbox.end()
  over.resolve()
  const ended = { status: 'rejected', reason: { code: 'SANDBOX_ENDED' } }
  expect(await Promise.allSettled(late)).toMatchObject([ended, ended, ended])
  expect([server.seen, sandbox.count]).toEqual([[], 0])
})

test('the cache is read and not written', async () => {
  await using app = await testApp(createApp({ name: 'shop', routes: {} }))
  const cache = app.app.use(Cache)
  await cache.set('a', 1, { ttl: '1m', tags: ['cars'] })
  const sandbox = make()
  await runInSandbox(sandbox, async () => {
    expect(await cache.get('a')).toBe(1)
    expect(await cache.set('a', 2, { ttl: '1m' })).toBe(true)
    await cache.delete('a')
    await cache.flush('cars')
    await cache.clear()
    await cache.clearAll()
    expect([await cache.remember('a', { ttl: '1m' }, () => 3), await cache.remember('b', { ttl: '1m' }, () => 4)]).toEqual([1, 4])
  })
  expect([await cache.get('a'), await cache.get('b')]).toEqual([1, undefined])
  expect(sandbox.effects.map(({ summary }) => summary)).toEqual([
    'set a (default)',
    'delete a (default)',
    'flush cars (default)',
    'clear (default)',
    'clear all (default)',
  ])
})

test('code may ask for it, and effects are bounded', () => {
  const clock = createFrozenClock()
  const sandbox = make({ clock, keep: 2 })
  expect(currentSandbox()).toBeUndefined()
  runInSandbox(sandbox, () => {
    currentSandbox()?.capture('mail', 'to ada', { to: 'ada' })
    clock.advance(5)
    for (let i = 0; i < 3; i++) currentSandbox()?.capture('mail', 'to bob')
  })
  expect(sandbox.effects).toEqual([
    { kind: 'mail', summary: 'to ada', detail: { to: 'ada' }, atMs: 0 },
    { kind: 'mail', summary: 'to bob', detail: undefined, atMs: 5 },
  ])
  expect(sandbox.count).toBe(4)
})

test.each([
  ['/charges', {}, 'no method'],
  ['post /charges', {}, 'no method'],
  ['POST charges', {}, 'no method'],
  ['POST /a', null, 'no object'],
  ['POST /a', { status: 101 }, 'status is 101'],
  ['POST /a', { headers: { 'a b': 'c' } }, 'headers'],
])('an answer for %s like %j is refused', (target, answer, reason) => {
  expect(() => make({ answers: { [target]: answer as never } })).toThrow(
    expect.objectContaining({ code: 'SANDBOX_ANSWER_INVALID', message: expect.stringContaining(reason) as string }),
  )
})

test('answers may have no body', async () => {
  const sandbox = make({ answers: { 'DELETE /a': { status: 204 }, 'GET /b': { body: 'text' } } })
  await runInSandbox(sandbox, async () => {
    expect((await fetch('https://a.example.com/a', { method: 'DELETE' })).status).toBe(204)
    const text = await fetch('https://a.example.com/b')
    expect([text.headers.get('content-type'), await text.text()]).toEqual(['text/plain', 'text'])
  })
})
