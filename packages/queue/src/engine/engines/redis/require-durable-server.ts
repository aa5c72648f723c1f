import type { Redis } from 'ioredis'
import type { Logger } from 'glueful'
import { fail } from '../../../errors.ts'

/**
 * Jobs are promises: a server that forgets them when it restarts, or throws them out when memory is short, is refused.
 * One that does not tell (managed services forbid CONFIG) is warned about.
 *
 * @throws `QUEUE_REDIS_NOT_DURABLE`
 */
export async function requireDurableServer(client: Redis, allowLoss: boolean, log: Logger): Promise<void> {
  const found: string[] = []
  try {
    const append = (await client.config('GET', 'appendonly')) as string[]
    const policy = (await client.config('GET', 'maxmemory-policy')) as string[]
    if (append[1] !== 'yes') found.push(`appendonly is ${append[1]}: a restart loses jobs`)
    if (policy[1] !== 'noeviction') found.push(`maxmemory-policy is ${policy[1]}: jobs are thrown out when memory is short`)
  } catch (err) {
    log.warn({ err }, 'Redis does not tell how it keeps data; make sure that it appends to a file and never evicts')
    return
  }
  if (found.length === 0) return
  if (!allowLoss) throw fail('QUEUE_REDIS_NOT_DURABLE', { found })
  log.warn({ found }, 'Redis may lose jobs, and QUEUE_REDIS_ALLOW_LOSS allows it')
}
