import 'reflect-metadata'
import { openSync } from 'node:fs'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { Controller, Get, Module, Param, Body, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { createVerifier } from 'fast-jwt'
import { pino } from 'pino'
import prom from 'prom-client'
import { Car, allowedOrigin, announce, fillers, limit, postOf, scenario, secret } from './workload.ts'

// Decorators applied by hand: the runtime strips types and has no decorator syntax.
class AppController {
  hello() {
    return { hello: 'world' }
  }
  post(id: string, post: string) {
    return postOf(id, post)
  }
  create(body: unknown) {
    return { id: 'x', ...Car.parse(body) }
  }
}
const member = (name: keyof AppController, method: MethodDecorator) =>
  method(AppController.prototype, name, Object.getOwnPropertyDescriptor(AppController.prototype, name) as never)
for (const [index, path] of fillers.entries()) {
  const name = `filler${index}` as keyof AppController
  Object.defineProperty(AppController.prototype, name, { value: () => ({}), writable: true, configurable: true })
  member(name, Get(path))
}
Param('id')(AppController.prototype, 'post', 0)
Param('post')(AppController.prototype, 'post', 1)
Body()(AppController.prototype, 'create', 0)
member('hello', Get('/hello'))
member('post', Get('/users/:id/posts/:post'))
member('create', Post('/cars'))
Controller()(AppController)
class AppModule {}
Module({ controllers: [AppController] })(AppModule)

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false })
if (scenario === 'production') {
  const log = pino({ level: 'info' }, pino.destination({ fd: openSync('/dev/null', 'w'), sync: false }))
  const total = new prom.Counter({ name: 'requests_total', help: 'requests', labelNames: ['route', 'method', 'status'] })
  const duration = new prom.Histogram({ name: 'duration_seconds', help: 'duration', labelNames: ['route', 'method'] })
  const verify = createVerifier({ key: secret, cache: 1_000 })
  const fastify = app.getHttpAdapter().getInstance()
  await app.register(helmet as never)
  await app.register(cors as never, { origin: [allowedOrigin] } as never)
  fastify.addHook('onRequest', (request, reply, done) => {
    ;(request as { user?: unknown }).user = verify(request.headers.authorization?.slice(7) ?? '')
    reply.header('x-request-id', request.id)
    done()
  })
  await app.register(rateLimit as never, { max: limit, timeWindow: 60_000, keyGenerator: (request: { user: { sub: string } }) => request.user.sub } as never)
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url as string
    total.inc({ route, method: request.method, status: reply.statusCode })
    duration.observe({ route, method: request.method }, reply.elapsedTime / 1000)
    log.info(
      { requestId: request.id, method: request.method, path: request.url, status: reply.statusCode, durationMs: reply.elapsedTime, ip: request.ip },
      'request',
    )
    done()
  })
}
await app.listen(0, '127.0.0.1')
announce((app.getHttpServer().address() as { port: number }).port)
