import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { randomBytes } from 'node:crypto'
import { auth, AuditTrail } from '@glueful/auth'
import { database, Database, sql } from '@glueful/database'
import { testDatabase } from '@glueful/database/testing'
import { createApp, createHttpClient, route, traced, type ErrorReport } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const names = [
  'password',
  'client_secret',
  'accessToken',
  'refresh-token',
  'api_key',
  'x-api-key',
  'creditCard',
  'cardNumber',
  'cvv',
  'ssn',
  'sessionId',
  'privateKey',
]
const own = ['iban', 'tax_number']
const all = [...names, ...own]
const noUsers = { findByLogin: async () => undefined, findById: async () => undefined, updatePasswordHash: async () => undefined }
const exporter = new InMemorySpanExporter()

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
})
afterAll(() => {
  trace.disable()
  context.disable()
})

const text = (value: unknown) => JSON.stringify(value)
const outgoing = createHttpClient({ name: 'away', baseUrl: 'http://user:pw-of-url@127.0.0.1:9', attempts: 1 })

const routes = {
  echo: route.post(
    '/echo',
    {
      audit: { action: 'echo', after: (ctx) => ({ body: ctx.body, query: ctx.query, headers: ctx.rawHeaders(), cookies: ctx.cookies }) },
      body: z.looseObject({}),
    },
    (ctx) => {
      ctx.log.info({ body: ctx.body, query: ctx.query, headers: ctx.headers, cookies: ctx.cookies }, 'took it')
      return { ok: true }
    },
  ),
  form: route.post('/form', { multipart: {} }, (ctx) => {
    ctx.log.info({ body: ctx.body }, 'form')
    return { ok: true }
  }),
  link: route.post('/links/:token', { audit: 'link.used' }, () => ({ ok: true })),
  strict: route.post('/strict', { body: z.object({ password: z.number(), nested: z.object({ apiKey: z.enum(['a', 'b']) }) }) }, () => ({ ok: true })),
  failing: route.post('/failing', { audit: 'failing', body: z.object({ message: z.string(), cause: z.string() }) }, ({ body }) =>
    traced('work', async () => {
      throw new TypeError(body.message, { cause: new RangeError(body.cause) })
    }),
  ),
  driver: route.post('/driver', { body: z.object({ password: z.string() }) }, async ({ body, use }) => {
    await use(Database).run(sql`insert into vaults (id, password) values (${1}, ${body.password})`)
    return { ok: true }
  }),
  call: route.post('/call', { body: z.object({ token: z.string() }) }, async ({ body }) => {
    await outgoing.get('/pay', { query: { token: body.token }, headers: { authorization: `Bearer ${body.token}` } })
    return { ok: true }
  }),
}

test('of more than 200 planted secrets none is in logs, traces, metrics, audit entries, error reports or error bodies', { timeout: 60_000 }, async () => {
  await using place = await testDatabase('sqlite')
  const destination = createMemoryDestination()
  const reports: { report: ErrorReport }[] = []
  const app = createApp({
    name: 'shop',
    extensions: [database({ migrateOnStart: true }), auth({ users: noUsers })],
    routes,
    redact: { names: own },
    reportError: (_, report) => void reports.push({ report }),
  }).with({
    environment: 'production',
    env: { DATABASE_URL: place.url, APP_KEY: 'k'.repeat(64), LOG_LEVEL: 'debug' },
    logDestination: destination,
  })
  await app.ready()
  await place.db.script('create table vaults (id integer primary key, password text check (length(password) < 5))')
  const planted: string[] = []
  const plant = () => {
    const secret = `pl${randomBytes(9).toString('hex')}`
    planted.push(secret)
    return secret
  }
  const answers: string[] = []
  async function send(path: string, init: RequestInit, status: number): Promise<void> {
    const answer = await app.fetch(new Request(`http://localhost${path}`, { method: 'POST', ...init }))
    answers.push((await answer.text()) + text([...answer.headers]))
    expect(answer.status, `${path} ${answers.at(-1)}`).toBe(status)
  }
  const json = (value: unknown, headers: Record<string, string> = {}) => ({ body: text(value), headers: { 'content-type': 'application/json', ...headers } })

  try {
    for (const name of all) {
      const form = new FormData()
      form.append(name, plant())
      await send(
        `/echo?${name}=${plant()}`,
        json({ [name]: plant(), deep: [{ in: { [name]: plant() } }] }, { [name]: plant(), cookie: `${name}=${plant()}`, authorization: `Bearer ${plant()}` }),
        200,
      )
      await send('/form', { body: form }, 200)
      await send(`/links/${plant()}?${name}=${plant()}`, {}, 200)
    }
    for (const name of names) {
      for (const message of [`${name}=${plant()}`, `"${name}":"${plant()}"`, `postgres://app:${plant()}@db/x`, `sent Bearer ${plant()}`])
        await send('/failing', json({ message: `it broke: ${message}`, cause: `${name}: ${plant()}` }), 500)
    }
    for (let n = 0; n < 5; n++) {
      await send('/strict', json({ password: plant(), nested: { apiKey: plant() } }), 422)
      await send('/driver', json({ password: plant() }), 422)
      await send('/call', json({ token: plant() }), 502)
    }
    expect(planted.length).toBeGreaterThan(200)
    const entries: unknown[] = []
    for await (const entry of app.use(AuditTrail).entries()) entries.push(entry)
    const metrics = await (await app.fetch(new Request('http://localhost/metrics'), { address: '127.0.0.1' })).text()
    const spans = exporter.getFinishedSpans().map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links }))
    const places = { logs: text(destination), audit: text(entries), metrics, spans: text(spans), answers: answers.join('\n'), reports: text(reports) }
    for (const [where, found] of Object.entries(places)) {
      expect(found.length, where).toBeGreaterThan(100)
      expect(
        planted.filter((secret) => found.includes(secret)),
        where,
      ).toEqual([])
      expect(found, where).not.toContain('pw-of-url')
    }
    expect(places.logs).toContain('[redacted]')
    expect(places.audit).toContain('[redacted]')
  } finally {
    await app.close()
  }
})
