import { openSync } from 'node:fs'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { createVerifier } from 'fast-jwt'
import Fastify from 'fastify'
import { pino } from 'pino'
import prom from 'prom-client'
import { allowedOrigin, announce, fillers, limit, postOf, scenario, secret } from './workload.ts'

const production = scenario === 'production'
const app = Fastify(
  production
    ? {
        loggerInstance: pino({ level: 'info' }, pino.destination({ fd: openSync('/dev/null', 'w'), sync: false })),
        disableRequestLogging: true,
        requestIdHeader: 'x-request-id',
      }
    : { logger: false },
)
if (production) {
  const total = new prom.Counter({ name: 'requests_total', help: 'requests', labelNames: ['route', 'method', 'status'] })
  const duration = new prom.Histogram({ name: 'duration_seconds', help: 'duration', labelNames: ['route', 'method'] })
  const verify = createVerifier({ key: secret, cache: 1_000 })
  await app.register(helmet)
  await app.register(cors, { origin: [allowedOrigin] })
  app.addHook('onRequest', (request, reply, done) => {
    ;(request as { user?: unknown }).user = verify(request.headers.authorization?.slice(7) ?? '')
    reply.header('x-request-id', request.id)
    done()
  })
  await app.register(rateLimit, { max: limit, timeWindow: 60_000, keyGenerator: (request) => (request as { user?: { sub: string } }).user?.sub ?? request.ip })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url as string
    total.inc({ route, method: request.method, status: reply.statusCode })
    duration.observe({ route, method: request.method }, reply.elapsedTime / 1000)
    request.log.info(
      {
        requestId: request.id,
        method: request.method,
        path: request.url,
        route,
        status: reply.statusCode,
        durationMs: reply.elapsedTime,
        ip: request.ip,
        userId: (request as { user?: { sub: string } }).user?.sub,
      },
      'request',
    )
    done()
  })
}
for (const path of fillers) app.get(path, () => ({}))
app.get('/hello', () => ({ hello: 'world' }))
app.get('/users/:id/posts/:post', (request) => {
  const { id, post } = request.params as { id: string; post: string }
  return postOf(id, post)
})
const text = (max: number) => ({ type: 'string', minLength: 1, maxLength: max })
app.post(
  '/cars',
  {
    schema: {
      body: {
        type: 'object',
        required: ['make', 'model', 'year', 'price', 'mileage', 'fuel', 'description', 'dealer'],
        properties: {
          make: text(40),
          model: text(60),
          year: { type: 'integer', minimum: 1950, maximum: 2030 },
          price: { type: 'integer', minimum: 1 },
          mileage: { type: 'integer', minimum: 0 },
          fuel: { enum: ['petrol', 'diesel', 'hybrid', 'electric'] },
          description: { type: 'string', maxLength: 500 },
          dealer: { type: 'object', required: ['name', 'city'], properties: { name: { type: 'string' }, city: { type: 'string' } } },
        },
      },
    },
  },
  (request, reply) => {
    reply.code(201)
    return { id: 'x', ...(request.body as object) }
  },
)
await app.listen({ port: 0, host: '127.0.0.1' })
announce((app.server.address() as { port: number }).port)
