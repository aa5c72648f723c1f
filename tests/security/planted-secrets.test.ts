import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { auth, AuditTrail } from '@glueful/auth'
import { database, Database, encrypted, integer, Model, sql, string } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import fc from 'fast-check'
import { createApp, createHttpClient, event, listen, NotFound, route, traced, type Schema } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

/** Masked in every application, declared by this one, marked in a schema, and marked in a model. */
const names = ['password', 'client_secret', 'accessToken', 'x-api-key', 'creditCard', 'ssn', 'sessionId', 'iban', 'passport', 'taxNumber', 'pepper'] as const
const noUsers = { findByLogin: async () => undefined, findById: async () => undefined, updatePasswordHash: async () => undefined }
const exporter = new InMemorySpanExporter()
/** Answers 500 with what it was sent. */
const upstream = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => response.writeHead(500).end(`${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(chunks).toString()}`))
})

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  trace.disable()
  context.disable()
  upstream.close()
})

class Person extends Model('people', {
  id: integer().primary(),
  taxNumber: string(40).personal().unique(),
  pepper: string(40).hidden(),
  ssn: encrypted().nullable(),
}) {}
const Told = event<{ readonly secrets: Readonly<Record<string, string>> }>('told')

/** A schema whose messages say what was found, as those of some vendors do. */
const talkative: Schema = {
  '~standard': {
    version: 1,
    vendor: 'talkative',
    validate: (value: unknown) => ({
      issues: Object.entries(value as Record<string, unknown>).map(([key, found]) => ({
        path: [key],
        message: `Expected a number but received ${String(found)}`,
      })),
    }),
  },
} as Schema
const Body = z.looseObject({ passport: z.string().meta({ redact: true }).optional() })
let people = 0
const valueOf = (body: unknown): string => String(Object.values(body as Record<string, unknown>).at(-1))

const routes = {
  echo: route.post(
    '/echo',
    {
      audit: { action: 'echo', before: (ctx) => ({ headers: ctx.rawHeaders() }), after: (ctx) => ({ body: ctx.body, query: ctx.query, cookies: ctx.cookies }) },
      body: Body,
    },
    (ctx) => {
      ctx.log.info({ body: ctx.body, query: ctx.query, headers: ctx.headers, cookies: ctx.cookies, search: ctx.search }, `took ${valueOf(ctx.body)}`)
      return { ok: true }
    },
  ),
  form: route.post('/form', { multipart: {}, accepts: ['form', 'multipart'] }, (ctx) => {
    ctx.log.warn({ body: ctx.body })
    throw new Error(`no form with ${valueOf(ctx.body)}`)
  }),
  link: route.post('/links/:token', { audit: 'link.used' }, ({ params }) => {
    throw new NotFound(`No link ${params.token}`)
  }),
  thrown: route.post('/thrown', { audit: 'thrown', body: Body }, ({ body }) =>
    traced('work', async () => {
      const value = valueOf(body)
      throw new TypeError(`it broke at ${value}`, { cause: new AggregateError([Object.assign(new Error(value), { value, [value]: 1 })], value) })
    }),
  ),
  thing: route.post('/thing', { body: Body }, ({ body }) => {
    throw { at: valueOf(body) } // eslint-disable-line no-throw-literal
  }),
  expected: route.post('/expected', { body: Body }, ({ body }) => {
    throw new NotFound(`No account for ${valueOf(body)}`)
  }),
  refined: route.post(
    '/refined',
    {
      body: z.record(
        z.string(),
        z.string().refine(() => false, { error: ({ input }) => `not ${String(input)}` }),
      ),
    },
    () => ({}),
  ),
  talkative: route.post('/talkative', { body: talkative }, () => ({})),
  basic: route.post('/basic', {}, ({ header }) => {
    throw new Error(`refused ${Buffer.from((header('authorization') ?? '').slice(6), 'base64').toString()}`)
  }),
  listened: route.post('/listened', { body: Body }, async ({ body, emit }) => {
    await emit(Told, { secrets: body as unknown as Record<string, string> })
    return {}
  }),
  check: route.post('/driver/check', { body: Body }, async ({ body, use }) =>
    use(Database).run(sql`insert into vaults (id, secret) values (${1}, ${valueOf(body)})`),
  ),
  unique: route.post('/driver/unique', { body: Body }, async ({ body, use }) => {
    for (const _ of [1, 2]) await use(Database).run(sql`insert into uniques (secret) values (${valueOf(body)})`)
  }),
  cast: route.post('/driver/cast', { body: Body }, async ({ body, use }) =>
    use(Database).all(sql`select nothing from vaults where secret = ${valueOf(body)} and id = ${valueOf(body)}`),
  ),
  pasted: route.post('/driver/pasted', { body: Body }, async ({ body, use }) =>
    use(Database).all(sql.raw(`select '${valueOf(body).replaceAll("'", "''")}' from nowhere`)),
  ),
  model: route.post('/driver/model', { audit: { action: 'person', after: (_, { body }) => body }, body: Body }, async ({ body, log }) => {
    const value = valueOf(body).slice(0, 40)
    const person = await Person.create({ id: ++people, taxNumber: value, pepper: value, ssn: value })
    log.info({ person, all: person.toObject() }, 'made')
    return person
  }),
  value: route.post('/driver/value', { body: Body }, async ({ body }) =>
    Person.create({ id: valueOf(body) as unknown as number, taxNumber: 'x', pepper: 'x' }),
  ),
  upstream: route.post('/upstream', { body: Body }, async ({ body, log }) => {
    const { port } = upstream.address() as AddressInfo
    const value = valueOf(body)
    const text = await (await fetch(`http://127.0.0.1:${port}/pay?token=${encodeURIComponent(value)}`, { method: 'POST', body: value })).text()
    log.error({ text }, text)
    throw new Error(`upstream said ${text}`)
  }),
  client: route.post('/client', { body: Body }, async ({ body, log }) => {
    const { port } = upstream.address() as AddressInfo
    const value = encodeURIComponent(valueOf(body))
    const away = createHttpClient({ name: 'away', baseUrl: `http://user:${value}@127.0.0.1:${port}`, attempts: 1, log })
    return (await away.post(`/pay`, body, { query: { token: valueOf(body) } })).json()
  }),
}

