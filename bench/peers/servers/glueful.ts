import { mkdtempSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auth, Accounts, type AuthUser } from '@glueful/auth'
import { database } from '@glueful/database'
import { createApp, created, route, type RouteTree } from 'glueful'
import { Car, allowedOrigin, announce, fillers, limit, postOf, scenario, secret } from './workload.ts'

const production = scenario === 'production'
const params = '/users/:id/posts/:post'

const user: AuthUser = { id: 'user-1', passwordHash: null }
const users = { findByLogin: async () => user, findById: async () => user, updatePasswordHash: async () => {} }

/** As an application is protected: tokens with sessions that can be ended, sliding limits by caller, the production defaults. */
const guarded = { auth: 'jwt', rateLimit: { attempts: limit, per: '1m' }, database: false } as const

const routes: RouteTree = {
  hello: route.get('/hello', () => ({ hello: 'world' })),
  post: production
    ? route.get(params, guarded, ({ params: { id, post } }) => postOf(id, post))
    : route.get(params, ({ params: { id, post } }) => postOf(id, post)),
  create: route.post('/cars', { body: Car }, ({ body }) => created({ id: 'x', ...body })),
  fillers: Object.fromEntries(fillers.map((path, index) => [`f${index}`, route.get(path, () => ({}))])),
}

const app = createApp({
  name: 'bench',
  routes,
  extensions: production ? [database({ migrateOnStart: true }), auth({ users })] : [],
  // What raw servers have none of is off where they are compared; in production everything is as it comes.
  defaults: production ? { cors: { origins: [allowedOrigin] } } : { requestId: false, securityHeaders: false, timeout: false },
}).with({
  environment: 'production',
  env: {
    LOG_LEVEL: production ? 'info' : 'error',
    ...(production
      ? { APP_KEY: secret, JWT_SECRET: secret, DATABASE_URL: `sqlite:${join(mkdtempSync(join(tmpdir(), 'glueful-bench-')), 'bench.sqlite')}` }
      : {}),
  },
  logDestination: production ? (await import('glueful/testing')).createLineWriter(openSync('/dev/null', 'w')) : { write: () => {}, flush: () => {} },
})
const { port } = await app.listen({ port: 0, host: '127.0.0.1' })
const from = { ip: '127.0.0.1', requestId: 'bench', userAgent: 'bench' }
announce(port, production ? (await app.use(Accounts).openTokens(user, from as never)).accessToken : undefined)
