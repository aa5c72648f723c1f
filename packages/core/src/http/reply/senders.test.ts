import { request as send } from 'node:http'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, type App } from '../../app.ts'
import type { RequestTools } from '../context/context.ts'
import { Reply } from '../context/reply.ts'
import { route } from '../context/route.ts'
import { accepted, bytes, created, html, noContent, redirect, reply, text } from './constructors.ts'
import { events } from './events.ts'
import { file } from './file.ts'
import { stream } from './stream.ts'

const folder = await mkdtemp(join(tmpdir(), 'glueful-senders-'))
const path = join(folder, 'ten.txt')
await writeFile(path, '0123456789')
await utimes(path, 1_700_000_000, 1_700_000_000)

async function* two() {
  yield { id: '1', data: { n: 1 } }
  yield 'two\nlines'
}

const cookies = new Headers({ 'content-type': 'text/x', 'content-length': '3', 'keep-alive': 'timeout=5' })
cookies.append('set-cookie', 'a=1')
cookies.append('set-cookie', 'b=2')

type Handler = (ctx: RequestTools) => unknown

const answers: Readonly<Record<string, Handler>> = {
  object: () => ({ a: 'ä' }),
  null: () => null,
  string: () => 'x',
  promise: () => Promise.resolve([1]),
  nothing: () => undefined,
  created: () => created({ id: 1 }, '/cars/1'),
  accepted: () => accepted(),
  noContent: () => noContent(),
  redirect: () => redirect('/elsewhere', 303),
  headers: () => reply(418, { teapot: true }, { 'X-Kind': 'short', 'Content-Type': 'application/x+json' }),
  status204WithBody: () => reply(204, { lost: true }),
  status205WithBody: () => reply(205, { lost: true }),
  status304WithBody: () => reply(304, { lost: true }, { etag: '"a"' }),
  status204WithStream: () => reply(204, Readable.from(['x'])),
  status204WithEvents: () => new Reply(204, 'events', events(two()).body),
  text: () => text('héllo'),
  html: () => html('<p>'),
  bytes: () => bytes(new Uint8Array([65, 66]), 'image/x'),
  buffer: () => Buffer.from('plain'),
  readable: () => Readable.from(['a', 'b']),
  webStream: () => new Response('web').body,
  stream: () => stream(Readable.from(['a', 'ä']), { type: 'text/csv', length: 3, headers: { 'x-rows': '2' } }),
  emptyStream: () => stream(Readable.from([])),
  events: () => events(two(), { retry: 500 }),
  iterable: () => two(),
  response: () => new Response('web', { status: 203, headers: cookies }),
  responseWithout: () => new Response(null, { status: 204, headers: { 'x-a': '1' } }),
  responseRedirect: () => Response.redirect('http://localhost/other', 301),
  file: () => file(path, { download: 'ü.txt', maxAge: '1h' }),
  fileMissing: () => file(`${path}x`),
  error: () => JSON.parse('{'),
  overridden: ({ setHeader }) => {
    setHeader('content-type', 'application/vnd.api+json')
    setHeader('x-powered-by', 'nobody')
    setHeader('vary', 'x-tenant')
    return {}
  },
  framing: ({ setHeader }) => {
    setHeader('content-length', '999')
    setHeader('transfer-encoding', 'chunked')
    return {}
  },
  status99: () => reply(99, 1),
  status101: () => reply(101, 1),
  status600: () => reply(600, 1),
  statusNaN: () => reply(Number.NaN, 1),
  splitHeader: () => reply(200, 1, { 'x-a': 'b\r\nset-cookie: c=1' }),
  splitStream: () => stream(Readable.from(['x']), { headers: { 'x-a': '\0' } }),
  splitOutgoing: ({ setHeader }) => {
    setHeader('x-a', 'b\nc')
    return 1
  },
  headerName: () => reply(200, 1, { 'not a name': 'x' }),
  bigint: () => ({ a: 1n }),
  networkError: () => Response.error(),
}

const app: App = createApp({
  name: 'senders',
  routes: Object.fromEntries(Object.entries(answers).map(([name, handler]) => [name, route.get(`/${name}`, handler)])),
}).with({ environment: 'production', env: {}, logDestination: { write: (line) => void logs.push(line), flush: () => {} } })
const logs: string[] = []
let port = 0

