import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { flattenRoutes } from '../context/flatten-routes.ts'
import { defineRouteOption, type OperationObject, type RouteOption } from '../context/route-option.ts'
import { route, type RouteTree } from '../context/route.ts'
import type { Schema } from '../context/schema.ts'
import { buildOpenApi, type OpenApiDocument, type OpenApiOptions } from './build-openapi.ts'

const answer = () => undefined as never

function describeRoutes(routes: RouteTree, options: Partial<OpenApiOptions> = {}): OpenApiDocument {
  const compiled = flattenRoutes(routes).routes.map((flat) => ({ ...flat, stages: [] }))
  return buildOpenApi(compiled, { title: 'Test', version: '1.0.0', options: [], ...options })
}

function operation(document: OpenApiDocument, method: string, path: string): OperationObject {
  return document.paths[path]?.[method] as OperationObject
}

const Dealer = z.object({ name: z.string() }).meta({ id: 'Dealer', description: 'Who sells' })
const Car = z.object({ id: z.uuid(), price: z.number().default(1), sold: z.date().optional(), dealer: Dealer }).meta({ id: 'Car' })
const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree)
  },
})

/** An option that protects routes, as an extension would add it. */
const guard = defineRouteOption({
  name: 'summary',
  compile: () => undefined,
  errors: () => [
    { status: 401, code: 'UNAUTHENTICATED', title: 'Unauthorized' },
    { status: 404, code: 'GONE_AWAY', title: 'Not Found' },
  ],
  openapi: (_, target) => {
    target.security = [{ bearer: [] }]
  },
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, unused: { type: 'http', scheme: 'basic' } },
}) as unknown as RouteOption

const everything = {
  cars: {
    list: route.get(
      '/cars',
      {
        query: z.object({
          make: z
            .string()
            .meta({ examples: ['Volvo'], description: 'Built by' })
            .optional(),
          old: z.string().meta({ deprecated: true }).optional(),
          ids: z.array(z.uuid()),
        }),
        response: z.array(Car),
        summary: 'All cars',
        tags: ['cars', 'search'],
      },
      answer,
    ),
    show: route.get(
      '/cars/:id(uuid)/:part?',
      { params: z.object({ id: z.uuid(), part: z.enum(['a', 'b']).optional() }), response: Car, description: 'One' },
      answer,
    ),
    drop: route.delete('/cars/:key', answer),
    bySlug: route.get('/cars/:slug(slug)', answer),
    create: route.post('/cars', { body: Car, response: Car }, answer),
  },
  tree: route.put('/tree', { body: Tree, response: z.object({ tree: Tree, other: Tree }) }, answer),
  files: route.get(
    '/files/:rest/*',
    { headers: z.object({ 'x-size': z.coerce.number(), authorization: z.string() }), cookies: z.object({ theme: z.string().optional() }) },
    answer,
  ),
}

test('numbers have the limits that somebody set, not the ends of their range', () => {
  const schema = z.object({ any: z.int(), small: z.int32(), year: z.int().min(1950).max(2030), stock: z.int().min(0), less: z.int().max(-1) })
  const { responses } = operation(describeRoutes({ cars: route.get('/cars', { response: schema }, answer) }), 'get', '/cars')
  const properties = {
    any: { type: 'integer' },
    small: { type: 'integer', format: 'int32' },
    year: { type: 'integer', minimum: 1950, maximum: 2030 },
    stock: { type: 'integer', minimum: 0 },
    less: { type: 'integer', maximum: -1 },
  }
  expect(responses['200']).toMatchObject({ content: { 'application/json': { schema: { properties } } } })
  expect(JSON.stringify(responses)).not.toMatch(/9007199254740991|214748364/)
})

test('a tag made of a name is words', () => {
  const document = describeRoutes({ carDetails: { search: route.get('/car-details', answer) } })
  expect(operation(document, 'get', '/car-details').tags).toEqual(['car details'])
})

