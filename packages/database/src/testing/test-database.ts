import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../connection/database.ts'
import { addBooted, removeBooted } from '../connection/databases.ts'
import type { ConnectionConfig, OpenDatabases } from '../extension/open-databases.ts'
import { sql } from '../sql/sql.ts'
import type { Dialect } from '../sql/dialect.ts'
import { databaseServers } from './database-servers.ts'
import { openTestDatabase } from './open-test-database.ts'

/** An empty database of one's own. */
export interface TestDatabase {
  readonly dialect: Dialect
  readonly db: Database
  /** For DATABASE_URL of an application: `testApp(app, { env: { DATABASE_URL: database.url } })`. */
  readonly url: string
  /** Closes and drops it. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes an empty database with a name of its own, so that tests run beside each other, and drops it afterwards: a file for
 * SQLite, a database on the server for the others. Until it is closed, models and `transaction` find it.
 *
 * @example
 * await using database = await testDatabase('postgres')
 * await database.db.run(sql`create table cars (id int)`)
 */
export async function testDatabase(dialect: Dialect, options: Partial<ConnectionConfig> = {}): Promise<TestDatabase> {
  const { url, drop } = dialect === 'sqlite' ? await sqliteFile() : await onServer(dialect)
  let databases: OpenDatabases
  try {
    databases = await openTestDatabase(url, options)
  } catch (error) {
    await drop()
    throw error
  }
  addBooted(databases)
  const close = async () => {
    removeBooted(databases)
    await databases.stop()
    await drop()
  }
  return { dialect, db: databases.default, url, close, [Symbol.asyncDispose]: close }
}

async function sqliteFile() {
  const folder = await mkdtemp(join(tmpdir(), 'glueful-test-'))
  return { url: `sqlite:${join(folder, 'test.sqlite')}`, drop: () => rm(folder, { recursive: true, force: true }) }
}

async function onServer(dialect: Dialect) {
  const server = (await databaseServers()).find((one) => one.dialect === dialect)?.url as URL
  const name = `glueful_test_${process.pid}_${randomBytes(6).toString('hex')}`
  await administer(server, sql`create database ${sql.id(name)}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  // Who has lost a connection may still be connected as far as the server knows.
  const drop = () =>
    administer(server, dialect === 'postgres' ? sql`drop database if exists ${sql.id(name)} with (force)` : sql`drop database if exists ${sql.id(name)}`)
  return { url: url.href, drop }
}

async function administer(url: URL, statement: Parameters<Database['run']>[0]): Promise<void> {
  const databases = await openTestDatabase(url.href, { poolMax: 1 })
  try {
    await databases.default.run(statement)
  } finally {
    await databases.stop()
  }
}
