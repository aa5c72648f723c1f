import { defineSettings, env } from 'glueful'
import type { ConnectionOptions } from './database-options.ts'

const shape = {
  url: env.secret('DATABASE_URL', {
    optional: true,
    example: 'postgres://app:secret@db.internal:5432/app',
    describe: 'The database: sqlite:FILE, postgres://… or mysql://…; sqlite:./data/app.sqlite where it is not set, in memory in tests',
  }),
  replicas: env.secret('DATABASE_REPLICA_URLS', { optional: true, describe: 'Servers that follow the database, with commas between: reads go to them' }),
  poolMax: env.integer('DATABASE_POOL_MAX', { default: 10, min: 1, max: 1_000, describe: 'Connections to a database, for each process' }),
  acquireTimeout: env.duration('DATABASE_ACQUIRE_TIMEOUT', { default: '5s', min: '10ms', describe: 'How long to wait for a free connection; then 503' }),
  connectTimeout: env.duration('DATABASE_CONNECT_TIMEOUT', { default: '5s', min: '10ms', describe: 'How long opening a connection may take' }),
  statementTimeout: env.duration('DATABASE_STATEMENT_TIMEOUT', {
    default: '30s',
    min: '10ms',
    describe: 'PostgreSQL and MySQL: how long a statement may take',
  }),
  namedStatements: env.boolean('DATABASE_NAMED_STATEMENTS', {
    default: true,
    describe: 'PostgreSQL: prepare statements; turn off behind a transaction-mode pooler, or put ?pgbouncer=true into the URL',
  }),
  slowQuery: env.duration('DATABASE_SLOW_QUERY', { default: '500ms', describe: 'Queries that take longer are logged, and noted for glueful db optimize' }),
  busyTimeout: env.duration('DATABASE_BUSY_TIMEOUT', { default: '5s', describe: 'SQLite: how long to wait for another process that writes' }),
  synchronous: env.enum('DATABASE_SYNCHRONOUS', ['full', 'normal'], {
    default: 'full',
    describe: 'SQLite: full survives a power cut; normal may lose the last commits then, and is quicker',
  }),
}

const migrating = {
  lockTimeout: env.duration('MIGRATE_LOCK_TIMEOUT', {
    default: '5s',
    describe: 'How long a migration waits for a lock on a table, with everybody else waiting behind it; 0 waits for ever',
  }),
  wait: env.duration('MIGRATE_WAIT', { default: '10m', describe: 'How long glueful migrate waits while another process migrates' }),
}

/** The variable that says where a named connection leads: `reports` → DATABASE_REPORTS_URL. */
export function urlVariable(connection: string): string {
  const words = connection.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/[^a-z\d]+/gi, '_')
  return `DATABASE_${words.toUpperCase()}_URL`
}

function replicasVariable(connection: string): string {
  return urlVariable(connection).replace(/URL$/, 'REPLICA_URLS')
}

/** Settings of the data layer; each named connection adds the variable of its URL. */
export function databaseSettings(connections: Readonly<Record<string, ConnectionOptions>>) {
  const urls = Object.fromEntries(
    Object.keys(connections).map((name) => [name, env.secret(urlVariable(name), { describe: `The database of the connection '${name}'` })]),
  )
  const replicaUrls = Object.fromEntries(
    Object.keys(connections).map((name) => [
      name,
      env.secret(replicasVariable(name), { optional: true, describe: `Servers that follow the one of the connection '${name}'` }),
    ]),
  )
  return defineSettings({ ...shape, urls, replicaUrls, migrating }, { name: 'database-settings', docs: 'docs/database.md of Glueful' })
}
