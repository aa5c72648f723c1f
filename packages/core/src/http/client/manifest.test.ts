import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { flattenRoutes } from '../context/flatten-routes.ts'
import { group, mount, route } from '../context/route.ts'
import { buildOpenApi } from '../openapi/build-openapi.ts'
import { manifestFromOpenApi, routeManifest, toManifest } from './manifest.ts'

const answer = () => 1
const routes = {
  home: route.get('/', answer),
  cars: {
    show: route.get('/cars/:id(int)', answer),
    bySlug: route.get('/cars/:slug(slug)', answer),
    drop: route.delete('/cars/:key', answer),
    part: route.get('/cars/:id/parts/:part?/:size?', answer),
  },
  files: route.get('/files/*', answer),
  admin: group({ prefix: '/admin' }, { home: route.get('/', answer), users: group({ prefix: '/users' }, { one: route.get('/:id', answer) }) }),
  kind: { method: { path: route.get('/odd/names', answer) } },
  legacy: mount('/legacy', () => new Response()),
}

test('a manifest of routes says what the server serves', () => {
  const served = flattenRoutes(routes).routes.map(({ name, method, path }) => [name, { method, path }])
  expect(routeManifest(routes)).toEqual(Object.fromEntries(served))
})

test('a manifest from OpenAPI leads to the same places', () => {
  const compiled = flattenRoutes(routes).routes.map((flat) => ({ ...flat, stages: [] }))
  const manifest = manifestFromOpenApi(JSON.parse(JSON.stringify(buildOpenApi(compiled, { title: 't', version: '1', options: [] }))))
  const withoutConstraints = Object.fromEntries(
    Object.entries(routeManifest(routes)).map(([name, { method, path }]) => [name, { method, path: path.replaceAll(/\([^)]*\)/g, '') }]),
  )
  const found = Object.fromEntries(Object.entries(manifest).map(([name, { method, path }]) => [name, { method, path: path.replaceAll(/\([^)]*\)/g, '') }]))
  expect(found).toMatchObject(withoutConstraints)
})

test('routes and manifests are told apart', () => {
  const manifest = routeManifest(routes)
  expect(toManifest(manifest)).toBe(manifest)
  expect(toManifest(routes)).toEqual(manifest)
  expect(toManifest({ path: route.get('/path', answer), method: route.get('/method', answer) })).toEqual({
    path: { method: 'GET', path: '/path' },
    method: { method: 'GET', path: '/method' },
  })
})

test('nothing that a client needs is only in Node', () => {
  const start = fileURLToPath(new URL('../../client.ts', import.meta.url))
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^'\n]*from '([^']+)'/gm)) {
      expect(specifier, `${file} imports`).toMatch(/^\./)
      visit(join(dirname(file), specifier))
    }
  }
  visit(start)
  expect(seen.size).toBeGreaterThan(5)
})
