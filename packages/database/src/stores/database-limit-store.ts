import { createLimitState, judgeClaims, type Block, type Claim, type Judged, type LimitStore, type Logger, type Verdict } from 'glueful'
import type { Database } from '../connection/database.ts'
import { sql, type Sql } from '../sql/sql.ts'
import { outsideRequest } from '../transaction/scope.ts'
import { serverTime } from './server-time.ts'
import { storeKey } from './store-key.ts'

const table = sql.id('glueful_limits')
const blocks = sql.id('glueful_blocks')
/** How often a process clears away what is over, in ms. */
const sweepEach = 60_000
/** State is kept so much longer than it counts, in ms. */
const grace = 60_000

interface Row {
  readonly id: string
  readonly state: string
  readonly now: number | string
}

/**
 * Budgets in the database: the rows of a request's budgets are locked, judged and written in a transaction of their own,
 * which commits whatever becomes of the request.
 */
export function createDatabaseLimitStore(database: () => Database, log: Logger): LimitStore {
  let sweptAt = performance.now()

  async function take(claims: readonly Claim[]): Promise<readonly Verdict[]> {
    const db = database()
    const keyed = claims.map((claim) => ({ claim, id: storeKey(claim.rule.id, claim.subject) }))
    // Everybody locks in the same order, or two requests would wait for each other.
    const ids = keyed.map(({ id }) => id).sort()
    const verdicts = await db.transaction(
      async () => {
        const rows = new Map((await lockRows(db, ids)).map((row) => [row.id, row]))
        const judged = keyed.map(({ claim, id }): Judged => {
          const row = rows.get(id) as Row
          return { claim, state: row.state === '' ? createLimitState(claim.rule) : JSON.parse(row.state), now: Number(row.now) }
        })
        const found = judgeClaims(judged)
        if (found.every(({ admitted }) => admitted)) await writeRows(db, keyed, judged, found)
        return found
      },
      // A gap that one transaction locks is where another wants to insert; MySQL takes fewer of them this way.
      { retries: 10, ...(db.dialect === 'mysql' ? { isolation: 'read committed' } : {}) },
    )
    if (performance.now() - sweptAt > sweepEach) sweep(db)
    return verdicts
  }

  async function lockRows(db: Database, ids: readonly string[]): Promise<Row[]> {
    const now = serverTime(db.dialect)
    const empty = sql.join(ids.map((id) => sql`(${id}, ${''}, ${0})`))
    switch (db.dialect) {
      case 'postgres':
        return db.all<Row>(
          sql`insert into ${table} (id, state, expires_at) values ${empty} on conflict (id) do update set id = excluded.id returning id, ${table}.state, ${now} as now`,
          { writes: true },
        )
      case 'sqlite':
        // The transaction has the whole database to itself.
        await db.run(sql`insert into ${table} (id, state, expires_at) values ${empty} on conflict (id) do nothing`)
        return db.all<Row>(sql`select id, state, ${now} as now from ${table} where id in (${sql.join(ids)})`)
      case 'mysql':
        await db.run(sql`insert into ${table} (id, state, expires_at) values ${empty} on duplicate key update id = values(id)`)
        return db.all<Row>(sql`select id, state, ${now} as now from ${table} where id in (${sql.join(ids)}) for update`, { writes: true })
    }
  }

  async function writeRows(db: Database, keyed: readonly { readonly id: string }[], judged: readonly Judged[], verdicts: readonly Verdict[]): Promise<void> {
    for (const [index, { state, now }] of judged.entries()) {
      const expires = Math.ceil(now + (verdicts[index] as Verdict).resetMs + grace)
      await db.run(sql`update ${table} set state = ${JSON.stringify(state)}, expires_at = ${expires} where id = ${(keyed[index] as { id: string }).id}`)
    }
  }

  /** What is over is only cleared away to save room, so it may fail. */
  function sweep(db: Database): void {
    sweptAt = performance.now()
    const clear = async (statement: Sql) => db.run(statement)
    Promise.all([
      clear(sql`delete from ${table} where expires_at > 0 and expires_at < ${serverTime(db.dialect)}`),
      clear(sql`delete from ${blocks} where ends_at < ${serverTime(db.dialect)}`),
    ]).catch((error: unknown) => log.warn({ err: error }, 'Limits that are over could not be cleared away'))
  }

  return {
    // A file is not lost; who waits, waits for other processes that write to it.
    get patience() {
      return database().dialect === 'sqlite' ? 2_000 : 40
    },
    take: (claims) => outsideRequest(() => take(claims)),
    block: (list, subject, ms) =>
      outsideRequest(async () => {
        const db = database()
        const until = sql`${serverTime(db.dialect)} + ${Math.ceil(ms)}`
        const row = sql`insert into ${blocks} (id, list, subject, ends_at) values (${storeKey(list, subject)}, ${list}, ${subject}, ${until})`
        const longer = { postgres: sql`greatest(${blocks}.ends_at, excluded.ends_at)`, sqlite: sql`max(ends_at, excluded.ends_at)` }
        await db.run(
          db.dialect === 'mysql'
            ? sql`${row} on duplicate key update ends_at = greatest(ends_at, values(ends_at))`
            : sql`${row} on conflict (id) do update set ends_at = ${longer[db.dialect]}`,
        )
      }),
    blocked: (list) =>
      outsideRequest(async () => {
        const db = database()
        const now = serverTime(db.dialect)
        const rows = await db.all<{ subject: string; remaining: number | string }>(
          sql`select subject, ends_at - ${now} as remaining from ${blocks} where list = ${list} and ends_at > ${now} order by ends_at desc limit 10000`,
        )
        return rows.map(({ subject, remaining }): Block => ({ subject, remainingMs: Number(remaining) }))
      }),
  }
}
