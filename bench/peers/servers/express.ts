import { openSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import cors from 'cors'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import { createVerifier } from 'fast-jwt'
import helmet from 'helmet'
import { pino } from 'pino'
import prom from 'prom-client'
import { Car, allowedOrigin, announce, fillers, limit, postOf, scenario, secret } from './workload.ts'

const app = express()
if (scenario === 'production') {
  const log = pino({ level: 'info' }, pino.destination({ fd: openSync('/dev/null', 'w'), sync: false }))
  const total = new prom.Counter({ name: 'requests_total', help: 'requests', labelNames: ['route', 'method', 'status'] })
  const duration = new prom.Histogram({ name: 'duration_seconds', help: 'duration', labelNames: ['route', 'method'] })
  const verify = createVerifier({ key: secret, cache: 1_000 })
  app.use((req, res, next) => {
    const started = performance.now()
    const id = (req.headers['x-request-id'] as string | undefined) ?? randomUUID()
    res.setHeader('x-request-id', id)
    res.on('finish', () => {
      const seconds = (performance.now() - started) / 1000
      total.inc({ route: '/users/:id/posts/:post', method: req.method, status: res.statusCode })
      duration.observe({ route: '/users/:id/posts/:post', method: req.method }, seconds)
      log.info({ requestId: id, method: req.method, path: req.path, status: res.statusCode, durationMs: seconds * 1000, ip: req.ip }, 'request')
    })
    next()
  })
  app.use(helmet(), cors({ origin: [allowedOrigin] }))
  app.use((req, _res, next) => {
    ;(req as { user?: unknown }).user = verify(req.headers.authorization?.slice(7) ?? '')
    next()
  })
  app.use(
    rateLimit({
      limit,
      windowMs: 60_000,
      keyGenerator: (req) => (req as { user?: { sub: string } }).user?.sub as string,
      standardHeaders: false,
      legacyHeaders: true,
    }),
  )
}
for (const path of fillers) app.get(path, (_req, res) => void res.json({}))
app.get('/hello', (_req, res) => void res.json({ hello: 'world' }))
app.get('/users/:id/posts/:post', (req, res) => void res.json(postOf(req.params.id, req.params.post)))
app.post('/cars', express.json(), (req, res) => {
  const parsed = Car.safeParse(req.body)
  res.status(parsed.success ? 201 : 422).json(parsed.success ? { id: 'x', ...parsed.data } : parsed.error.issues)
})
const server = app.listen(0, '127.0.0.1', () => announce((server.address() as { port: number }).port))
