import type { Client as PgClient, FieldDef } from 'pg'
import { fail } from '../../errors.ts'
import type { Driver } from '../driver.ts'
import { createRemoteDriver } from '../remote/remote-driver.ts'
import type { RemoteOptions } from '../remote/remote-options.ts'
import { StatementShapes } from '../remote/statement-columns.ts'
import { isPooler, toConnectError } from './postgres-errors.ts'
import { createPostgresListener } from './postgres-listener.ts'
import { PostgresSession } from './postgres-session.ts'
import { postgresDecoder, postgresTypes } from './postgres-types.ts'
import { StatementNames } from './statement-names.ts'

/** What `pg` keeps inside and types do not tell. */
interface Internals {
  readonly connection: { readonly parsedStatements: Record<string, string> }
}

/**
 * PostgreSQL through `pg`. `?pgbouncer=true` is for poolers that give each transaction another server: statements get no
 * names then, and nothing is set for the session but what such poolers follow.
 */
export function createPostgresDriver(options: RemoteOptions): Driver {
  const { connectTimeout, statementTimeout } = options
  const url = new URL(options.url)
  let pooled = url.searchParams.get('pgbouncer') === 'true'
  url.searchParams.delete('pgbouncer')
  const shapes = new StatementShapes<FieldDef>((field) => field.dataTypeID, postgresDecoder)
  const naming = { enabled: options.namedStatements && !pooled }
  let Client: typeof PgClient | undefined

  async function load(): Promise<typeof PgClient> {
    const { default: pg } = await import('pg')
    // Dates come as text that does not depend on the server's configuration.
    return class extends pg.Client {
      getStartupConf() {
        const inherited = (pg.Client.prototype as unknown as { getStartupConf(): Record<string, string> }).getStartupConf.call(this)
        return { ...inherited, TimeZone: 'UTC', DateStyle: 'ISO, MDY' }
      }
    }
  }

  async function createClient(): Promise<PgClient> {
    Client ??= await load()
    return new Client({
      connectionString: url.href,
      connectionTimeoutMillis: connectTimeout,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: postgresTypes,
      pipeline: true,
      ...(pooled ? {} : { statement_timeout: statementTimeout }),
    })
  }

  async function open(): Promise<PostgresSession> {
    const client = await createClient()
    const { parsedStatements } = (client as unknown as Internals).connection
    const names = new StatementNames(naming, (name) => {
      delete parsedStatements[name]
      // One that is not there any more needs no name.
      client.query(`deallocate "${name}"`).catch(() => undefined)
    })
    const session = new PostgresSession(client, shapes, names)
    try {
      await client.connect()
    } catch (error) {
      session.destroy()
      if (!pooled && isPooler(error)) {
        pooled = true
        naming.enabled = false
        return open()
      }
      throw toConnectError(error)
    }
    if (session.broken) throw fail('DATABASE_UNREACHABLE', undefined)
    return session
  }

  const listener = createPostgresListener(async () => {
    const client = await createClient()
    try {
      await client.connect()
    } catch (error) {
      throw toConnectError(error)
    }
    return client
  })
  const driver = createRemoteDriver({ ...options, dialect: 'postgres', pipelines: true, open })
  return {
    ...driver,
    // Behind a pooler nobody would hear anything.
    subscribe: pooled ? undefined : listener.subscribe,
    async close() {
      await Promise.all([listener.close(), driver.close()])
    },
  }
}
