import { openSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { H3, handleCors, readValidatedBody, serve } from 'h3'
import { pino } from 'pino'
import prom from 'prom-client'
import { Car, allowedOrigin, announce, fillers, limit, postOf, scenario, secret } from './workload.ts'

const app = new H3()
if (scenario === 'production') {
  const log = pino({ level: 'info' }, pino.destination({ fd: openSync('/dev/null', 'w'), sync: false }))
  const total = new prom.Counter({ name: 'requests_total', help: 'requests', labelNames: ['route', 'method', 'status'] })
  const duration = new prom.Histogram({ name: 'duration_seconds', help: 'duration', labelNames: ['route', 'method'] })
  const verify = createVerifier({ key: secret, cache: 1_000 })
  const counts = new Map<string, number>()
  app.use(async (event, next) => {
    const started = performance.now()
    const id = event.req.headers.get('x-request-id') ?? randomUUID()
    handleCors(event, { origin: [allowedOrigin] })
    const user = (verify(event.req.headers.get('authorization')?.slice(7) ?? '') as { sub: string }).sub
    const used = (counts.get(user) ?? 0) + 1
    counts.set(user, used)
    const { headers } = event.res
    for (const [name, value] of [
      ['x-request-id', id],
      ['x-content-type-options', 'nosniff'],
      ['content-security-policy', "default-src 'none'"],
      ['referrer-policy', 'no-referrer'],
      ['x-frame-options', 'DENY'],
      ['cross-origin-opener-policy', 'same-origin'],
      ['cross-origin-resource-policy', 'same-origin'],
      ['x-ratelimit-limit', String(limit)],
      ['x-ratelimit-remaining', String(limit - used)],
      ['x-ratelimit-reset', '60'],
    ] as const)
      headers.set(name, value)
    const result = await next()
    const seconds = (performance.now() - started) / 1000
    total.inc({ route: '/users/:id/posts/:post', method: 'GET', status: 200 })
    duration.observe({ route: '/users/:id/posts/:post', method: 'GET' }, seconds)
    log.info({ requestId: id, method: 'GET', path: event.url.pathname, status: 200, durationMs: seconds * 1000, userId: user }, 'request')
    return result
  })
}
for (const path of fillers) app.get(path, () => ({}))
app.get('/hello', () => ({ hello: 'world' }))
app.get('/users/:id/posts/:post', (event) => postOf(event.context.params?.id as string, event.context.params?.post as string))
app.post('/cars', async (event) => {
  const body = await readValidatedBody(event, Car)
  event.res.status = 201
  return { id: 'x', ...body }
})
const server = serve(app, { port: 0, hostname: '127.0.0.1', silent: true })
await server.ready()
announce(Number(new URL(server.url as string).port))
