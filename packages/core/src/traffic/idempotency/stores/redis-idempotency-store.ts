import { redisScript } from '../../../foundation/redis/redis-script.ts'
import type { RedisConnection } from '../../../foundation/redis/redis-connection.ts'
import type { IdempotencyStore } from '../idempotency-store.ts'

// A key is a hash: f fingerprint, o owner, u claimed until, a answer.
const claimKey = redisScript(`
local e = redis.call('HMGET', KEYS[1], 'f', 'u', 'a')
if e[3] then return { 'done', e[1], e[3] } end
if e[2] and tonumber(e[2]) > tonumber(ARGV[4]) then return { 'in-flight', e[1] } end
redis.call('HSET', KEYS[1], 'f', ARGV[2], 'o', ARGV[1], 'u', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return { 'claimed' }`)

const completeKey = redisScript(`
local e = redis.call('HMGET', KEYS[1], 'o', 'a')
if e[1] ~= ARGV[1] or e[2] then return 0 end
redis.call('HSET', KEYS[1], 'a', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`)

const abandonKey = redisScript(`
local e = redis.call('HMGET', KEYS[1], 'o', 'a')
if e[1] == ARGV[1] and not e[2] then return redis.call('DEL', KEYS[1]) end
return 0`)

/** Keeps keys in Redis, for several processes. The answer is kept after the work, so a crash between the two lets it run again. */
export function createRedisIdempotencyStore(connection: () => RedisConnection, now: () => number): IdempotencyStore {
  const place = (key: string) => connection().key('idempotency', key)
  return {
    name: 'redis',
    isTransactional: false,
    async claim({ key, owner, fingerprint, leaseMs, keepMs, now: at }) {
      const args = [owner, fingerprint, String(at + leaseMs), String(at), String(Math.ceil(leaseMs + keepMs))]
      const [state, found = '', answer = ''] = (await claimKey.run(connection(), [place(key)], args)) as ['claimed' | 'in-flight' | 'done', string?, string?]
      if (state === 'claimed') return { state }
      return state === 'done' ? { state, fingerprint: found, answer } : { state, fingerprint: found }
    },
    async complete({ key, owner }, answer, keptUntil) {
      return (await completeKey.run(connection(), [place(key)], [owner, answer, String(Math.max(1, Math.ceil(keptUntil - now())))])) === 1
    },
    async abandon({ key, owner }) {
      await abandonKey.run(connection(), [place(key)], [owner])
    },
  }
}
