import { openSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { jwt } from 'hono/jwt'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { pino } from 'pino'
import prom from 'prom-client'
import { Car, allowedOrigin, announce, fillers, limit, postOf, scenario, secret } from './workload.ts'

const app = new Hono<{ Variables: { jwtPayload: { sub: string }; requestId: string } }>()
if (scenario === 'production') {
  const log = pino({ level: 'info' }, pino.destination({ fd: openSync('/dev/null', 'w'), sync: false }))
  const total = new prom.Counter({ name: 'requests_total', help: 'requests', labelNames: ['route', 'method', 'status'] })
  const duration = new prom.Histogram({ name: 'duration_seconds', help: 'duration', labelNames: ['route', 'method'] })
  const counts = new Map<string, number>()
  app.use(requestId(), secureHeaders(), cors({ origin: [allowedOrigin] }))
  app.use(async (c, next) => {
    const started = performance.now()
    await next()
    const seconds = (performance.now() - started) / 1000
    const labels = { route: '/users/:id/posts/:post', method: c.req.method }
    total.inc({ ...labels, status: c.res.status })
    duration.observe(labels, seconds)
    log.info(
      {
        requestId: c.get('requestId'),
        method: c.req.method,
        path: c.req.path,
        status: c.res.status,
        durationMs: seconds * 1000,
        userId: c.get('jwtPayload')?.sub,
      },
      'request',
    )
  })
  app.use(jwt({ secret, alg: 'HS256' }))
  app.use(async (c, next) => {
    const user = c.get('jwtPayload').sub
    const used = (counts.get(user) ?? 0) + 1
    counts.set(user, used)
    c.header('x-ratelimit-limit', String(limit))
    c.header('x-ratelimit-remaining', String(limit - used))
    c.header('x-ratelimit-reset', '60')
    await next()
  })
}
for (const path of fillers) app.get(path, (c) => c.json({}))
app.get('/hello', (c) => c.json({ hello: 'world' }))
app.get('/users/:id/posts/:post', (c) => c.json(postOf(c.req.param('id'), c.req.param('post'))))
app.post('/cars', zValidator('json', Car), (c) => c.json({ id: 'x', ...c.req.valid('json') }, 201))
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => announce(port))