const withBody = ['/echo', '/thrown', '/thing', '/expected', '/refined', '/talkative', '/listened', '/upstream', '/client'] as const
const withDatabase = ['/driver/check', '/driver/unique', '/driver/cast', '/driver/pasted', '/driver/model', '/driver/value'] as const

/** By its core a secret is found even if only a part of it, or another spelling, has come through. */
const core = fc.stringMatching(/^[a-z0-9]{14}$/).map((text) => `pl4${text}`)
const secretOf = (unit: fc.Arbitrary<string>) =>
  fc.tuple(fc.string({ unit, maxLength: 8 }), core, fc.string({ unit, maxLength: 8 })).map(([before, it, after]) => ({ core: it, text: before + it + after }))
const visible = fc.constantFrom(...'ABCxyz0189-_.~')
const any = fc.constantFrom(...'Az09 "\'\\/&=%+:,;{}[]<>\n\tü€😀')
const scenario = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('body' as const),
      path: fc.constantFrom(...withBody),
      name: fc.constantFrom(...names),
      depth: fc.nat(3),
      secret: secretOf(any),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('body' as const),
      path: fc.constantFrom(...withDatabase),
      name: fc.constantFrom(...names),
      depth: fc.constant(0),
      secret: secretOf(any),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('header', 'cookie', 'query', 'link', 'basic', 'bearer', 'malformed', 'form', 'multipart'),
      name: fc.constantFrom(...names),
      secret: secretOf(visible),
    }),
  },
)
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

function requestOf(planted: Scenario): { path: string; init: RequestInit } {
  const { name, secret } = planted
  const json = (body: unknown, headers: Record<string, string> = {}) => ({
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
  if (planted.kind === 'body') {
    let value: unknown = secret.text
    for (let n = 0; n < planted.depth && planted.path === '/echo'; n++) value = n % 2 === 0 ? { inner: value } : [value]
    return { path: planted.path, init: json({ [name]: value }) }
  }
  const form = new FormData()
  form.append(name, secret.text)
  switch (planted.kind) {
    case 'header':
      return { path: '/echo', init: json({}, { [name.replace('_', '-')]: secret.text }) }
    case 'cookie':
      return { path: '/echo', init: json({}, { cookie: `other=1; ${name}=${secret.text}; last=${secret.text}` }) }
    case 'query':
      return { path: `/echo?a=1&${name}=${encodeURIComponent(secret.text)}`, init: json({}) }
    case 'link':
      return { path: `/links/${encodeURIComponent(secret.text)}`, init: {} }
    case 'basic':
      return { path: '/basic', init: { headers: { authorization: `Basic ${Buffer.from(`ada:${secret.text}`).toString('base64')}` } } }
    case 'bearer':
      return { path: '/echo', init: json({}, { authorization: `Bearer ${secret.text}` }) }
    case 'malformed':
      return { path: '/echo', init: { body: `{"${name}": "${secret.text}`, headers: { 'content-type': 'application/json' } } }
    case 'form':
      return { path: '/form', init: { body: new URLSearchParams({ [name]: secret.text }) } }
    default:
      return { path: '/form', init: { body: form } }
  }
}

const spansText = () =>
  JSON.stringify(exporter.getFinishedSpans().map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links })))

