import { connect } from 'node:net'
import type { Dialect } from '../sql/dialect.ts'

/** A database server that tests may use. */
export interface DatabaseServer {
  readonly dialect: Dialect
  /** For the names of tests: `PostgreSQL`, or why it is left out: `PostgreSQL (skipped: no server at 127.0.0.1:5432)`. */
  readonly title: string
  readonly reachable: boolean
  /** A URL that may create databases; undefined for SQLite. */
  readonly url: URL | undefined
}

const usual = {
  postgres: { title: 'PostgreSQL', variable: 'TEST_POSTGRES_URL', url: 'postgres://postgres@127.0.0.1:5432/postgres', port: 5432 },
  mysql: { title: 'MySQL', variable: 'TEST_MYSQL_URL', url: 'mysql://root@127.0.0.1:3306/mysql', port: 3306 },
} as const

let found: Promise<readonly DatabaseServer[]> | undefined

/**
 * SQLite, and the PostgreSQL and MySQL servers of this machine or of TEST_POSTGRES_URL and TEST_MYSQL_URL. One that cannot
 * be reached is there with its reason; with CI=true it counts as reachable, so that its tests fail instead.
 */
export function databaseServers(): Promise<readonly DatabaseServer[]> {
  return (found ??= Promise.all([{ dialect: 'sqlite' as const, title: 'SQLite', reachable: true, url: undefined }, server('postgres'), server('mysql')]))
}

async function server(dialect: 'postgres' | 'mysql'): Promise<DatabaseServer> {
  const { title, variable, url: fallback, port } = usual[dialect]
  const url = new URL(process.env[variable] ?? fallback)
  const address = { host: url.hostname, port: url.port === '' ? port : Number(url.port) }
  const reachable = process.env['CI'] === 'true' || (await answers(address))
  return { dialect, title: reachable ? title : `${title} (skipped: no server at ${address.host}:${address.port})`, reachable, url }
}

function answers(address: { readonly host: string; readonly port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: 1_000 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}