describe('an operation', () => {
  const document = describeRoutes(everything)

  test('has its route name as id, and tags, summary and description of the route', () => {
    expect(operation(document, 'get', '/cars')).toMatchObject({ operationId: 'cars.list', summary: 'All cars', tags: ['cars', 'search'] })
    expect(operation(document, 'put', '/tree')).toMatchObject({ operationId: 'tree', summary: 'tree', tags: ['tree'] })
    expect(operation(document, 'get', '/cars/{id}/{part}')).toMatchObject({ description: 'One' })
  })

  test('lists the fields of query, headers and cookies as parameters', () => {
    expect(operation(document, 'get', '/cars').parameters).toEqual([
      { name: 'make', in: 'query', description: 'Built by', schema: { type: 'string', examples: ['Volvo'] } },
      { name: 'old', in: 'query', deprecated: true, schema: { type: 'string' } },
      { name: 'ids', in: 'query', required: true, schema: { type: 'array', items: expect.objectContaining({ type: 'string', format: 'uuid' }) as object } },
    ])
    expect(operation(document, 'get', '/files/{rest}/{rest_}').parameters).toEqual([
      { name: 'rest', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'rest_', in: 'path', required: true, description: 'May contain slashes', schema: { type: 'string' } },
      { name: 'x-size', in: 'header', required: true, schema: { type: 'number' } },
      { name: 'theme', in: 'cookie', schema: { type: 'string' } },
    ])
  })

  test('lists the fields of queries that have an id, are put together, or are a choice', () => {
    const kinds = z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), x: z.string() }), z.object({ kind: z.literal('b'), y: z.string() })])
    const found = describeRoutes({
      named: route.get('/named', { query: z.object({ page: z.number() }).meta({ id: 'Paging' }) }, answer),
      both: route.get('/both', { query: z.intersection(z.object({ a: z.string() }), kinds) }, answer),
    })
    const names = (path: string) => operation(found, 'get', path).parameters.map(({ name, required }) => `${String(name)}${required === true ? '!' : ''}`)
    expect(names('/named')).toEqual(['page!'])
    expect(names('/both').sort()).toEqual(['a!', 'kind!', 'x', 'y'])
    expect(Object.keys(found.components.schemas)).toEqual(['Problem'])
  })

  test('says of a path what its constraints say', () => {
    const found = describeRoutes({ a: route.get('/a/:n(int)/:u(uuid)/:s(slug)/:x([a-z]{2})', answer) })
    expect(operation(found, 'get', '/a/{n}/{u}/{s}/{x}').parameters.map(({ schema }) => schema)).toEqual([
      { type: 'integer' },
      { type: 'string', format: 'uuid' },
      { type: 'string', pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$' },
      { type: 'string', pattern: '^(?:[a-z]{2})$' },
    ])
  })

  test('has a path for each optional segment; those that OpenAPI cannot tell apart are numbered', () => {
    expect(
      Object.entries(document.paths).flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, { operationId, 'x-glueful-path': own }]) => [method, path, operationId, own]),
      ),
    ).toEqual([
      ['get', '/cars', 'cars.list', undefined],
      ['post', '/cars', 'cars.create', undefined],
      ['get', '/cars/{id}', 'cars.show.without.part', undefined],
      ['delete', '/cars/{id}', 'cars.drop', '/cars/:key'],
      ['get', '/cars/{id}/{part}', 'cars.show', '/cars/:id(uuid)/:part?'],
      ['get', '/cars/{slug}#2', 'cars.bySlug', '/cars/:slug(slug)'],
      ['put', '/tree', 'tree', undefined],
      ['get', '/files/{rest}/{rest_}', 'files', '/files/:rest/*'],
    ])
  })

  test('lists the errors that it and its options can answer', () => {
    const guarded = operation(describeRoutes({ a: route.get('/a/:id', answer) }, { options: [guard] }), 'get', '/a/{id}')
    expect(Object.fromEntries(Object.entries(guarded.responses).map(([status, { description }]) => [status, description]))).toEqual({
      '2XX': 'Done',
      400: 'Bad Request (HOST_MALFORMED, MALFORMED_PATH)',
      401: 'Unauthorized (UNAUTHENTICATED)',
      404: 'Not Found (GONE_AWAY, NOT_FOUND)',
      500: 'Internal Server Error (INTERNAL_ERROR)',
    })
    expect(guarded.responses['401']).toMatchObject({ content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } })
  })

  test('brings the security schemes that it names, and no others', () => {
    expect(describeRoutes({ a: route.get('/a', answer) }, { options: [guard] }).components.securitySchemes).toEqual({
      bearer: { type: 'http', scheme: 'bearer' },
    })
    expect(describeRoutes({ a: route.get('/a', answer) }).components.securitySchemes).toBeUndefined()
  })

  test('does not pretend to know schemas that do not describe themselves', () => {
    const foreign: Schema = { '~standard': { version: 1, vendor: 'other', validate: (value) => ({ value }) } }
    const standard: Schema = {
      '~standard': { ...foreign['~standard'], ...({ jsonSchema: { input: () => ({ type: 'integer' }), output: () => ({ type: 'string' }) } } as object) },
    }
    const found = describeRoutes({ a: route.post('/a', { body: foreign }, answer), b: route.post('/b', { body: standard, response: standard }, answer) })
    expect(operation(found, 'post', '/a').requestBody).toMatchObject({
      content: { 'application/json': { schema: { description: 'Not described: other schemas have no JSON Schema.' } } },
    })
    expect(operation(found, 'post', '/b')).toMatchObject({
      requestBody: { content: { 'application/json': { schema: { type: 'integer' } } } },
      responses: { '2XX': { content: { 'application/json': { schema: { type: 'string' } } } } },
    })
  })
})

