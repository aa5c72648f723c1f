import type { LockStore } from 'glueful'
import type { Database } from '../connection/database.ts'
import { sql } from '../sql/sql.ts'
import { outsideRequest } from '../transaction/scope.ts'
import { serverTime } from './server-time.ts'
import { storeKey } from './store-key.ts'

const table = sql.id('glueful_locks')

interface Row {
  readonly owner: string
  readonly token: number | string | bigint
  readonly remaining: number | string
}

/** Locks in the database; each step is one statement, outside of any transaction that is open. */
export function createDatabaseLockStore(database: () => Database): LockStore {
  async function acquire(name: string, owner: string, ttlMs: number) {
    const db = database()
    const id = storeKey(name)
    const now = serverTime(db.dialect)
    const values = sql`insert into ${table} (id, name, owner, token, ends_at) values (${id}, ${name}, ${owner}, ${micros(db)}, ${now} + ${Math.ceil(ttlMs)})`
    if (db.dialect === 'mysql') {
      // Assignments take effect from left to right: whether it is free is decided before its end is written.
      const free = sql`ends_at <= ${now}`
      await db.run(
        sql`${values} on duplicate key update owner = if(${free}, values(owner), owner), token = if(owner = values(owner), greatest(token + 1, values(token)), token), ends_at = if(owner = values(owner), values(ends_at), ends_at)`,
      )
    } else {
      const greater = db.dialect === 'postgres' ? sql`greatest(${table}.token + 1, excluded.token)` : sql`max(${table}.token + 1, excluded.token)`
      await db.run(
        sql`${values} on conflict (id) do update set owner = excluded.owner, token = ${greater}, ends_at = excluded.ends_at where ${table}.ends_at <= ${now}`,
      )
    }
    const row = await db.first<Row>(sql`select owner, token, ends_at - ${now} as remaining from ${table} where id = ${id}`, { writes: true })
    if (row?.owner === owner) return { token: Number(row.token) }
    return { heldMs: Math.max(0, Number(row?.remaining ?? 0)) }
  }

  async function extend(name: string, owner: string, ttlMs: number): Promise<boolean> {
    const db = database()
    const now = serverTime(db.dialect)
    const { rowCount } = await db.run(
      sql`update ${table} set ends_at = ${now} + ${Math.ceil(ttlMs)} where id = ${storeKey(name)} and owner = ${owner} and ends_at > ${now}`,
    )
    return rowCount === 1
  }

  async function release(name: string, owner: string): Promise<boolean> {
    const db = database()
    const now = serverTime(db.dialect)
    // The row stays, and with it the token that the next one must exceed.
    const { rowCount } = await db.run(
      sql`update ${table} set ends_at = ${0}, owner = ${''} where id = ${storeKey(name)} and owner = ${owner} and ends_at > ${now}`,
    )
    return rowCount === 1
  }

  return {
    acquire: (name, owner, ttlMs) => outsideRequest(() => acquire(name, owner, ttlMs)),
    extend: (name, owner, ttlMs) => outsideRequest(() => extend(name, owner, ttlMs)),
    release: (name, owner) => outsideRequest(() => release(name, owner)),
  }
}

/** The time in µs, so that tokens grow even where a row was removed. */
function micros(db: Database) {
  const now = serverTime(db.dialect)
  switch (db.dialect) {
    case 'sqlite':
      return sql`cast(${now} * 1000 as integer)`
    case 'postgres':
      return sql`(${now} * 1000)::bigint`
    case 'mysql':
      return sql`cast(${now} * 1000 as unsigned)`
  }
}
