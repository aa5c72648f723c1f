import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { created, group, mount, noContent, route, uploadedFile } from 'glueful'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDoor } from './doors.ts'

const Dealer = z.object({ name: z.string() }).meta({ id: 'Dealer' })
const Car = z.object({ id: z.uuid(), price: z.coerce.number().default(1), sold: z.date().optional(), dealer: Dealer }).meta({ id: 'Car' })
const routes = {
  cars: {
    list: route.get(
      '/cars',
      { query: z.object({ page: z.coerce.number().int().min(1).default(1).describe('Page number'), make: z.string().optional() }), response: z.array(Car) },
      () => [],
    ),
    show: route.get('/cars/:id(uuid)/:part?', { params: z.object({ id: z.uuid(), part: z.string().optional() }), summary: 'One car', response: Car }, () => ({
      id: crypto.randomUUID(),
      dealer: { name: 'x' },
    })),
    create: route.post('/cars', { body: Car, response: Car, strict: true }, ({ body }) => created(body)),
    photo: route.post(
      '/cars/:id/photo',
      {
        accepts: ['multipart'],
        body: z.object({
          photo: uploadedFile({ types: ['image/png', 'image/jpeg'] }),
          more: z.array(uploadedFile({ types: ['image/png'] })).optional(),
          note: z.string().optional(),
        }),
      },
      () => noContent(),
    ),
  },
  admin: group(
    { prefix: '/admin', ipAllow: ['loopback'], tags: ['operators'] },
    { stats: route.get('/stats', { headers: z.object({ 'x-since': z.string() }) }, () => 1) },
  ),
  uploads: {
    raw: route.post('/raw', { accepts: ['raw', 'text'] }, () => noContent()),
    maybe: route.put('/maybe', { body: z.object({ at: z.string() }).optional() }, () => noContent()),
  },
  plain: route.get('/plain', () => 1),
  internal: route.get('/internal', { hidden: true }, () => 1),
  legacy: mount('/legacy', () => new Response()),
}

test('the document describes what is served, and nothing that is hidden', async () => {
  await using door = await openDoor('fetch', { routes, version: '3.1.4', description: 'Cars' })
  const document = (await door.send('GET', '/openapi.json')).json() as unknown as Record<string, Record<string, never>> & {
    paths: Record<string, Record<string, Record<string, never>>>
  }
  expect(document['openapi']).toBe('3.1.1')
  expect(Object.keys(document.paths)).toEqual(['/cars', '/cars/{id}', '/cars/{id}/{part}', '/cars/{id}/photo', '/admin/stats', '/raw', '/maybe', '/plain'])
  const list = document.paths['/cars']?.['get'] as unknown as { operationId: string; parameters: object[]; responses: Record<string, object> }
  expect(list.operationId).toBe('cars.list')
  expect(list.parameters).toContainEqual({
    name: 'page',
    in: 'query',
    description: 'Page number',
    schema: { default: 1, type: 'integer', minimum: 1 },
  })
  expect(list.responses['200']).toMatchObject({ content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Car' } } } } })
  expect(Object.keys(list.responses)).toEqual(['200', '400', '422', '500', '504'])
  const create = document.paths['/cars']?.['post'] as unknown as { responses: object; requestBody: object }
  expect(Object.keys(create.responses)).toEqual(['400', '408', '413', '415', '422', '500', '504', '2XX'])
  expect(create.requestBody).toMatchObject({ content: { 'application/json': { schema: { $ref: '#/components/schemas/CarInput' } } } })
  expect(document.paths['/cars/{id}/photo']?.['post']).toMatchObject({
    requestBody: {
      content: {
        'multipart/form-data': {
          schema: { properties: { photo: { type: 'string', format: 'binary' }, more: { type: 'array', items: { type: 'string', format: 'binary' } } } },
          encoding: { photo: { contentType: 'image/png, image/jpeg' }, more: { contentType: 'image/png' } },
        },
      },
    },
  })
  // What is read without a schema is anything of its types.
  expect(document.paths['/raw']?.['post']).toMatchObject({
    requestBody: { required: true, content: { 'application/octet-stream': {}, 'text/plain': {} } },
  })
  expect(document.paths['/maybe']?.['put']).toMatchObject({ requestBody: { required: false, content: { 'application/json': {} } } })
  expect(document.paths['/admin/stats']?.['get']).toMatchObject({
    tags: ['operators'],
    responses: { 403: {} },
    parameters: [{ name: 'x-since', in: 'header', required: true }],
  })
  expect((document['components'] as unknown as { schemas: Record<string, object> }).schemas['Car']).toMatchObject({
    properties: { sold: { type: 'string', format: 'date-time' } },
  })
})

test.each([
  ['envelope' as const, 'ErrorEnvelope'],
  [(problem: { code: string }) => ({ failure: problem.code }), 'Error'],
])('errors in another shape are described in it: %s', async (format, name) => {
  await using door = await openDoor('fetch', { routes, errors: { format } })
  const { paths, components } = door.app.openapi()
  const responses = paths['/cars']?.['post']?.responses as Record<string, { content: object }> | undefined
  const answer = await door.send('POST', '/cars', { headers: { 'content-type': 'application/json' }, body: '{}' })
  expect(responses?.[String(answer.status)]?.content).toEqual({
    [String(answer.headers.get('content-type')?.split(';')[0])]: { schema: { $ref: `#/components/schemas/${name}` } },
  })
  expect(Object.keys(components.schemas)).toContain(name)
  expect(JSON.stringify(paths)).not.toContain('problem')
  const { properties } = components.schemas[name] as { properties?: Record<string, object> }
  if (properties !== undefined) expect(Object.keys(answer.json())).toEqual(Object.keys(properties))
})

test('redocly finds nothing wrong with it', { timeout: 60_000 }, async () => {
  await using door = await openDoor('fetch', {
    routes,
    openapi: { license: { name: 'MIT', identifier: 'MIT' }, servers: [{ url: 'https://api.glueful.test' }] },
  })
  const folder = mkdtempSync(join(tmpdir(), 'glueful-openapi-'))
  writeFileSync(join(folder, 'openapi.json'), (await door.send('GET', '/openapi.json')).text)
  writeFileSync(join(folder, 'redocly.yaml'), 'extends: [recommended]\nrules:\n  security-defined: off\ntelemetry: off\n')
  const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json')
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(manifest, '../bin/cli.js'), 'lint', 'openapi.json'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  expect(`${stdout}${stderr}`).toContain('Your API description is valid')
  expect(`${stdout}${stderr}`).not.toContain('warning')
  expect(status).toBe(0)
})

test('the documentation is a page of its own files, and is off in production unless asked for', async () => {
  await using door = await openDoor('fetch', { routes })
  const page = await door.send('GET', '/docs')
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(page.text).not.toMatch(/https?:\/\//)
  expect((await door.send('GET', '/docs/start.js')).text).toContain('/openapi.json')
  expect((await door.send('GET', '/docs/scalar.js')).text.length).toBeGreaterThan(100_000)
  await using production = await openDoor('fetch', { routes }, { environment: 'production' })
  for (const path of ['/docs', '/openapi.json']) expect((await production.send('GET', path)).status).toBe(404)
  await using asked = await openDoor('fetch', { routes }, { environment: 'production', env: { API_DOCS_ENABLED: 'true' } })
  expect((await asked.send('GET', '/docs')).status).toBe(200)
})
