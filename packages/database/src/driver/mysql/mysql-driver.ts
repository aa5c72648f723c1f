import type { Connection, ConnectionOptions } from 'mysql2'
import type { Driver } from '../driver.ts'
import { createRemoteDriver } from '../remote/remote-driver.ts'
import type { RemoteOptions } from '../remote/remote-options.ts'
import { StatementShapes } from '../remote/statement-columns.ts'
import { toConnectError } from './mysql-errors.ts'
import { MysqlSession, mysqlDecoder, mysqlKind, type MysqlField } from './mysql-session.ts'

const sqlMode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_IN_DATE,NO_ZERO_DATE,NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
const mostStatements = 500

/** MySQL and MariaDB through `mysql2`: strict, in UTC, in utf8mb4. */
export function createMysqlDriver(options: RemoteOptions): Driver {
  const { connectTimeout, statementTimeout, url } = options
  const shapes = new StatementShapes<MysqlField>(mysqlKind, mysqlDecoder)
  const config = connectionOptions(url, connectTimeout)

  async function open(): Promise<MysqlSession> {
    const { default: mysql } = await import('mysql2')
    const connection = mysql.createConnection(config)
    const session = new MysqlSession(connection, shapes, mysql.TypedParameter.BIGINT)
    try {
      await new Promise<void>((resolve, reject) => connection.connect((error) => (error === null || error === undefined ? resolve() : reject(error))))
      await session.command(`set session sql_mode = '${sqlMode}', time_zone = '+00:00', innodb_lock_wait_timeout = ${lockTimeout(statementTimeout)}`, false)
      await session.command(timeLimit(connection, statementTimeout), false)
      await session.readInsertStep()
    } catch (error) {
      session.destroy()
      throw toConnectError(error)
    }
    return session
  }

  return createRemoteDriver({ ...options, dialect: 'mysql', pipelines: false, open })
}

/** In seconds; a statement that waits for a lock is told so before it is cut. */
function lockTimeout(statementTimeout: number): number {
  return Math.max(1, Math.floor(statementTimeout / 2_000))
}

/** MariaDB limits every statement, in seconds; MySQL those that read, in ms. */
function timeLimit(connection: Connection, ms: number): string {
  return (connection as unknown as { _isMariaDB?: boolean })._isMariaDB === true
    ? `set session max_statement_time = ${ms / 1_000}`
    : `set session max_execution_time = ${Math.ceil(ms)}`
}

function connectionOptions(url: URL, connectTimeout: number): ConnectionOptions {
  const tls = url.searchParams.get('ssl') ?? url.searchParams.get('sslmode') ?? 'false'
  const socketPath = url.searchParams.get('socket')
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(socketPath === null ? {} : { socketPath }),
    ...(['false', 'disable'].includes(tls) ? {} : { ssl: { rejectUnauthorized: tls !== 'no-verify' } }),
    connectTimeout,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    maxPreparedStatements: mostStatements,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    jsonStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    multipleStatements: false,
    flags: ['-LOCAL_FILES'],
  }
}
