import { once } from 'node:events'
import { createServer } from 'node:http'
import { Cache, Cdn, createApp, noContent, provide, route, type App } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

const apps: App[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

const routes = {
  show: route.get('/cars/:id', { cache: { ttl: '1h', tags: ({ params }) => ['cars', `car:${params['id']}`] } }, ({ params }) => params),
  update: route.patch('/cars/:id', () => noContent()),
}

/** The purge API of a network, as far as it is used. */
async function startFake(answer: (calls: number) => { status: number; body: unknown }) {
  const calls: { url: string; headers: Record<string, unknown>; body: { tags?: string[]; surrogate_keys?: string[] } }[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => void chunks.push(chunk))
    req.on('end', () => {
      calls.push({ url: `${req.method} ${req.url}`, headers: req.headers, body: JSON.parse(Buffer.concat(chunks).toString()) as object })
      const { status, body } = answer(calls.length)
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { calls, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() }
}

async function open(env: Record<string, string>, services: Parameters<typeof createApp>[0]['services'] = []) {
  const destination = createMemoryDestination()
  const app = createApp({ name: 'cdn', routes, services }).with({ environment: 'test', env, logDestination: destination })
  apps.push(app)
  await app.ready()
  return { app, logs: destination.lines, send: (path: string, init?: RequestInit) => app.fetch(new Request(`http://localhost${path}`, init)) }
}

describe('Fastly', () => {
  test('answers carry Surrogate-Key; a flush is one call for up to 256 tags', async () => {
    await using fake = await startFake(() => ({ status: 200, body: {} }))
    const { app, send } = await open({ CDN_PROVIDER: 'fastly', CDN_ZONE: 'SU1Z0', CDN_TOKEN: 'secret-token', CDN_API_URL: fake.url })
    const first = (await send('/cars/1')).headers.get('surrogate-key')
    expect(first).toMatch(/^cars car:1 path:[\w-]{22}$/)
    expect((await send('/cars/1')).headers.get('surrogate-key')).toBe(first)
    await app.use(Cache).flush('cars', 'car:1')
    await vi.waitFor(() => expect(fake.calls).toHaveLength(1))
    expect(fake.calls[0]).toMatchObject({
      url: 'POST /service/SU1Z0/purge',
      headers: { 'fastly-key': 'secret-token' },
      body: { surrogate_keys: ['cars', 'car:1'] },
    })
    await send('/cars/1', { method: 'PATCH' })
    await vi.waitFor(() => expect(fake.calls[1]?.body.surrogate_keys?.[0]).toBe(first?.split(' ')[2]))
  })

  test('a burst of flushes makes few calls, and none is lost at the end', async () => {
    await using fake = await startFake(() => ({ status: 200, body: {} }))
    const { app } = await open({ CDN_PROVIDER: 'fastly', CDN_ZONE: 'z', CDN_TOKEN: 't', CDN_API_URL: fake.url })
    await Promise.all(Array.from({ length: 600 }, (_, index) => app.use(Cache).flush(`t${index}`)))
    await app.close()
    expect(fake.calls.flatMap(({ body }) => body.surrogate_keys ?? [])).toHaveLength(600)
    expect(fake.calls.length).toBeLessThan(10)
    expect(Math.max(...fake.calls.map(({ body }) => body.surrogate_keys?.length ?? 0))).toBeLessThanOrEqual(256)
  })
})

describe('Cloudflare', () => {
  const env = (url: string) => ({ CDN_PROVIDER: 'cloudflare', CDN_ZONE: 'zone', CDN_TOKEN: 'secret-token', CDN_API_URL: url })

  test('answers carry Cache-Tag; a flush is one call for up to 30 tags, tried again when it fails', async () => {
    await using fake = await startFake((calls) => (calls === 1 ? { status: 502, body: {} } : { status: 200, body: { success: true } }))
    const { app, send } = await open(env(fake.url))
    expect((await send('/cars/1')).headers.get('cache-tag')).toMatch(/^cars,car:1,path:/)
    await app.use(Cache).flush('cars')
    await vi.waitFor(() => expect(fake.calls).toHaveLength(2))
    expect(fake.calls[1]).toMatchObject({ url: 'POST /zones/zone/purge_cache', headers: { authorization: 'Bearer secret-token' }, body: { tags: ['cars'] } })
    await app.use(Cache).flush(...Array.from({ length: 31 }, (_, index) => `t${index}`))
    await vi.waitFor(() => expect(fake.calls.map(({ body }) => body.tags?.length)).toEqual([1, 1, 30, 1]))
  })

  test('a refusal is logged by its code, and the change itself succeeds', async () => {
    await using fake = await startFake(() => ({ status: 200, body: { success: false, errors: [{ code: 1 }] } }))
    const { app, logs } = await open(env(fake.url))
    await app.use(Cache).flush('cars')
    await app.close()
    const line = logs.find((one) => one.includes('The CDN was not purged'))
    expect(line).toContain('CDN_PURGE_REFUSED')
    expect(line).not.toContain('secret-token')
  })
})

test('without a token the application does not start: CDN_INCOMPLETE', async () => {
  await expect(open({ CDN_PROVIDER: 'fastly', CDN_ZONE: 'z' })).rejects.toMatchObject({ code: 'CDN_INCOMPLETE' })
})

test('another network is a service of the application', async () => {
  const purged: string[][] = []
  const own: Cdn = { name: 'own', headers: (tags) => ['edge-tags', tags.join(' ')], purge: async (tags) => void purged.push([...tags]) }
  const { app, send } = await open({}, [provide(Cdn, () => own)])
  expect((await send('/cars/1')).headers.get('edge-tags')).toContain('cars car:1')
  await app.use(Cache).flush('cars')
  await vi.waitFor(() => expect(purged).toEqual([['cars']]))
})
