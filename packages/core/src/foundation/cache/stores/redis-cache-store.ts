import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { RedisConnection } from '../../redis/redis-connection.ts'
import type { CacheContents, CacheEntry, CacheStore } from '../cache-store.ts'
import { redisScript } from '../../redis/redis-script.ts'

export interface RedisCacheStoreOptions {
  /** Asked for with each call: the connection is there once the application has started. */
  readonly connection: () => RedisConnection
  readonly clock: Clock
  /** Where changes are announced to processes that keep copies; see two-level-cache-store.ts. */
  readonly announce?: { readonly channel: () => string; readonly from: string }
}

/** A tag's version lives at least so long, in ms; a value whose tags have no version any more counts for nothing. */
const tagLife = 3_600_000
const deleteBatch = 500

// An entry is a hash: d data, c created, f fresh until, k keep until, t its tags with their versions.
const readEntry = redisScript(`
local e = redis.call('HMGET', KEYS[1], 'd', 'c', 'f', 'k', 't')
if not e[1] then return false end
for _, pair in ipairs(cjson.decode(e[5])) do
  if redis.call('GET', ARGV[1] .. pair[1]) ~= pair[2] then
    redis.call('UNLINK', KEYS[1])
    return false
  end
end
return e`)

const markTags = redisScript(`
local versions = {}
for i = 3, #ARGV do
  local key = ARGV[1] .. ARGV[i]
  redis.call('SET', key, ARGV[2], 'NX')
  if redis.call('PTTL', key) < ${tagLife} then redis.call('PEXPIRE', key, ${tagLife}) end
  versions[#versions + 1] = redis.call('GET', key)
end
return versions`)

// KEYS: entry, lease. ARGV: tag prefix, data, created, fresh, keep, life, lease, mark (JSON or ''), new version, channel, message, tags…
const writeEntry = redisScript(`
if ARGV[7] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[7] then return 0 end
local mark = ARGV[8] ~= '' and cjson.decode(ARGV[8]) or nil
local life = tonumber(ARGV[6])
local pairs_ = {}
for i = 12, #ARGV do
  local key = ARGV[1] .. ARGV[i]
  local version = redis.call('GET', key)
  if mark and mark[i - 11] ~= version then return 0 end
  if not version then
    version = ARGV[9]
    redis.call('SET', key, version)
  end
  local needed = math.max(life + 60000, ${tagLife})
  if redis.call('PTTL', key) < needed then redis.call('PEXPIRE', key, needed) end
  pairs_[#pairs_ + 1] = { ARGV[i], version }
end
local tags = #pairs_ == 0 and '[]' or cjson.encode(pairs_)
redis.call('HSET', KEYS[1], 'd', ARGV[2], 'c', ARGV[3], 'f', ARGV[4], 'k', ARGV[5], 't', tags)
redis.call('PEXPIRE', KEYS[1], life)
if ARGV[10] ~= '' then redis.call('PUBLISH', ARGV[10], ARGV[11]) end
return 1`)

const removeKeys = redisScript(`
redis.call('UNLINK', unpack(KEYS))
if ARGV[1] ~= '' then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return 1`)

const releaseLease = redisScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)

/** Keeps values in Redis. Each operation is one script, so that no other process ever sees half of it. */
export function createRedisCacheStore({ connection, clock, announce }: RedisCacheStoreOptions): CacheStore {
  const entryKey = (key: string) => connection().key('cache', 'e', key)
  const leaseKey = (key: string) => connection().key('cache', 'l', key)
  const tagPrefix = () => connection().key('cache', 't', '')
  const announcement = (change: object): [string, string] =>
    announce === undefined ? ['', ''] : [announce.channel(), JSON.stringify({ from: announce.from, ...change })]

  async function* scan(pattern: string): AsyncGenerator<string[]> {
    let cursor = '0'
    do {
      const [next, keys] = await connection().client.scan(cursor, 'MATCH', pattern, 'COUNT', deleteBatch)
      cursor = next
      if (keys.length > 0) yield keys
    } while (cursor !== '0')
  }

  return {
    name: 'redis',
    async get(key) {
      const found = (await readEntry.run(connection(), [entryKey(key)], [tagPrefix()])) as [string, string, string, string, string] | null
      if (found === null) return undefined
      const [data, createdAt, freshUntil, keepUntil, tags] = found
      const entry: CacheEntry = {
        data,
        createdAt: Number(createdAt),
        freshUntil: Number(freshUntil),
        keepUntil: Number(keepUntil),
        tags: (JSON.parse(tags) as [string, string][]).map(([tag]) => tag),
      }
      return entry.keepUntil > clock.now() ? entry : undefined
    },
    async mark(tags) {
      if (tags.length === 0) return '[]'
      return JSON.stringify(await markTags.run(connection(), [], [tagPrefix(), randomUUID(), ...tags]))
    },
    async set(key, entry, { mark, lease } = {}) {
      const life = Math.max(1, Math.ceil(entry.keepUntil - clock.now()))
      const times = [entry.createdAt, entry.freshUntil, entry.keepUntil].map(String)
      const written = await writeEntry.run(
        connection(),
        [entryKey(key), leaseKey(key)],
        [tagPrefix(), entry.data, ...times, String(life), lease ?? '', mark ?? '', randomUUID(), ...announcement({ key }), ...entry.tags],
      )
      return written === 1
    },
    async delete(key) {
      await removeKeys.run(connection(), [entryKey(key), leaseKey(key)], announcement({ key }))
    },
    acquire: async (key, token, ms) => (await connection().client.set(leaseKey(key), token, 'PX', Math.ceil(ms), 'NX')) === 'OK',
    async release(key, token) {
      await releaseLease.run(connection(), [leaseKey(key)], [token])
    },
    async flush(tags) {
      if (tags.length === 0) return
      const keys = tags.map((tag) => tagPrefix() + tag)
      await removeKeys.run(connection(), keys, announcement({ tags }))
    },
    async clear(prefix) {
      for (const pattern of [leaseKey(escape(prefix)), entryKey(escape(prefix))])
        for await (const keys of scan(`${pattern}*`)) await connection().client.unlink(...keys)
      const [channel, message] = announcement({ prefix })
      if (channel !== '') await connection().client.publish(channel, message)
    },
    async inspect(prefix, limit): Promise<CacheContents> {
      const found: string[] = []
      let entries = 0
      for await (const keys of scan(`${entryKey(escape(prefix))}*`)) {
        entries += keys.length
        found.push(...keys.slice(0, limit - found.length))
      }
      const now = clock.now()
      const start = entryKey('').length
      const keys = await Promise.all(
        found.map(async (key) => {
          const [[freshUntil, tags], bytes] = await Promise.all([connection().client.hmget(key, 'f', 't'), connection().client.hstrlen(key, 'd')])
          const names = (JSON.parse(tags ?? '[]') as [string, string][]).map(([tag]) => tag)
          return { key: key.slice(start), bytes, freshForMs: Number(freshUntil ?? now) - now, tags: names }
        }),
      )
      return { store: 'redis', entries, bytes: undefined, keys }
    },
  }
}

function escape(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&')
}
