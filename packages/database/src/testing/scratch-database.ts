import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dialect } from '../sql/dialect.ts'

/** A database of its own, gone when it is disposed. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly dialect: Dialect
  readonly url: string
}

/** The databases that everything is tested on. */
export const everyDialect: readonly Dialect[] = ['sqlite']

const servers = {
  postgres: { host: '127.0.0.1', port: 5432, user: 'postgres' },
  mysql: { host: '127.0.0.1', port: 3306, user: 'root' },
}

/** Why tests on this database are skipped, or undefined; in CI they are not, and fail. */
export async function unreachable(dialect: Dialect): Promise<string | undefined> {
  if (dialect === 'sqlite' || process.env['CI'] === 'true') return undefined
  const { host, port } = servers[dialect]
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 })
    const end = (found: boolean) => {
      socket.destroy()
      resolve(found)
    }
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false))
  })
  return answers ? undefined : `skipped: no ${dialect} at ${host}:${port}`
}

/** An empty database: a SQLite file, or a database of the local server. */
export async function scratchDatabase(dialect: Dialect): Promise<ScratchDatabase> {
  const name = `glueful_test_${randomBytes(6).toString('hex')}`
  if (dialect === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'glueful-'))
    return { dialect, url: `sqlite:${join(folder, 'test.sqlite')}`, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) }
  }
  const { host, port, user } = servers[dialect]
  await administer(dialect, `create database ${name}`)
  const drop = dialect === 'postgres' ? `drop database ${name} with (force)` : `drop database ${name}`
  return { dialect, url: `${dialect}://${user}@${host}:${port}/${name}`, [Symbol.asyncDispose]: () => administer(dialect, drop) }
}

async function administer(dialect: 'postgres' | 'mysql', statement: string): Promise<void> {
  const { host, port, user } = servers[dialect]
  if (dialect === 'postgres') {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ host, port, user, database: 'postgres' })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  } else {
    const mysql = await import('mysql2/promise')
    const connection = await mysql.createConnection({ host, port, user })
    await connection.query(statement).finally(() => connection.end())
  }
}
