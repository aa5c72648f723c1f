import { randomUUID } from 'node:crypto'
import type { Redis as Client } from 'ioredis'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { Redis, type RedisConnection } from '../redis/redis-connection.ts'
import { provide, type Provider } from '../services/provide.ts'
import { Breakers } from './breaker.ts'
import { createBreakers, type OwnBreakers } from './create-breakers.ts'

export interface BreakerSurroundings {
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Logger
  /** Whether the processes of the application can tell each other. */
  readonly hasRedis: boolean
}

/** Each process has breakers of its own, since it sees by itself whether a service answers; a reset is for all. */
export function provideBreakers({ metrics, clock, log, hasRedis }: BreakerSurroundings): Provider {
  if (!hasRedis) return provide(Breakers, () => createBreakers(metrics, clock, () => {}))
  const process = randomUUID()
  let subscriber: Client | undefined
  let own: OwnBreakers
  let redis: RedisConnection

  function tellOthers(): void {
    redis.client
      .publish(redis.key('breakers'), process)
      .catch((error: unknown) => log.warn({ err: error }, 'The breakers of other processes could not be told to close'))
  }

  return provide(
    Breakers,
    ({ use }) => {
      redis = use(Redis)
      return (own = createBreakers(metrics, clock, tellOthers))
    },
    {
      start: () => {
        subscriber = redis.duplicate()
        subscriber.on('message', (_channel: string, sender: string) => {
          if (sender !== process) own.resetHere()
        })
        subscriber.subscribe(redis.key('breakers')).catch((error: unknown) => log.warn({ err: error }, 'Resets of breakers by other processes are not heard'))
      },
      stop: () => subscriber?.disconnect(),
    },
  )
}