await describeDialects(
  describe,
  (target) => {
    // Answers to developers say more; which database there is makes no difference to that.
    for (const environment of target.dialect === 'sqlite' ? (['production', 'development'] as const) : (['production'] as const))
      test(`a secret that a request brings is in nothing that is written down: ${environment}`, { timeout: 120_000 }, async () => {
        await using place = await target.open()
        const destination = createMemoryDestination()
        const reports: string[] = []
        const app = createApp({
          name: 'shop',
          extensions: [database({ migrateOnStart: true, models: { Person } }), auth({ users: noUsers })],
          routes,
          redact: { names: ['iban'] },
          listeners: [
            listen(Told, ({ secrets }) => {
              throw new Error(`told ${Object.values(secrets).join()}`)
            }),
          ],
          reportError: (error, report) => void reports.push(inspect([error, report], { depth: 10 }) + String((error as Error | undefined)?.stack)),
        }).with({
          environment,
          env: {
            DATABASE_URL: place.url,
            APP_KEY: 'k'.repeat(64),
            LOG_LEVEL: 'debug',
            LOG_FORMAT: 'json',
            ALLOWED_HOSTS: 'localhost',
            ERROR_THROTTLE: 'false',
          },
          logDestination: destination,
        })
        await app.ready()
        await place.db.script(
          'create table vaults (id integer primary key, secret varchar(200) check (length(secret) < 5)); create table uniques (secret varchar(200) not null unique); create table people (id integer primary key, "taxNumber" varchar(40) unique, pepper varchar(40), ssn text)',
        )
        const seen = new Map<string, number>()
        try {
          await fc.assert(
            fc.asyncProperty(scenario, async (planted) => {
              destination.lines.length = reports.length = 0
              exporter.reset()
              const { path, init } = requestOf(planted)
              const answer = await app.fetch(new Request(`http://localhost${path}`, { method: 'POST', ...init }))
              const body = await answer.text()
              await app.events().idle()
              const kind = planted.kind === 'body' ? planted.path : planted.kind
              seen.set(kind, (seen.get(kind) ?? 0) + 1)
              const places = {
                logs: destination.lines.join(''),
                spans: spansText(),
                reports: reports.join(''),
                answer: body + JSON.stringify([...answer.headers]),
              }
              // What a handler answers on purpose is its own business.
              if (answer.status < 300) places.answer = ''
              for (const [where, found] of Object.entries(places))
                expect(found.includes(planted.secret.core), `${kind} ${answer.status} in ${where}: ${found}`).toBe(false)
              expect(places.logs.length).toBeGreaterThan(10)
            }),
            { numRuns: 240, seed: 4_102, endOnFailure: true },
          )
          expect([...seen.keys()].sort()).toEqual(
            [...withBody, ...withDatabase, 'header', 'cookie', 'query', 'link', 'basic', 'bearer', 'malformed', 'form', 'multipart'].sort(),
          )
          const entries: unknown[] = []
          for await (const entry of app.use(AuditTrail).entries()) entries.push(entry)
          const metrics = await (await app.fetch(new Request('http://localhost/metrics'), { address: '127.0.0.1' })).text()
          expect(entries.length).toBeGreaterThan(20)
          expect(metrics).toContain('glueful_')
          for (const found of [JSON.stringify(entries), metrics]) expect(/pl4[a-z0-9]{14}/.exec(found)).toBeNull()
          expect(JSON.stringify(entries)).toContain('[redacted]')
        } finally {
          await app.close()
        }
      })
  },
  ['sqlite', 'postgres'],
)
