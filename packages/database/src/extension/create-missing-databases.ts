import { describeTarget, parseConnectionUrl } from '../connection/connection-url.ts'
import { sql } from '../sql/sql.ts'
import { openDatabases, type ConnectionConfig, type DatabaseSurroundings } from './open-databases.ts'

/** What came of one connection. */
export interface DatabaseCreation {
  readonly connection: string
  /** Without user and password. */
  readonly target: string
  /** False where it was there. */
  readonly created: boolean
}

/** A database that is on every server and may be connected to; one cannot connect to the server alone. */
const always = { postgres: '/postgres', mysql: '/information_schema' } as const

/**
 * Makes the databases that the connections name and that their servers do not have; SQLite makes its file by itself.
 * @throws `DATABASE_START_FAILED` when a server is not to be reached, and what it says when the user may not
 */
export async function createMissingDatabases(configs: readonly ConnectionConfig[], surroundings: DatabaseSurroundings): Promise<readonly DatabaseCreation[]> {
  const results: DatabaseCreation[] = []
  for (const config of configs) {
    const target = parseConnectionUrl(config.url, config.setting)
    if (target.dialect === 'sqlite') {
      results.push({ connection: config.name, target: describeTarget(target), created: false })
      continue
    }
    const name = decodeURIComponent(target.url.pathname.slice(1))
    const url = new URL(target.url)
    url.pathname = always[target.dialect]
    const server = openDatabases([{ ...config, url: url.href, replicas: [], poolMax: 1 }], surroundings)
    try {
      await server.start()
      const known =
        target.dialect === 'postgres'
          ? sql`select 1 from pg_database where datname = ${name}`
          : sql`select 1 from information_schema.schemata where schema_name = ${name}`
      const created = (await server.default.all(known)).length === 0
      if (created)
        await server.default.run(
          target.dialect === 'postgres' ? sql`create database ${sql.id(name)}` : sql`create database if not exists ${sql.id(name)} character set utf8mb4`,
        )
      results.push({ connection: config.name, target: describeTarget(target), created })
    } finally {
      await server.stop()
    }
  }
  return results
}
