import {
  Database,
  database,
  enumeration,
  integer,
  json,
  Model,
  pageOf,
  paging,
  softDeletes,
  string,
  timestamp,
  timestamps,
  uuid,
  encrypted,
  belongsTo,
  hasMany,
  bigint,
  binary,
  date,
  decimal,
  text,
  float,
  boolean,
} from '@glueful/database'
import { created, createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { testDatabase } from '@glueful/database/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { ManagedDatabase } from '../../packages/database/src/connection/create-database.ts'
import { liveTarget, overDatabase } from '../../packages/database/src/migrations/migration-connection.ts'
import { createSchema } from '../../packages/database/src/schema/schema.ts'

class Dealer extends Model('dealers', { id: uuid().primary(), name: string(80) }) {
  static relations = { cars: hasMany(() => Car) }
}

class Car extends Model('cars', {
  id: uuid().primary(),
  make: string(60),
  price: integer(),
  condition: enumeration(['new', 'used']).default('used'),
  specs: json<{ doors: number }>().nullable(),
  vin: encrypted().nullable(),
  internalNote: string().hidden().nullable(),
  dealerId: uuid().references('dealers').nullable(),
  ...timestamps(),
  ...softDeletes(),
}) {
  static relations = { dealer: belongsTo(() => Dealer, { optional: true }) }
}

const routes = {
  list: route.get('/cars', { query: z.object({ make: z.string().optional(), ...paging }), response: pageOf(Car.schema.read) }, ({ query }) =>
    Car.whereIf('make', query.make).latest().paginate(query),
  ),
  show: route.get('/cars/:id', { params: z.object({ id: z.string() }) }, ({ params }) => Car.with('dealer').findOrFail(params.id)),
  create: route.post('/cars', { body: Car.schema.create.omit({ internalNote: true }), response: Car.schema.read }, async ({ body }) => {
    const car = await Car.create(body)
    return created(car, `/cars/${car.id}`)
  }),
  change: route.patch('/cars/:id', { params: z.object({ id: z.string() }), body: Car.schema.update }, async ({ params, body }) =>
    (await Car.findOrFail(params.id)).update(body),
  ),
}

const app = createApp({ name: 'shop', routes, extensions: [database()] })

async function start() {
  const one = await testApp(app, { env: { APP_KEY: 'k'.repeat(40) } })
  await one.app.use(Database).script(`
    create table dealers (id text primary key, name text not null);
    create table cars (id text primary key, make text not null, price integer not null, condition text not null, specs text, vin text, internalNote text, dealerId text,
      createdAt integer not null, updatedAt integer not null, deletedAt integer)`)
  return one
}

test('records are answers: through JSON, validators, pages and the typed client', async () => {
  await using one = await start()
  const { client, clock } = one
  const answer = await client.create({ body: { make: 'Volvo', price: 9_900, specs: { doors: 4 }, vin: 'WVW-1' } })
  expect(answer.status).toBe(201)
  if (!answer.ok) return expect.unreachable()
  expect(answer.body).toMatchObject({ make: 'Volvo', condition: 'used', createdAt: new Date(clock.now()).toISOString(), deletedAt: null })
  expect(JSON.stringify(answer.body)).not.toMatch(/vin|WVW|internalNote/)
  const shown = await client.show({ params: { id: answer.body.id } })
  if (!shown.ok) return expect.unreachable()
  expect(shown.body).toEqual({ ...answer.body, dealer: null })
  expectTypeOf(shown.body.createdAt).toEqualTypeOf<string>()
  expectTypeOf(shown.body).not.toHaveProperty('internalNote')
  expectTypeOf(shown.body.dealer).toEqualTypeOf<{ id: string; name: string } | null>()
  const page = await client.list({ query: { make: 'Volvo', perPage: 1 } })
  expect(page.body).toMatchObject({ data: [{ make: 'Volvo' }], meta: { page: 1, perPage: 1, total: 1, totalPages: 1 } })
  clock.advance(60_000)
  const changed = await client.change({ params: { id: answer.body.id }, body: { price: 5 } })
  expect(changed.body).toMatchObject({ price: 5, updatedAt: new Date(clock.now()).toISOString(), createdAt: answer.body.createdAt })
})

test('what is wrong is a 4xx: unknown keys, values that do not fit, fields that are not for clients', async () => {
  await using one = await start()
  expect((await one.client.show({ params: { id: "' or 1=1" } })).status).toBe(404)
  const send = (body: unknown) => one.fetch('/cars', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  expect((await send({ make: 'x'.repeat(61), price: 1 })).status).toBe(422)
  expect((await send({ make: '\ud800', price: 1 })).status).toBe(422)
  expect((await send({ make: 'x', price: 2 ** 40 })).status).toBe(422)
  expect((await send({ make: 'x', price: 1, condition: 'stolen' })).status).toBe(422)
  const kept = (await (await send({ make: 'x', price: 1, id: 'mine', createdAt: '2001-01-01T00:00:00Z', deletedAt: '2001-01-01T00:00:00Z' })).json()) as Record<
    string,
    unknown
  >
  expect(kept['id']).not.toBe('mine')
  expect(kept).toMatchObject({ createdAt: new Date(one.clock.now()).toISOString(), deletedAt: null })
})

test('OpenAPI names validators after their models', async () => {
  await using one = await start()
  const { components, paths } = (await (await one.fetch('/openapi.json')).json()) as {
    components: { schemas: Record<string, { properties: Record<string, unknown>; required?: string[] }> }
    paths: Record<string, unknown>
  }
  expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(['Car', 'CarUpdate']))
  expect(components.schemas['Car']?.properties).toMatchObject({
    id: { type: 'string' },
    price: { type: 'integer' },
    createdAt: { type: 'string', format: 'date-time' },
    condition: { enum: ['new', 'used'] },
  })
  expect(Object.keys(components.schemas['Car']?.properties ?? {})).not.toContain('internalNote')
  expect(JSON.stringify(paths)).toContain('#/components/schemas/CarUpdate')
})

test('bigints and bytes are answered as text, by a record and through its schema', async () => {
  class File extends Model('files', { id: bigint().primary(), size: bigint().nullable(), bytes: binary() }) {}
  await using place = await testDatabase('sqlite')
  await createSchema(liveTarget(overDatabase(place.db as ManagedDatabase))).createTable(File.table, File.columns)
  const routes = {
    create: route.post('/files', { body: File.schema.create, response: File.schema.read }, async ({ body }) => created(await File.create(body), '/files')),
    list: route.get('/files', { response: pageOf(File.schema.read) }, () => File.query().paginate()),
    plain: route.get('/plain', () => File.query().get()),
  }
  const app = createApp({ name: 'files', routes, extensions: [database({ models: { File } })] })
  await using one = await testApp(app, { env: { DATABASE_URL: place.url } })
  const body = { size: '9007199254740993', bytes: 'AQI=' }
  const made = await one.fetch('/files', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  expect([made.status, await made.json()]).toEqual([201, { id: '1', ...body }])
  await File.create({ bytes: new Uint8Array([1, 2]) })
  const all = [
    { id: '1', ...body },
    { id: '2', size: null, bytes: 'AQI=' },
  ]
  expect(((await (await one.fetch('/files')).json()) as { data: unknown }).data).toEqual(all)
  expect(await (await one.fetch('/plain')).json()).toEqual(all)
})

test('validators take what clients send for each type, and give what columns hold', () => {
  class All extends Model('all', {
    id: integer().primary(),
    big: bigint(),
    large: bigint({ as: 'number' }),
    bytes: binary(),
    day: date(),
    at: timestamp(),
    amount: decimal(6, 2),
    whole: decimal(4, 0),
    note: text(),
    ratio: float(),
    on: boolean(),
    key: uuid(),
  }) {}
  const sent = {
    big: '-9007199254740993',
    large: 5,
    bytes: 'AQI=',
    day: '2026-11-26',
    at: '2026-11-26T12:00:00+01:00',
    amount: '1234.50',
    whole: '12',
    note: 'n',
    ratio: 1.5,
    on: true,
    key: '01a217a5-36e9-7773-b2d0-ffa2a625ccd2',
  }
  const taken = All.schema.create.parse(sent)
  expect(taken).toEqual({ ...sent, big: -9007199254740993n, bytes: new Uint8Array([1, 2]), at: new Date('2026-11-26T11:00:00Z') })
  expectTypeOf(taken.at).toEqualTypeOf<Date>()
  for (const [name, wrong] of Object.entries({
    big: '1.5',
    large: 1.5,
    bytes: '?',
    day: '2026-13-01',
    at: '2026-11-26',
    amount: '12345.00',
    whole: '1.0',
    note: 'a\0',
    ratio: 'x',
    on: 'true',
    key: 'k',
  }))
    expect(All.schema.create.safeParse({ ...sent, [name]: wrong }).success, name).toBe(false)
  expect(All.schema.update.parse({})).toEqual({})
  expect(All.schema.read.safeParse({ ...taken, id: 1 }).success).toBe(true)
  expect(All.schema).toBe(All.schema)
})

test('an application with a relation that cannot work does not start', async () => {
  class Wheel extends Model('wheels', { id: integer().primary() }) {
    static relations = { car: belongsTo(() => Car) }
  }
  const start = (models: Record<string, unknown>) => testApp(createApp({ name: 'shop', routes: {}, extensions: [database({ models })] }))
  await expect(start({ Wheel })).rejects.toThrow(/Wheel\.car/)
  await (await start({ Car, Dealer, somethingElse: () => 1 })).close()
})
