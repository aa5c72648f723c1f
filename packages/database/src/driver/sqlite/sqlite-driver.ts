import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Awaitable } from 'glueful'
import { createPool } from '../../connection/pool.ts'
import { fail } from '../../errors.ts'
import type { Driver, Purpose, Session } from '../driver.ts'
import { SqliteSession } from './sqlite-session.ts'

export interface SqliteDriverOptions {
  /** Path of the file, made where it is missing, or `:memory:`. */
  readonly file: string
  readonly busyTimeout: number
  readonly acquireTimeout: number
  readonly synchronous: 'full' | 'normal'
  /** Connections for cursors and read-only transactions. */
  readonly readers: number
}

/**
 * SQLite through node:sqlite. A file has one connection that writes, one that all single reads share – they are over when
 * they return – and a few for reads that last. In memory there is one connection, and everybody else waits for a
 * transaction to end.
 */
export function createSqliteDriver({ file, busyTimeout, acquireTimeout, synchronous, readers }: SqliteDriverOptions): Driver {
  const inMemory = file === ':memory:'
  const path = inMemory ? file : resolve(file)
  const sessions = new Set<SqliteSession>()
  let reader: SqliteSession | undefined

  function open(readOnly: boolean): SqliteSession {
    const session = new SqliteSession({ file: path, busyTimeout, synchronous, readOnly })
    sessions.add(session)
    return session
  }

  function close(session: SqliteSession): void {
    sessions.delete(session)
    session.close()
  }

  const writer = createPool<SqliteSession>({ open: () => open(false), close, max: 1, acquireTimeout })
  const lasting = createPool<SqliteSession>({ open: () => open(true), close, max: readers, acquireTimeout, idleTimeout: 60_000 })

  return {
    dialect: 'sqlite',
    acquire(purpose: Purpose): Awaitable<Session> {
      if (reader === undefined || purpose === 'write' || purpose === 'transaction') return writer.acquire()
      // A connection forgets its pages whenever another has written, so reads stay with the writer while it is free.
      if (purpose === 'read' || purpose === 'quick-read') return writer.inUse === 0 ? writer.acquire() : reader
      return lasting.acquire()
    },
    release(session: Session): void {
      if (session === reader) return
      const { readOnly } = session as SqliteSession
      ;(readOnly ? lasting : writer).release(session as SqliteSession)
    },
    usage: () => ({ inUse: writer.inUse + lasting.inUse, idle: writer.idle + lasting.idle, waiting: writer.waiting + lasting.waiting }),
    start() {
      if (!inMemory) mkdirSync(dirname(path), { recursive: true })
      const session = writer.acquire() as SqliteSession
      writer.release(session)
      // Without a write-ahead log, as on some network file systems, readers would have to wait for the writer anyway.
      if (session.journal === 'wal') reader = open(true)
    },
    check() {
      const session = reader ?? [...sessions][0]
      if (session === undefined) throw fail('DATABASE_CLOSED', undefined)
      session.database.prepare('select 1').get()
    },
    async close() {
      await Promise.all([writer.close(), lasting.close()])
      for (const session of sessions) close(session)
      reader = undefined
    },
  }
}
