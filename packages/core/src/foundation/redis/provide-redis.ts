import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { provide, type Provider } from '../services/provide.ts'
import type { CoreSettings } from '../settings/core-settings.ts'
import { createRedisConnection, Redis, type OwnedRedisConnection } from './redis-connection.ts'

export interface RedisParts {
  readonly services: readonly Provider[]
  readonly health: readonly { readonly name: string; readonly critical: boolean; check(): Promise<void> }[]
}

/** The connection with its health check and gauge, where REDIS_URL is set; else nothing. */
export function provideRedis(parts: {
  readonly settings: Pick<CoreSettings, 'redisUrl'>
  readonly name: string
  readonly log: Logger
  readonly metrics: Metrics
}): RedisParts {
  const { settings, name, log, metrics } = parts
  if (settings.redisUrl === undefined) return { services: [], health: [] }
  const connected = metrics.gauge({ name: 'glueful_redis_connected', help: 'Processes that are connected to Redis.', labels: [] }).with()
  const connection = createRedisConnection({
    url: settings.redisUrl.reveal(),
    name,
    log,
    onChange: (isReady) => connected.set(isReady ? 1 : 0),
  })
  return {
    services: [
      provide(Redis, () => connection, { start: (own) => (own as OwnedRedisConnection).start(), stop: (own) => (own as OwnedRedisConnection).stop() }),
    ],
    // Each user of the connection knows what to do without it, so the application is degraded, not down.
    health: [{ name: 'redis', critical: false, check: async () => void (await connection.client.ping()) }],
  }
}
