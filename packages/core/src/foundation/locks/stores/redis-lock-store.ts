import type { RedisConnection } from '../../redis/redis-connection.ts'
import { redisScript } from '../../redis/redis-script.ts'
import type { LockStore } from '../lock-store.ts'

// One counter for all names: it is the time in µs or one more than before, so it grows even where Redis has forgotten it.
const acquireScript = redisScript(`
local remaining = redis.call('PTTL', KEYS[1])
if remaining > 0 then return { 0, remaining } end
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local token = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, now)
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { 1, text }
`)

const extendScript = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)

const releaseScript = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`)

/** Locks in one Redis; a failover to a replica that lags behind can hand one out twice, which fencing tokens then tell. */
export function createRedisLockStore(redis: () => RedisConnection): LockStore {
  const keyOf = (name: string) => redis().key('lock', name)
  return {
    async acquire(name, owner, ttlMs) {
      const connection = redis()
      const [taken, value] = (await acquireScript.run(connection, [keyOf(name), connection.key('lock-tokens')], [owner, Math.ceil(ttlMs)])) as [number, string]
      return taken === 1 ? { token: Number(value) } : { heldMs: Number(value) }
    },
    extend: async (name, owner, ttlMs) => (await extendScript.run(redis(), [keyOf(name)], [owner, Math.ceil(ttlMs)])) === 1,
    release: async (name, owner) => (await releaseScript.run(redis(), [keyOf(name)], [owner])) === 1,
  }
}
