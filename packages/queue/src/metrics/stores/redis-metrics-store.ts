import type { Clock, RedisConnection } from 'glueful'
import { resolutions, type DepthSample, type HostRecord, type Resolution, type StoredNumbers } from '../job-metrics.ts'
import { depthKeptMs, hostKeptMs, mostDepths, toDepthSample, type MetricsStore, type NumbersRow } from '../metrics-store.ts'
import { packNumbers, unpackNumbers } from './pack-numbers.ts'
import { readMetrics, type KeptNumbers, type ReadNumbers } from '../read-metrics.ts'

/** Steps of time that share a key: what a window needs is read by the dozen keys, and goes by the key when its time is over. */
const stepsInKey = 60
const depthsInKeyMs = 3_600_000
/** Keys that are read in one turn, and rows that are written in one, so that nobody else waits long for Redis. */
const keysAtOnce = 20
const rowsAtOnce = 500

interface Fields {
  readonly keptMs: number
  readonly values: Record<string, string>
}

const keptMs = (resolution: Resolution) => resolutions.find(({ seconds }) => seconds === resolution)?.keptMs ?? 0

/**
 * Numbers in Redis: a hash for each resolution, queue and stretch of time, with a field for each time, job class and
 * process.
 */
export function createRedisMetricsStore(redis: RedisConnection, clock: Clock): MetricsStore {
  const key = (...parts: readonly (string | number)[]) => redis.key('queue-metrics', ...parts)
  const queuesKey = () => key('queues')
  const hostsKey = () => key('hosts')

  /** All fields of these keys, in their order. */
  async function hashes(keys: readonly string[]): Promise<Record<string, string>[]> {
    const found: Record<string, string>[] = []
    for (let at = 0; at < keys.length; at += keysAtOnce) {
      const asked = redis.client.pipeline()
      for (const one of keys.slice(at, at + keysAtOnce)) asked.hgetall(one)
      for (const [error, fields] of (await asked.exec()) ?? []) {
        if (error !== null) throw error
        found.push(fields as Record<string, string>)
      }
    }
    return found
  }

  function fieldsOf(rows: readonly NumbersRow[]): Map<string, Fields> {
    const fields = new Map<string, Fields>()
    for (const { resolution, at, job, queue, connection, source, numbers } of rows) {
      const span = resolution * stepsInKey * 1_000
      const place = key('numbers', resolution, queue, Math.floor(at / span) * span)
      const found = fields.get(place) ?? { keptMs: keptMs(resolution) + span, values: {} }
      found.values[`${at}\n${job}\n${connection}\n${source}`] = packNumbers(JSON.parse(numbers) as StoredNumbers)
      fields.set(place, found)
    }
    return fields
  }

  /** Sets fields of many hashes, each to be forgotten when it was not written to for so long. */
  async function write(fields: ReadonlyMap<string, Fields>): Promise<void> {
    const sent = redis.client.pipeline()
    for (const [one, { keptMs: ms, values }] of fields) {
      sent.hset(one, values)
      sent.pexpire(one, ms)
    }
    for (const [error] of (await sent.exec()) ?? []) if (error !== null) throw error
  }

  const read: ReadNumbers = async (window, resolution) => {
    // Keys outlive their times a little; what is read does not.
    const now = clock.now()
    const from = Math.max(window.from, now - keptMs(resolution))
    const span = resolution * stepsInKey * 1_000
    const stretches = stretchesOf(from, Math.min(window.to, now + span), span)
    const queues = window.queue === undefined ? await redis.client.zrange(queuesKey(), '0', '-1') : [window.queue]
    const places = queues.flatMap((queue) => stretches.map((stretch) => ({ queue, place: key('numbers', resolution, queue, stretch) })))
    const found = await hashes(places.map(({ place }) => place))
    return found.flatMap((fields, index): KeptNumbers[] =>
      Object.entries(fields).flatMap(([field, numbers]) => {
        const [time = '', job = '', name = ''] = field.split('\n')
        const at = Number(time)
        if (at < from || at >= window.to || (window.job !== undefined && window.job !== job)) return []
        return [{ at, job, queue: places[index]?.queue ?? '', connection: name, numbers: unpackNumbers(numbers) }]
      }),
    )
  }

  return {
    ...readMetrics(read, clock),
    together: (work) => work(),
    depths: async ({ from: begin, to, queue }) => {
      const now = clock.now()
      const from = Math.max(begin, now - depthKeptMs)
      const found = await hashes(stretchesOf(from, Math.min(to, now + depthsInKeyMs), depthsInKeyMs).map((stretch) => key('depths', stretch)))
      const samples = found.flatMap((fields) => Object.values(fields).map((text) => JSON.parse(text) as DepthSample))
      return samples
        .filter((sample) => sample.at >= from && sample.at < to && (queue === undefined || sample.queue === queue))
        .sort((a, b) => a.at - b.at || (a.queue < b.queue ? -1 : 1))
        .slice(0, mostDepths)
    },
    hosts: async () => {
      const records = Object.values(await redis.client.hgetall(hostsKey())).map((text) => JSON.parse(text) as HostRecord)
      return records.sort((a, b) => (a.host < b.host ? -1 : 1))
    },
    write: async (rows) => {
      const queues = new Map<string, number>()
      for (const { queue, at } of rows) queues.set(queue, Math.max(at, queues.get(queue) ?? 0))
      // First, so that nothing is there that is not looked for.
      if (queues.size > 0) await redis.client.zadd(queuesKey(), 'GT', ...[...queues].flatMap(([queue, at]) => [at, queue]))
      for (let first = 0; first < rows.length; first += rowsAtOnce) await write(fieldsOf(rows.slice(first, first + rowsAtOnce)))
    },
    writeDepths: async (depths, at) => {
      if (depths.length === 0) return
      const now = clock.now()
      const values = Object.fromEntries(depths.map((depth) => [`${at}\n${depth.queue}`, JSON.stringify(toDepthSample(depth, at, now))]))
      await write(new Map([[key('depths', Math.floor(at / depthsInKeyMs) * depthsInKeyMs), { keptMs: depthKeptMs + depthsInKeyMs, values }]]))
    },
    writeHost: async (host) => void (await redis.client.hset(hostsKey(), host.host, JSON.stringify(host))),
    // Numbers and depths go with their keys.
    prune: async (now) => {
      const { client } = redis
      await client.zremrangebyscore(queuesKey(), '-inf', `(${Math.floor(now - keptMs(3_600))}`)
      const old = Object.entries(await client.hgetall(hostsKey())).filter(([, text]) => (JSON.parse(text) as HostRecord).at < now - hostKeptMs)
      if (old.length > 0) await client.hdel(hostsKey(), ...old.map(([host]) => host))
    },
  }
}

/** The beginnings of stretches that have a part in a window. */
function stretchesOf(from: number, to: number, span: number): number[] {
  const all: number[] = []
  for (let at = Math.floor(from / span) * span; at < to; at += span) all.push(at)
  return all
}
