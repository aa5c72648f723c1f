import type { Redis as Client } from 'ioredis'
import { fail } from '../errors/catalog.ts'
import type { Logger } from '../logging/logger.ts'

/**
 * Refuses a server on which counting would be wrong: too old, a read-only replica, or a node of a cluster (whose keys lie
 * on several nodes). Warns about one that throws keys away to make room, which is right for a cache alone.
 * @throws `REDIS_UNSUITABLE`
 */
export async function requireSuitableServer(client: Client, address: string, log: Logger): Promise<void> {
  const info = await client.info()
  const read = (field: string) => new RegExp(`^${field}:(.*)$`, 'm').exec(info)?.[1]?.trim()
  const refuse = (reason: string) => fail('REDIS_UNSUITABLE', { address, reason })
  const version = read('redis_version') ?? '0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 6 || (major === 6 && minor < 2)) throw refuse(`it is version ${version}; 6.2 or later is needed`)
  if (read('role') === 'slave') throw refuse('it is a read-only replica')
  if (read('cluster_enabled') === '1') throw refuse('it is a node of a Redis Cluster, whose keys lie on several nodes')
  const policy = read('maxmemory_policy')
  if (policy?.startsWith('allkeys-') === true && read('maxmemory') !== '0')
    log.warn({ address, policy }, 'This Redis may drop counters and locks to make room; set maxmemory-policy to noeviction or volatile-ttl')
}
