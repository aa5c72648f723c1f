import { createApp, route } from 'glueful'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { diffDocuments } from './diff-documents.ts'

type Json = Record<string, unknown>

const car = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    price: { type: 'integer', minimum: 0 },
    state: { enum: ['new', 'used'] },
    note: { anyOf: [{ type: 'string', maxLength: 100 }, { type: 'null' }] },
    dealer: { $ref: '#/components/schemas/Dealer' },
    photos: { type: 'array', items: { type: 'string', format: 'uri' }, maxItems: 10 },
  },
  required: ['id', 'price', 'state'],
}

const base = {
  openapi: '3.1.1',
  security: [],
  paths: {
    '/cars': {
      get: {
        operationId: 'cars.list',
        parameters: [
          { name: 'make', in: 'query', schema: { type: 'string' } },
          { name: 'sort', in: 'query', schema: { enum: ['price', 'year'] } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
          { name: 'X-Tenant', in: 'header', schema: { type: 'string' } },
        ],
        responses: { 200: { content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Car' } } } } }, 400: {} },
      },
      post: {
        operationId: 'cars.create',
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/NewCar' } }, 'application/x-www-form-urlencoded': { schema: {} } },
        },
        responses: { '2XX': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Car' } } } } },
        security: [{ token: ['cars.write'] }, { key: [] }],
      },
    },
    '/cars/{id}': {
      get: {
        operationId: 'cars.show',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Car' } } } }, 304: {} },
      },
      delete: { operationId: 'cars.remove', responses: { 204: {} } },
    },
  },
  webhooks: {
    'car.sold': {
      post: {
        operationId: 'webhook:car.sold',
        parameters: [
          { name: 'webhook-id', in: 'header', required: true, schema: { type: 'string' } },
          { name: 'traceparent', in: 'header', schema: { type: 'string' } },
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { type: 'object', required: ['type', 'data'], properties: { type: { const: 'car.sold' }, data: { $ref: '#/components/schemas/Sold' } } },
            },
          },
        },
        responses: { '2XX': {}, 410: {}, default: {} },
      },
    },
    'car.added': { post: { requestBody: { content: { 'application/json': { schema: {} } } }, responses: { '2XX': {} } } },
  },
  components: {
    schemas: {
      Sold: { type: 'object', required: ['id'], properties: { id: { type: 'string' }, price: { type: 'integer' }, how: { enum: ['cash', 'credit'] } } },
      Car: car,
      NewCar: { ...car, required: ['price'] },
      Dealer: { type: 'object', properties: { name: { type: 'string' }, parent: { $ref: '#/components/schemas/Dealer' } }, required: ['name'] },
    },
  },
}

/** A change somewhere in the document: `paths./cars.get.…`, with `|` between the steps; undefined takes the member away. */
function changed(path: string, value: unknown): Json {
  // Not structuredClone, which keeps what two schemas share shared.
  const copy = JSON.parse(JSON.stringify(base)) as Json
  const steps = path.split('|')
  const last = steps.pop() as string
  let at = copy
  for (const step of steps) at = at[step] as Json
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}

const inNew = 'components|schemas|NewCar|'
const inCar = 'components|schemas|Car|'
const list = 'paths|/cars|get|'
const create = 'paths|/cars|post|'
const sold = 'webhooks|car.sold|post|'
const inSold = 'components|schemas|Sold|'

const breaking: [string, string, unknown, string][] = [
  // operations
  ['a path is gone', 'paths|/cars/{id}', undefined, '/cars/{id}: is gone'],
  ['a method is gone', 'paths|/cars/{id}|delete', undefined, 'DELETE /cars/{id}: is gone'],
  ['an operation has another name', `${list}operationId`, 'cars.search', 'GET /cars: the operation was called cars.list'],
  // parameters
  ['a parameter is gone', `${list}parameters|0`, { name: 'brand', in: 'query', schema: {} }, 'GET /cars query parameter make: is no longer read'],
  ['a parameter became required', `${list}parameters|0|required`, true, 'GET /cars query parameter make: is required now'],
  [
    'a new parameter is required',
    `${list}parameters|4`,
    { name: 'page', in: 'query', required: true, schema: {} },
    'GET /cars query parameter page: is new and required',
  ],
  ['a parameter has another type', `${list}parameters|0|schema|type`, 'integer', 'query parameter make: was string, is integer'],
  ['a number became an integer', `${list}parameters|2|schema`, { type: 'boolean' }, 'query parameter limit: was integer, is boolean'],
  ['a value of a parameter is gone', `${list}parameters|1|schema|enum`, ['price'], 'query parameter sort: no longer accepts "year"'],
  ['a free parameter became a list', `${list}parameters|0|schema|enum`, ['Volvo'], 'query parameter make: only accepts "Volvo" now'],
  ['a limit was raised from below', `${list}parameters|2|schema|minimum`, 5, 'query parameter limit: minimum was 1, is 5'],
  ['a limit was lowered from above', `${list}parameters|2|schema|maximum`, 50, 'query parameter limit: maximum was 100, is 50'],
  ['a new limit', `${list}parameters|0|schema|maxLength`, 5, 'query parameter make: maxLength is 5 now'],
  ['a new pattern', `${list}parameters|0|schema|pattern`, '^[a-z]+$', 'query parameter make: pattern is ^[a-z]+$ now'],
  ['a new format', `${list}parameters|0|schema|format`, 'uuid', 'query parameter make: format is uuid now'],
  ['a header is required', `${list}parameters|3|required`, true, 'GET /cars header parameter x-tenant: is required now'],
  // request bodies
  ['the body became required', `${create}requestBody|required`, true, 'POST /cars body: is required now'],
  ['a new body is required', 'paths|/cars/{id}|delete|requestBody', { required: true, content: {} }, 'DELETE /cars/{id} body: is new and required'],
  ['the body is gone', `${create}requestBody`, undefined, 'POST /cars body: is no longer read'],
  [
    'a media type of the body is gone',
    `${create}requestBody|content|application/x-www-form-urlencoded`,
    undefined,
    'body: is no longer accepted as application/x-www-form-urlencoded',
  ],
  ['a member became required', `${inNew}required`, ['price', 'state'], 'POST /cars body.state: is required now'],
  ['a new member is required', `${inNew}required`, ['price', 'vin'], 'POST /cars body.vin: is new and required'],
  ['a member is no longer read', `${inNew}properties|note`, undefined, 'POST /cars body.note: is no longer read'],
  ['null is no longer accepted', `${inNew}properties|note`, { type: 'string', maxLength: 100 }, 'POST /cars body.note: null is no longer accepted'],
  ['a value of a member is gone', `${inNew}properties|state|enum`, ['new'], 'POST /cars body.state: no longer accepts "used"'],
  ['unknown members are refused', `${inNew}additionalProperties`, false, 'POST /cars body: refuses members that it does not name now'],
  ['fewer items are accepted', `${inNew}properties|photos|maxItems`, 5, 'POST /cars body.photos: maxItems was 10, is 5'],
  ['items have a pattern', `${inNew}properties|photos|items|pattern`, '^https', 'POST /cars body.photos[]: pattern is ^https now'],
  // answers
  ['an answer is gone', 'paths|/cars/{id}|get|responses|200', undefined, 'GET /cars/{id} 200: is no longer answered'],
  ['an answer has another media type', `${list}responses|200|content`, { 'text/csv': {} }, 'GET /cars 200: is no longer application/json'],
  ['a member of an answer is gone', `${inCar}properties|price`, undefined, 'GET /cars/{id} 200.price: is no longer there'],
  ['a member may be missing', `${inCar}required`, ['id', 'price'], 'GET /cars/{id} 200.state: was always there, and may be missing now'],
  ['a member has another type', `${inCar}properties|id|type`, 'integer', 'GET /cars/{id} 200.id: was string, is integer'],
  ['an integer may have a fraction', `${inCar}properties|price|type`, 'number', 'GET /cars/{id} 200.price: was integer, is number'],
  ['a member may be null', `${inCar}properties|id|type`, ['string', 'null'], 'GET /cars/{id} 200.id: may now be null'],
  ['a member has a new value', `${inCar}properties|state|enum`, ['new', 'used', 'sold'], 'GET /cars/{id} 200.state: may now be "sold"'],
  ['a list of values became free', `${inCar}properties|state`, { type: 'string' }, 'GET /cars/{id} 200.state: may now be values that were not listed'],
  ['items have another type', `${inCar}properties|photos|items`, { type: 'object' }, 'GET /cars/{id} 200.photos[]: was string, is object'],
  ['the format of items is gone', `${inCar}properties|photos|items`, { type: 'string' }, 'GET /cars/{id} 200.photos[]: had the format uri, has none'],
  ['a member behind a reference is gone', 'components|schemas|Dealer|properties|name', undefined, 'GET /cars/{id} 200.dealer.name: is no longer there'],
  // credentials
  ['credentials are needed', `${list}security`, [{ token: [] }], 'GET /cars: needs credentials now'],
  ['all need credentials', 'security', [{ token: [] }], 'GET /cars: needs credentials now'],
  ['more scopes are needed', `${create}security`, [{ token: ['cars.write', 'cars.admin'] }, { key: [] }], 'POST /cars: token is no longer enough'],
  ['a way to authenticate is gone', `${create}security`, [{ token: ['cars.write'] }], 'POST /cars: key is no longer enough'],
  // webhooks
  ['an event is no longer sent', 'webhooks|car.sold', undefined, 'webhook car.sold: is no longer sent'],
  ['no event is sent', 'webhooks', undefined, 'webhook car.added: is no longer sent'],
  ['an event is sent by another method', 'webhooks|car.sold', { put: { responses: {} } }, 'webhook car.sold: is no longer sent by POST'],
  ['an event has another operation', `${sold}operationId`, 'sold', 'webhook car.sold: the operation was called webhook:car.sold'],
  ['a header is no longer sent', `${sold}parameters|1`, { name: 'x', in: 'header', schema: {} }, 'car.sold header parameter traceparent: is no longer sent'],
  ['a header may be missing', `${sold}parameters|0|required`, false, 'header parameter webhook-id: was always there, and may be missing now'],
  ['a header has another type', `${sold}parameters|0|schema`, { type: 'integer' }, 'header parameter webhook-id: was string, is integer'],
  ['a body is no longer sent', `${sold}requestBody`, undefined, 'webhook car.sold body: is no longer sent'],
  ['a body may be missing', `${sold}requestBody|required`, false, 'webhook car.sold body: was always there, and may be missing now'],
  ['a body has another media type', `${sold}requestBody|content`, { 'text/xml': {} }, 'webhook car.sold body: is no longer application/json'],
  ['a member of a payload is gone', `${inSold}properties|price`, undefined, 'webhook car.sold body.data.price: is no longer there'],
  ['a member of a payload may be missing', `${inSold}required`, [], 'webhook car.sold body.data.id: was always there, and may be missing now'],
  ['a member of a payload has another type', `${inSold}properties|price|type`, 'string', 'webhook car.sold body.data.price: was integer, is string'],
  ['a member of a payload may be null', `${inSold}properties|id|type`, ['string', 'null'], 'webhook car.sold body.data.id: may now be null'],
  ['a member of a payload has a new value', `${inSold}properties|how|enum`, ['cash', 'leasing'], 'webhook car.sold body.data.how: may now be "leasing"'],
  ['an answer of receivers means nothing any more', `${sold}responses|410`, undefined, 'webhook car.sold 410: is no longer understood'],
]

test.each(breaking)('breaks: %s', (_, path, value, message) => {
  const found = diffDocuments(base, changed(path, value)).map((change) => `${change.where}: ${change.message}`)
  expect(found.filter((one) => one.includes(message))).not.toEqual([])
})

const harmless: [string, string, unknown][] = [
  ['a new path', 'paths|/dealers', { get: { operationId: 'dealers.list', responses: {} } }],
  ['a new method', 'paths|/cars|put', { operationId: 'cars.replace', responses: {} }],
  ['a new optional parameter', `${list}parameters|4`, { name: 'page', in: 'query', schema: {} }],
  ['a new optional member', `${inNew}properties|vin`, { type: 'string' }],
  ['a new member of an answer', `${inCar}properties|vin`, { type: 'string' }],
  ['a wider list of accepted values', `${inNew}properties|state|enum`, ['new', 'used', 'sold']],
  ['a shorter list of answered values', `${inCar}properties|state|enum`, ['new']],
  ['wider limits', `${list}parameters|2|schema`, { type: 'integer', minimum: 0, maximum: 200 }],
  ['an integer that may be sent as a number', `${inNew}properties|price`, { type: 'number', minimum: 0 }],
  ['a number that is only answered as an integer', `${inCar}properties|price`, { type: 'integer' }],
  ['null is accepted', `${inNew}properties|id`, { type: ['string', 'null'] }],
  ['a member that is no longer required', `${inNew}required`, []],
  ['a member that is always there now', `${inCar}required`, ['id', 'price', 'state', 'photos']],
  ['another error', `${list}responses|400`, undefined],
  ['a description', `${list}description`, 'Lists cars'],
  ['a deprecation', `${list}deprecated`, true],
  ['another way to authenticate', `${create}security`, [{ token: ['cars.write'] }, { key: [] }, { session: [] }]],
  ['a new event', 'webhooks|car.bought', { post: { responses: {} } }],
  ['a new member of a payload', `${inSold}properties|color`, { type: 'string' }],
  ['a member that a payload always has now', `${inSold}required`, ['id', 'price']],
  ['a value that a payload never has now', `${inSold}properties|how|enum`, ['cash']],
  ['a new header of an event', `${sold}parameters|2`, { name: 'x', in: 'header', required: true, schema: {} }],
  ['an answer of receivers that a range covers', 'webhooks|car.sold|post|responses', { '2XX': {}, '4XX': {}, default: {} }],
  ['credentials that are not needed any more', `${create}security`, []],
  [
    'another name of a path parameter',
    'paths',
    {
      ...base.paths,
      '/cars/{id}': undefined,
      '/cars/{carId}': {
        ...base.paths['/cars/{id}'],
        get: { ...base.paths['/cars/{id}'].get, parameters: [{ name: 'carId', in: 'path', required: true, schema: { type: 'string' } }] },
      },
    },
  ],
]

test.each(harmless)('does not break: %s', (_, path, value) => {
  const document = JSON.parse(JSON.stringify(changed(path, value))) as unknown
  expect(diffDocuments(base, document)).toEqual([])
})

test('a document equals itself, references in circles and documents that are none included', () => {
  expect(diffDocuments(base, base)).toEqual([])
  expect(diffDocuments({}, base)).toEqual([])
  expect(diffDocuments(undefined, base)).toEqual([])
  const circle = { ...base, components: { schemas: { ...base.components.schemas, Dealer: { $ref: '#/components/schemas/Dealer' } } } }
  expect(diffDocuments(circle, circle)).toEqual([])
})

test('documents of applications are compared as their routes change', () => {
  const documentOf = (body: z.ZodType, response: z.ZodType) =>
    createApp({ name: 'shop', routes: { cars: { create: route.post('/cars', { body, response: response as z.ZodType<unknown> }, () => ({}) as never) } } })
      .with({ environment: 'test', env: {} })
      .openapi()
  const before = documentOf(z.object({ make: z.string(), year: z.int().optional() }), z.object({ id: z.string(), make: z.string().nullable() }))
  const after = documentOf(z.object({ make: z.string().max(10), year: z.int() }), z.object({ id: z.int(), make: z.string() }))
  expect(diffDocuments(before, after).map(({ where, message }) => `${where}: ${message}`)).toEqual([
    'POST /cars body.make: maxLength is 10 now',
    'POST /cars body.year: is required now',
    'POST /cars 2XX.id: was string, is integer',
  ])
  expect(diffDocuments(before, before)).toEqual([])
})
