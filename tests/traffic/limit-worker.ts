import { createApp, DatabaseLimitStore, LoggerService, Redis, route, systemClock, type LimitStore, type RateLimitRule } from 'glueful'
import { Database, database } from '@glueful/database'
import { createMemoryDestination } from 'glueful/testing'
import { createRedisLimitStore } from '../../packages/core/src/traffic/rate-limit/stores/redis-limit-store.ts'
import { createDatabaseLimitStore } from '../../packages/database/src/stores/database-limit-store.ts'
import { claimOf } from './limit-store-conformance.ts'

// One of the processes of limit-processes.test.ts.
// What counts here are the store's decisions: where it is silent for too long, nobody else decides.
const rule = (algorithm: NonNullable<RateLimitRule['algorithm']>): RateLimitRule => ({
  attempts: 50,
  per: '10m',
  by: 'ip',
  algorithm,
  onStoreLoss: 'closed',
})
const inDatabase = process.env['DATABASE_URL'] !== undefined
const app = createApp({
  name: process.argv[2] as string,
  extensions: inDatabase ? [database()] : [],
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
  ...(inDatabase && { swaps: [{ token: DatabaseLimitStore, value: patientStore() }] }),
})

/** The store in the database, given longer than a machine that has other work needs. */
function patientStore(): LimitStore {
  let made: LimitStore | undefined
  const store = () => (made ??= createDatabaseLimitStore(() => app.use(Database), app.use(LoggerService)))
  return {
    patience: 2_000,
    take: (claims) => store().take(claims),
    block: (list, subject, ms) => store().block(list, subject, ms),
    blocked: (list) => store().blocked(list),
  }
}

const { port } = await app.listen({ port: 0, host: '127.0.0.1' })

process.on('message', (work: { attempts: number; subjects: number; limit: number }) => void hammer(work))
process.send?.({ port })

/** Attempts from many callers, as many at a time as the store takes; answers how many were admitted for each. */
async function hammer({ attempts, subjects, limit }: { attempts: number; subjects: number; limit: number }): Promise<void> {
  const store = inDatabase ? app.use(DatabaseLimitStore) : createRedisLimitStore(() => app.use(Redis), systemClock)
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
  await Promise.all(Array.from({ length: inDatabase ? 10 : 100 }, run))
  process.send?.(admitted)
}