beforeAll(async () => {
  port = (await app.listen({ port: 0, host: '127.0.0.1' })).port
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

interface Sent {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

// What the connection adds, and what differs from request to request.
const notOurs = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'x-request-id', 'etag'])

function comparable(headers: Iterable<readonly [string, string]>): Sent['headers'] {
  return [...headers].filter(([name]) => !notOurs.has(name)).sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
}

function overSocket(method: string, name: string): Promise<Sent & { readonly raw: readonly string[]; readonly length: number }> {
  return new Promise((resolve, reject) => {
    const req = send({ host: '127.0.0.1', port, method, path: `/${name}`, agent: false }, (res) => {
      let body = ''
      res
        .setEncoding('utf8')
        .on('data', (chunk: string) => (body += chunk))
        .on('error', reject)
      res.on('end', () => {
        const pairs = new Headers()
        for (let i = 0; i < res.rawHeaders.length; i += 2) pairs.append(res.rawHeaders[i] as string, res.rawHeaders[i + 1] as string)
        resolve({
          status: res.statusCode as number,
          headers: comparable(pairs),
          body: withoutRequestId(body),
          length: Buffer.byteLength(body),
          raw: res.rawHeaders.map((one) => one.toLowerCase()),
        })
      })
    })
    req.on('error', reject).end()
  })
}

async function overFetch(method: string, name: string): Promise<Sent> {
  const response = await app.fetch(new Request(`http://127.0.0.1:${port}/${name}`, { method }))
  return { status: response.status, headers: comparable(response.headers), body: withoutRequestId(await response.text()) }
}

function withoutRequestId(body: string): string {
  return body.replace(/"requestId":"[^"]+"/, '"requestId":"…"')
}

describe.each(['GET', 'HEAD'])('a %s through both doors', (method) => {
  test.each(Object.keys(answers))('%s is the same', async (name) => {
    const { raw: _, length: __, ...socket } = await overSocket(method, name)
    expect(await overFetch(method, name)).toEqual(socket)
  })
})

test.each(Object.keys(answers).filter((name) => !/events|iterable/i.test(name)))('HEAD of %s has the headers of GET and no body', async (name) => {
  const [get, head] = [await overSocket('GET', name), await overSocket('HEAD', name)]
  expect(head.body).toBe('')
  const without = (headers: Sent['headers']) => headers.filter(([header]) => header !== 'content-length')
  expect([head.status, without(head.headers)]).toEqual([get.status, without(get.headers)])
  const length = (headers: Sent['headers']) => headers.find(([header]) => header === 'content-length')?.[1]
  if (length(head.headers) !== undefined) expect(length(head.headers)).toBe(length(get.headers))
})

test.each(Object.keys(answers))('%s has one length at most, and it is that of the body', async (name) => {
  const { raw, length, status } = await overSocket('GET', name)
  const lengths = raw.filter((one, index) => index % 2 === 0 && one === 'content-length')
  expect(lengths.length + raw.filter((one, index) => index % 2 === 0 && one === 'transfer-encoding').length).toBe(status === 204 || status === 304 ? 0 : 1)
  if (lengths.length === 1) expect(raw[raw.indexOf('content-length') + 1]).toBe(String(length))
})

describe('an answer that HTTP cannot carry', () => {
  test.each(['status99', 'status101', 'status600', 'statusNaN', 'splitHeader', 'splitStream', 'splitOutgoing', 'headerName', 'networkError'])(
    '%s becomes a problem of status 500, keeps what protects the client, and is reported as REPLY_UNSENDABLE',
    async (name) => {
      logs.length = 0
      const { status, headers, body, raw } = await overSocket('GET', name)
      expect(status).toBe(500)
      expect(JSON.parse(body)).toMatchObject({ status: 500, code: 'INTERNAL_ERROR', requestId: '…' })
      expect(Object.fromEntries(headers)).toMatchObject({ 'content-type': 'application/problem+json', 'x-content-type-options': 'nosniff' })
      expect(raw).toContain('x-request-id')
      expect(raw).not.toContain('set-cookie')
      expect(logs.join('')).toContain('REPLY_UNSENDABLE')
    },
  )
})

test('bodies of statuses that have none are dropped with their type', async () => {
  for (const [name, status] of [
    ['status204WithBody', 204],
    ['status205WithBody', 205],
    ['status304WithBody', 304],
    ['status204WithStream', 204],
    ['status204WithEvents', 204],
  ] as const) {
    const answer = await overSocket('GET', name)
    expect([answer.status, answer.body, answer.raw.includes('content-type')]).toEqual([status, '', false])
  }
})

test('each Set-Cookie of a Response is a line of its own, and what speaks of another connection is left out', async () => {
  const { raw, status, body } = await overSocket('GET', 'response')
  expect([status, body]).toEqual([203, 'web'])
  expect(raw.filter((one) => one === 'set-cookie')).toHaveLength(2)
  expect(raw[raw.indexOf('content-length') + 1]).toBe('3')
  expect(raw).not.toContain('timeout=5')
})

test('a header of the context takes the place of a default and is added otherwise', async () => {
  const { raw } = await overSocket('GET', 'overridden')
  expect(raw.filter((one) => one === 'content-type')).toHaveLength(1)
  expect(raw).toEqual(expect.arrayContaining(['application/vnd.api+json', 'nobody', 'x-tenant']))
})

test('what fetch received and decoded is passed on without its coding', async () => {
  const quiet = { environment: 'test', env: {}, logDestination: { write: () => {}, flush: () => {} } } as const
  const zipped = route.get('/', () => bytes(gzipSync('decoded'), 'text/plain').set('content-encoding', 'gzip'))
  await using upstream = closing(createApp({ name: 'upstream', routes: { zipped } }).with(quiet))
  const { url } = await upstream.app.listen({ port: 0, host: '127.0.0.1' })
  await using proxy = closing(createApp({ name: 'proxy', routes: { all: route.get('/', () => fetch(url)) } }).with(quiet))
  const answer = await proxy.app.fetch(new Request('http://localhost/'))
  expect([answer.headers.get('content-encoding'), answer.headers.get('content-length'), await answer.text()]).toEqual([null, null, 'decoded'])
})

function closing(started: App) {
  return { app: started, [Symbol.asyncDispose]: () => started.close() }
}
