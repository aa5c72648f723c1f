import { openSync } from 'node:fs'
import { createApp, created, defineRouteOption, route, TooManyRequests, Unauthenticated, type RouteTree } from 'glueful'
import { jwtVerify } from 'jose'
import { Car, allowedOrigin, announce, fillers, limit, postOf, scenario, secret } from './workload.ts'

const production = scenario === 'production'

declare module 'glueful' {
  interface RouteOptions {
    bearer?: true
    fixedWindow?: { attempts: number; windowMs: number }
  }
}

const key = new TextEncoder().encode(secret)
const verified = new Map<string, { id: string; expires: number }>()

/** HS256 by jose; a token that was verified is looked up until it expires. */
const bearer = defineRouteOption({
  name: 'bearer',
  compile: (value) =>
    value && {
      name: 'bearer',
      phase: 'identify',
      before: (ctx) => {
        const token = ctx.header('authorization')?.slice(7) ?? ''
        const known = verified.get(token)
        if (known !== undefined && known.expires > ctx.clock.now()) {
          ctx.identity = known
          return undefined
        }
        return jwtVerify(token, key, { algorithms: ['HS256'] }).then(
          ({ payload }) => {
            if (verified.size > 10_000) verified.clear()
            const identity = { id: payload.sub as string, expires: (payload.exp as number) * 1000 }
            verified.set(token, identity)
            ctx.identity = identity
          },
          () => {
            throw new Unauthenticated('The token is not valid.')
          },
        )
      },
    },
})

const fixedWindow = defineRouteOption({
  name: 'fixedWindow',
  compile: (value) => {
    if (!value) return undefined
    const counts = new Map<string, { used: number; resets: number }>()
    return {
      name: 'fixedWindow',
      phase: 'guard',
      before: (ctx) => {
        const now = ctx.clock.now()
        let window = counts.get(ctx.user.id)
        if (window === undefined || window.resets <= now) counts.set(ctx.user.id, (window = { used: 0, resets: now + value.windowMs }))
        window.used++
        const reset = Math.ceil((window.resets - now) / 1000)
        ctx.outgoing.push(
          'x-ratelimit-limit',
          String(value.attempts),
          'x-ratelimit-remaining',
          String(value.attempts - window.used),
          'x-ratelimit-reset',
          String(reset),
        )
        if (window.used > value.attempts) throw new TooManyRequests('Too many requests.', { retryAfter: reset })
      },
    }
  },
})

const post = production
  ? route.get('/users/:id/posts/:post', { bearer: true, fixedWindow: { attempts: limit, windowMs: 60_000 } }, ({ params }) => postOf(params.id, params.post))
  : route.get('/users/:id/posts/:post', ({ params }) => postOf(params.id, params.post))

const routes: RouteTree = {
  hello: route.get('/hello', () => ({ hello: 'world' })),
  post,
  create: route.post('/cars', { body: Car }, ({ body }) => created({ id: 'x', ...body })),
  fillers: Object.fromEntries(fillers.map((path, index) => [`f${index}`, route.get(path, () => ({}))])),
}

const app = createApp({
  name: 'bench',
  routes,
  options: [bearer, fixedWindow] as never,
  defaults: production ? { cors: { origins: [allowedOrigin] } } : { requestId: false, securityHeaders: false, timeout: false },
}).with({
  environment: 'production',
  env: { LOG_LEVEL: production ? 'info' : 'error' },
  logDestination: production ? (await import('glueful/testing')).createLineWriter(openSync('/dev/null', 'w')) : { write: () => {}, flush: () => {} },
})
const { port } = await app.listen({ port: 0, host: '127.0.0.1' })
announce(port)
