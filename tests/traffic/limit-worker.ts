import { createApp, DatabaseLimitStore, Redis, route, systemClock, type RateLimitRule } from 'glueful'
import { database } from '@glueful/database'
import { createMemoryDestination } from 'glueful/testing'
import { createRedisLimitStore } from '../../packages/core/src/traffic/rate-limit/stores/redis-limit-store.ts'
import { claimOf } from './limit-store-conformance.ts'

// One of the processes of limit-processes.test.ts.
const rule = (algorithm: NonNullable<RateLimitRule['algorithm']>): RateLimitRule => ({ attempts: 50, per: '10m', by: 'ip', algorithm })
const app = createApp({
  name: process.argv[2] as string,
  extensions: process.env['DATABASE_URL'] === undefined ? [] : [database()],
  defaults: { errorThrottle: { attempts: 20, per: '1m' } },
  routes: {
    plain: route.get('/plain', () => 'ok'),
    sliding: route.get('/sliding', { rateLimit: rule('sliding'), errorThrottle: false }, () => 'ok'),
    fixed: route.get('/fixed', { rateLimit: rule('fixed'), errorThrottle: false }, () => 'ok'),
    bucket: route.get('/bucket', { rateLimit: rule('bucket'), errorThrottle: false }, () => 'ok'),
  },
}).with({
  environment: 'test',
  env: Object.fromEntries(['REDIS_URL', 'DATABASE_URL', 'RATE_LIMIT_STORE'].map((name) => [name, process.env[name]])),
  logDestination: createMemoryDestination(),
})

const { port } = await app.listen({ port: 0, host: '127.0.0.1' })

process.on('message', (work: { attempts: number; subjects: number; limit: number }) => void hammer(work))
process.send?.({ port })

/** Attempts from many callers, a hundred at a time; answers how many were admitted for each. */
async function hammer({ attempts, subjects, limit }: { attempts: number; subjects: number; limit: number }): Promise<void> {
  const store = process.env['REDIS_URL'] === undefined ? app.use(DatabaseLimitStore) : createRedisLimitStore(() => app.use(Redis), systemClock)
  const budget = { id: 'hammer', algorithm: 'sliding', attempts: limit, burst: limit, windowMs: 3_600_000 } as const
  const admitted: Record<string, number> = {}
  let left = attempts
  const run = async () => {
    while (left-- > 0) {
      const subject = `s${left % subjects}`
      const [verdict] = await store.take([claimOf(budget, subject)])
      if (verdict?.admitted === true) admitted[subject] = (admitted[subject] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: 100 }, run))
  process.send?.(admitted)
}
