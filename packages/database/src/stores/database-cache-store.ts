import { randomUUID } from 'node:crypto'
import type { CacheContents, CacheEntry, CacheStore, Clock, WriteGuard } from 'glueful'
import type { Database } from '../connection/database.ts'
import { sql, type Sql } from '../sql/sql.ts'
import { outsideTransaction } from '../transaction/scope.ts'
import { insertNew, insertOrReplace } from './insert-statements.ts'
import { storeKey } from './store-key.ts'
import { decodeText, encodeText } from './stored-text.ts'

interface Row {
  readonly name: string
  readonly data: string
  readonly created_at: number
  readonly fresh_until: number
  readonly keep_until: number
  readonly tags: string
}

type VersionedTag = readonly [tag: string, version: string]

/** A tag's version is kept at least so long, in ms; a value whose tags have no version any more counts for nothing. */
const tagLife = 3_600_000
/** What a replica has may be older than the last flush. */
const onPrimary = { fresh: true } as const
/** How often one process removes what nobody may use any more, in ms. */
const sweepEvery = 60_000

/**
 * Cached values in the database, for several processes without Redis. A value carries the versions of its tags, and counts
 * while they are the present ones; a flush removes the versions. Nothing here belongs to the transaction of the caller.
 */
export function createDatabaseCacheStore(database: Database, clock: Clock): CacheStore {
  const { dialect } = database
  let sweptAt = -Infinity

  async function versionsOf(tags: readonly string[]): Promise<Map<string, string>> {
    if (tags.length === 0) return new Map()
    const rows = await database.all<{ id: string; version: string }>(
      sql`select id, version from glueful_cache_tags where id in (${sql.join(tags.map((tag) => storeKey(tag)))})`,
      onPrimary,
    )
    const byId = new Map(rows.map(({ id, version }) => [id, version]))
    return new Map(tags.flatMap((tag) => [[tag, byId.get(storeKey(tag))] as const]).filter((pair): pair is readonly [string, string] => pair[1] !== undefined))
  }

  /** The present versions in the order of the tags, made where there are none. */
  async function mark(tags: readonly string[]): Promise<string[]> {
    let found = await versionsOf(tags)
    const missing = tags.filter((tag) => !found.has(tag))
    if (missing.length > 0) {
      for (const tag of missing)
        await database.run(insertNew(dialect, 'glueful_cache_tags', { id: storeKey(tag), version: randomUUID(), keep_until: clock.now() + tagLife }))
      found = await versionsOf(tags)
    }
    return tags.map((tag) => found.get(tag) ?? '')
  }

  async function set(key: string, entry: CacheEntry, { mark: given, lease }: WriteGuard): Promise<boolean> {
    const id = storeKey(key)
    const versions = given === undefined ? await mark(entry.tags) : (JSON.parse(given) as string[])
    return database.transaction(async () => {
      if (lease !== undefined && (await leaseOf(id))?.token !== lease) return false
      const present = await versionsOf(entry.tags)
      if (entry.tags.some((tag, index) => present.get(tag) !== versions[index])) return false
      const needed = entry.keepUntil + tagLife
      if (entry.tags.length > 0)
        await database.run(
          sql`update glueful_cache_tags set keep_until = ${needed} where id in (${sql.join(entry.tags.map((tag) => storeKey(tag)))}) and keep_until < ${needed}`,
        )
      const tags: VersionedTag[] = entry.tags.map((tag, index) => [tag, versions[index] as string])
      await database.run(
        insertOrReplace(dialect, 'glueful_cache', {
          id,
          name: key,
          data: encodeText(entry.data),
          created_at: Math.round(entry.createdAt),
          fresh_until: Math.round(entry.freshUntil),
          keep_until: Math.round(entry.keepUntil),
          tags: JSON.stringify(tags),
        }),
      )
      return true
    })
  }

  /** Locked, so that a deletion of the key waits for the write that still has the lease, and removes it. */
  const leaseOf = (id: string) =>
    database.first<{ token: string }>(sql`select token from glueful_cache_leases where id = ${id}${dialect === 'sqlite' ? sql`` : sql` for update`}`, {
      writes: true,
    })

  async function sweep(): Promise<void> {
    const now = clock.now()
    if (now - sweptAt < sweepEvery) return
    sweptAt = now
    await database.run(sql`delete from glueful_cache where keep_until <= ${now}`)
    await database.run(sql`delete from glueful_cache_tags where keep_until <= ${now}`)
    await database.run(sql`delete from glueful_cache_leases where ends_at <= ${now}`)
  }

  return {
    name: 'database',
    async get(key) {
      const row = await database.first<Row>(
        sql`select name, data, created_at, fresh_until, keep_until, tags from glueful_cache where id = ${storeKey(key)}`,
        onPrimary,
      )
      if (row === undefined || Number(row.keep_until) <= clock.now()) return undefined
      const tags = JSON.parse(row.tags) as VersionedTag[]
      const present = await versionsOf(tags.map(([tag]) => tag))
      if (tags.some(([tag, version]) => present.get(tag) !== version)) return undefined
      return {
        data: decodeText(row.data),
        createdAt: Number(row.created_at),
        freshUntil: Number(row.fresh_until),
        keepUntil: Number(row.keep_until),
        tags: tags.map(([tag]) => tag),
      }
    },
    mark: (tags) => outsideTransaction(async () => JSON.stringify(await mark(tags))),
    set: (key, entry, guard = {}) =>
      outsideTransaction(async () => {
        await sweep()
        return set(key, entry, guard)
      }),
    delete: (key) =>
      outsideTransaction(() =>
        database.transaction(async () => {
          const id = storeKey(key)
          await database.run(sql`delete from glueful_cache_leases where id = ${id}`)
          await database.run(sql`delete from glueful_cache where id = ${id}`)
        }),
      ),
    acquire: (key, token, ms) =>
      outsideTransaction(async () => {
        const id = storeKey(key)
        const now = clock.now()
        await database.run(sql`delete from glueful_cache_leases where id = ${id} and ends_at <= ${now}`)
        const { rowCount } = await database.run(insertNew(dialect, 'glueful_cache_leases', { id, token, ends_at: Math.ceil(now + ms) }))
        return rowCount === 1
      }),
    release: (key, token) =>
      outsideTransaction(async () => {
        await database.run(sql`delete from glueful_cache_leases where id = ${storeKey(key)} and token = ${token}`)
      }),
    flush: (tags) =>
      outsideTransaction(async () => {
        if (tags.length === 0) return
        const ids = sql.join(tags.map((tag) => storeKey(tag)))
        // Most of what is written to is in no cache: a look is cheaper than a write, and what is marked after it is read after it.
        const found = await database.first(sql`select id from glueful_cache_tags where id in (${ids}) limit 1`, onPrimary)
        if (found !== undefined) await database.run(sql`delete from glueful_cache_tags where id in (${ids})`)
      }),
    clear: (prefix) =>
      outsideTransaction(async () => {
        await database.run(sql`delete from glueful_cache_leases where id in (select id from glueful_cache where ${startsWith(prefix)})`)
        await database.run(sql`delete from glueful_cache where ${startsWith(prefix)}`)
      }),
    async inspect(prefix, limit): Promise<CacheContents> {
      const now = clock.now()
      const where = sql`${startsWith(prefix)} and keep_until > ${now}`
      const sums = await database.first<{ entries: number; bytes: number | null }>(
        sql`select count(*) as entries, sum(length(data)) as bytes from glueful_cache where ${where}`,
      )
      const rows = await database.all<Row & { readonly size: number }>(
        sql`select name, fresh_until, tags, length(data) as size from glueful_cache where ${where} order by created_at desc limit ${limit}`,
      )
      const keys = rows.map(({ name, size, fresh_until, tags }) => ({
        key: name,
        bytes: Number(size),
        freshForMs: Number(fresh_until) - now,
        tags: (JSON.parse(tags) as VersionedTag[]).map(([tag]) => tag),
      }))
      return { store: 'database', entries: Number(sums?.entries ?? 0), bytes: Number(sums?.bytes ?? 0), keys }
    },
  }
}

/** Compared as a part of the text, because `like` knows wildcards and, on some databases, no case. */
function startsWith(prefix: string): Sql {
  return prefix === '' ? sql`1 = 1` : sql`substr(name, 1, ${prefix.length}) = ${prefix}`
}
