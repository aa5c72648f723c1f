import { sql, type Database } from '@glueful/database'
import { service, type Clock, type Logger, type Service } from 'glueful'

export interface DayOfUse {
  /** UTC: `2026-11-26`. */
  readonly day: string
  readonly requests: number
}

/** How often API keys are used: counted in memory, written a few times a minute, kept for 30 days. */
export interface KeyUsage {
  count(keyId: string): void
  /** The last 30 days, those without use left out. */
  of(keyId: string): Promise<readonly DayOfUse[]>
  /** Writes what was counted. */
  flush(): Promise<void>
}

export const KeyUsage: Service<KeyUsage> = service<KeyUsage>('api key usage')

export interface WatchedKeyUsage extends KeyUsage {
  start(): void
  stop(): Promise<void>
}

interface Use {
  readonly keyId: string
  readonly day: string
  requests: number
  lastAt: number
}

const pause = 10_000
const keptDays = 30
const day = 86_400_000

export function createKeyUsage({ db, clock, log }: { readonly db: Database; readonly clock: Clock; readonly log: Logger }): WatchedKeyUsage {
  // By key and day, so that a count stays with the day it was made on.
  let counted = new Map<string, Use>()
  let prunedOn = ''
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

  async function add(keyId: string, on: string, requests: number): Promise<void> {
    const { rowCount } = await db.run(sql`update auth_api_key_usage set requests = requests + ${requests} where key_id = ${keyId} and day = ${on}`)
    if (rowCount > 0) return
    try {
      // A savepoint, because PostgreSQL gives up a transaction in which something failed.
      await db.transaction(() => db.run(sql`insert into auth_api_key_usage (key_id, day, requests) values (${keyId}, ${on}, ${requests})`))
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'UNIQUE_VIOLATION') throw error
      await add(keyId, on, requests)
    }
  }

  async function write(): Promise<void> {
    const batch = counted
    counted = new Map()
    try {
      for (const [name, { keyId, day: on, requests, lastAt }] of batch) {
        await db.transaction(async () => {
          await add(keyId, on, requests)
          await db.run(sql`update auth_api_keys set last_used_at = ${lastAt} where id = ${keyId} and (last_used_at is null or last_used_at < ${lastAt})`)
        })
        batch.delete(name)
      }
    } catch (error) {
      for (const [name, use] of batch) merge(name, use)
      throw error
    }
    if (dayOf(clock.now()) === prunedOn) return
    prunedOn = dayOf(clock.now())
    await db.run(sql`delete from auth_api_key_usage where day < ${dayOf(clock.now() - keptDays * day)}`)
  }

  function merge(name: string, use: Use): void {
    const there = counted.get(name)
    if (there === undefined) counted.set(name, use)
    else {
      there.requests += use.requests
      there.lastAt = Math.max(there.lastAt, use.lastAt)
    }
  }

  /** One after the other, so that a failure loses nothing that the next one would not write. */
  function flush(): Promise<void> {
    return (flushing = flushing.catch(() => undefined).then(write))
  }

  return {
    flush,
    count(keyId) {
      const now = clock.now()
      const on = dayOf(now)
      merge(`${keyId} ${on}`, { keyId, day: on, requests: 1, lastAt: now })
    },
    async of(keyId) {
      const rows = await db.all<DayOfUse>(
        sql`select day, requests from auth_api_key_usage where key_id = ${keyId} and day > ${dayOf(clock.now() - keptDays * day)} order by day`,
      )
      return rows.map(({ day: on, requests }) => ({ day: on, requests: Number(requests) }))
    },
    start() {
      timer = setInterval(() => void flush().catch((error: unknown) => log.error({ err: error }, 'The use of API keys could not be written')), pause)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}