describe('components', () => {
  const { schemas } = describeRoutes(everything).components

  test('are the schemas with an id; an input that differs from the output has a name of its own', () => {
    expect(Object.keys(schemas).sort()).toEqual(['Car', 'CarInput', 'Dealer', 'Problem', 'TreeBody', 'TreeResponsePart'])
    expect(schemas['Car']).toMatchObject({
      required: ['id', 'price', 'dealer'],
      properties: { dealer: { $ref: '#/components/schemas/Dealer' }, sold: { type: 'string', format: 'date-time' } },
    })
    expect(schemas['CarInput']).toMatchObject({ required: ['id', 'dealer'], properties: { dealer: { $ref: '#/components/schemas/Dealer' } } })
    expect(schemas['TreeBody']).toMatchObject({ properties: { children: { items: { $ref: '#/components/schemas/TreeBody' } } } })
  })

  test('are one where they say the same, and numbered where they do not', () => {
    const named = (schema: z.ZodType) => schema.meta({ id: 'Same' })
    const found = describeRoutes({
      a: route.put('/a', { body: named(z.string()), response: named(z.string()) }, answer),
      b: route.put('/b', { response: named(z.number()) }, answer),
      c: route.put('/c', { response: z.object({ x: named(z.string()) }) }, answer),
      d: route.put('/d', { body: z.string().meta({ id: 'Problem' }), response: z.string().meta({ id: 'odd name/ü' }) }, answer),
    })
    expect(Object.keys(found.components.schemas)).toEqual(['Problem', 'ProblemInput', 'Same', 'Same2', 'odd_name__'])
    expect(operation(found, 'put', '/c').responses['200']).toMatchObject({
      content: { 'application/json': { schema: { properties: { x: { $ref: '#/components/schemas/Same' } } } } },
    })
    expect(operation(found, 'put', '/b').responses['200']).toMatchObject({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Same2' } } },
    })
  })

  test('leave data alone that looks like a reference', () => {
    const found = describeRoutes({ a: route.put('/a', { body: z.object({ odd: z.any().default({ $ref: '#/$defs/nothing' }) }) }, answer) })
    expect(JSON.stringify(operation(found, 'put', '/a').requestBody)).toContain('{"$ref":"#/$defs/nothing"}')
  })
})

test('equal routes give equal text', () => {
  expect(JSON.stringify(describeRoutes(everything))).toBe(JSON.stringify(describeRoutes(everything)))
})

test('redocly finds nothing wrong with any of it', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-openapi-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(
    join(folder, 'openapi.json'),
    JSON.stringify(
      describeRoutes(everything, {
        options: [guard],
        description: 'All there is',
        license: { name: 'MIT', identifier: 'MIT' },
        contact: { name: 'Us', url: 'https://glueful.test' },
        servers: [{ url: 'https://api.glueful.test' }],
      }),
    ),
  )
  writeFileSync(join(folder, 'redocly.yaml'), 'extends: [recommended]\ntelemetry: off\n')
  const cli = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin/cli.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'lint', 'openapi.json'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 50_000,
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  expect(`${stdout}${stderr}`).toContain('Your API description is valid')
  expect(`${stdout}${stderr}`).not.toMatch(/warning/i)
  expect(status).toBe(0)
})
