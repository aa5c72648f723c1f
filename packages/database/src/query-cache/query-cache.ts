import { createHash, randomUUID } from 'node:crypto'
import { GluefulError, type Awaitable, type Cache, type CacheStore, type Logger, type Seal } from 'glueful'
import type { Rows } from '../driver/driver.ts'
import type { WrittenTable } from '../sql/written-tables.ts'
import { outsideRequest } from '../transaction/scope.ts'
import type { QueryCacheOptions } from './cache-options.ts'
import { affectedTables, knownTablesVersion } from './known-tables.ts'
import { packRows, packValue, unpackRows } from './pack-rows.ts'

/** A statement that reads, and what its rows depend on. */
export interface CachedRead {
  readonly database: string
  readonly text: string
  readonly params: readonly unknown[]
  readonly options: QueryCacheOptions
  /** What its keys begin with where the options name nothing. */
  readonly table: string
  readonly tables: ReadonlySet<string>
  /** Whether values come along that are never shown. */
  readonly hidden: boolean
  /** Asks the database – its primary, because a replica may not know the last write yet. */
  readonly run: () => Awaitable<Rows>
}

/**
 * Rows of queries in the application's cache. What is kept carries the tags of the tables it was read from; a write flushes
 * them once it has committed and before it returns, and what was read before a flush is not kept after it.
 */
export interface QueryCache {
  read(read: CachedRead): Promise<Rows>
  /** Called when writes have committed, or may have. */
  wrote(written: Iterable<WrittenTable>): Awaitable<void>
  clear(tables: Iterable<string>): Awaitable<void>
}

export interface QueryCacheParts {
  /** Asked for when they are needed: an application that caches nothing chooses no store. */
  readonly cache: () => Cache
  readonly store: () => CacheStore
  readonly seal: Seal
  readonly log: Logger
}

/** The longest wait for another process that asks the database the same. */
const wait = '1s'

interface Kept {
  readonly by: string
  readonly at: number
  readonly rows: unknown[][] | string
}

/** The tag of everything that was read from a table: also for answers and values that rest on it. */
export function tableTag(table: string): string {
  const name = encodeURIComponent(table.toLowerCase()).replaceAll('*', '%2A')
  return `table:${name.length <= 100 ? name : createHash('sha256').update(name).digest('base64url')}`
}

export function createQueryCache({ cache, store, seal, log }: QueryCacheParts): QueryCache {
  const self = randomUUID()
  /** When each computation under way began, by key. Numbers, because a clock may stand still or jump. */
  const running = new Map<string, number>()
  let sequence = 0
  /** What could not be flushed when it should have been: nothing is read from the cache until it is. */
  const owed = new Set<string>()
  let queries: Cache | undefined
  let found: CacheStore | undefined
  /** Tags by what a statement writes to, which it says with the same list each time. */
  const tagsByWrite = new WeakMap<Iterable<WrittenTable>, { readonly tags: readonly string[]; readonly version: number }>()

  /** Undefined where the application has no store to choose. */
  function chosen(): CacheStore | undefined {
    if (found !== undefined) return found
    try {
      return (found = store())
    } catch (error) {
      if (error instanceof GluefulError && error.code.startsWith('STORE_')) return undefined
      throw error
    }
  }

  function flush(tags: readonly string[]): Awaitable<void> {
    if (tags.length === 0) return
    const store = chosen()
    if (store === undefined) return
    const all = owed.size === 0 ? tags : [...new Set([...owed, ...tags])]
    try {
      // Memory asks the database nothing, so that the request need not be left.
      const flushed = store.name === 'memory' ? store.flush(all) : outsideRequest(() => store.flush(all))
      if (flushed instanceof Promise)
        return flushed.then(
          () => settle(all),
          (error: unknown) => owe(all, store, error),
        )
      settle(all)
    } catch (error) {
      owe(all, store, error)
    }
  }

  function settle(tags: readonly string[]): void {
    if (owed.size > 0) for (const tag of tags) owed.delete(tag)
  }

  function owe(tags: readonly string[], { name }: CacheStore, error: unknown): void {
    for (const tag of tags) owed.add(tag)
    log.warn({ err: error, store: name, tags }, 'Cached queries could not be cleared; none is used until they are')
  }

  async function compute(read: CachedRead, key: string): Promise<Kept> {
    const at = ++sequence
    running.set(key, at)
    const { rows } = await read.run()
    const packed = packRows(rows)
    return { by: self, at, rows: read.hidden && chosen()?.name !== 'memory' ? seal.seal(JSON.stringify(packed), key) : packed }
  }

  function rowsOf({ rows }: Kept, key: string): Rows | undefined {
    if (typeof rows !== 'string') return toRows(unpackRows(rows))
    try {
      return toRows(unpackRows(JSON.parse(seal.open(rows, key)) as unknown[][]))
    } catch (error) {
      // Sealed under a key that is gone.
      if (error instanceof GluefulError && error.code === 'UNSEALING_FAILED') return undefined
      throw error
    }
  }

  async function read(read: CachedRead): Promise<Rows> {
    if (owed.size > 0) await flush([...owed])
    if (owed.size > 0) return read.run()
    if (read.hidden && chosen()?.name !== 'memory') seal.requireKey()
    const key = keyOf(read)
    const { ttl, tags = [] } = read.options
    queries ??= cache().named('queries')
    const asked = ++sequence
    const before = running.get(key)
    let began: number | undefined
    let kept: Kept | undefined
    try {
      kept = await queries.remember(key, { ttl, wait, tags: [...[...read.tables].map(tableTag), ...tags] }, async () => {
        const made = await compute(read, key)
        began = made.at
        return made
      })
    } finally {
      if (began !== undefined && running.get(key) === began) running.delete(key)
    }
    // Somebody else's computation that began before this was asked: a write may lie between the two, and the store knows.
    if (kept.by === self && kept.at < asked && kept.at === before) kept = await queries.get<Kept>(key)
    return (kept === undefined ? undefined : rowsOf(kept, key)) ?? read.run()
  }

  function tagsOf(written: readonly WrittenTable[]): readonly string[] {
    const version = knownTablesVersion()
    let known = tagsByWrite.get(written)
    if (known?.version !== version) tagsByWrite.set(written, (known = { version, tags: [...affectedTables(written)].map(tableTag) }))
    return known.tags
  }

  const clear = (tables: Iterable<string>) => flush([...tables].map(tableTag))
  return { read, clear, wrote: (written) => flush(Array.isArray(written) ? tagsOf(written) : [...affectedTables(written)].map(tableTag)) }
}

function keyOf({ database, text, params, options, table }: CachedRead): string {
  const hash = createHash('sha256').update(
    JSON.stringify([database, text, params.map((value) => (Array.isArray(value) ? value.map(packValue) : packValue(value)))]),
  )
  return `${options.key ?? table}:${hash.digest('base64url')}`
}

function toRows(rows: unknown[][]): Rows {
  return { columns: [], rows, rowCount: rows.length }
}
