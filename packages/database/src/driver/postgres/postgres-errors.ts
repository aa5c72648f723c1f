import { GluefulError } from 'glueful'
import { fail } from '../../errors.ts'
import { queryFailed, retrySoon, violation } from '../database-error.ts'

interface PostgresError {
  readonly code?: string
  readonly message: string
  readonly constraint?: string
  readonly table?: string
  readonly column?: string
  readonly detail?: string
  readonly routine?: string
}

/** What is known of a statement that failed. */
export interface FailedStatement {
  readonly text: string
  /** True when the connection is gone. */
  readonly lost: boolean
  /** True when the statement alone would have committed, so that a lost connection leaves its outcome open. */
  readonly commits: boolean
}

/** What the server says has a severity; errors of the socket have codes such as EPIPE. */
export function isServerError(error: unknown): boolean {
  return typeof (error as { severity?: unknown }).severity === 'string'
}

/** Codes that the server sends before it closes the connection: the statement was not carried out. */
const shutDown = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '08P01'])

/** The server closes the connection with this error. */
export function isShutDown(error: unknown): boolean {
  return shutDown.has((error as PostgresError).code ?? '')
}

/** By SQLSTATE (PostgreSQL manual, appendix A). */
export function toPostgresError(error: unknown, { text, lost, commits }: FailedStatement): GluefulError {
  if (error instanceof GluefulError) return error
  const found = error as PostgresError
  const code = found.code ?? ''
  if (shutDown.has(code)) return fail('DATABASE_CONNECTION_LOST', undefined, { cause: error, headers: retrySoon })
  if (lost && !isServerError(error)) return connectionLost(commits, error)
  switch (code) {
    case '23505':
    case '23P01':
      return violation('UNIQUE_VIOLATION', error, { constraint: found.constraint, table: found.table, columns: columnsIn(found) })
    case '23503':
      return violation('FOREIGN_KEY_VIOLATION', error, { constraint: found.constraint, table: found.table, columns: columnsIn(found) })
    case '23502':
      return violation('NOT_NULL_VIOLATION', error, { table: found.table, columns: found.column === undefined ? [] : [found.column] })
    case '23514':
      return violation('CHECK_VIOLATION', error, { constraint: found.constraint, table: found.table })
    case '40001':
      return fail('SERIALIZATION_FAILURE', undefined, { cause: error, headers: retrySoon })
    case '40P01':
      return fail('DEADLOCK', undefined, { cause: error, headers: retrySoon })
    case '55P03':
      return fail('LOCK_TIMEOUT', undefined, { cause: error, headers: retrySoon })
    case '57014':
      return fail('QUERY_TIMED_OUT', undefined, { cause: error })
    case '25006':
      return fail('TRANSACTION_READ_ONLY', undefined, { cause: error })
    case '25P02':
      return fail('TRANSACTION_ABORTED', undefined, { cause: error })
    // A value too large for an index.
    case '54000':
      return fail('VALUE_REJECTED', undefined, { cause: error })
    case '42601':
      // Only the extended protocol, which a statement with values uses, says so.
      if (/multiple commands/.test(found.message)) return fail('SQL_STATEMENTS_SEVERAL', undefined, { cause: error })
  }
  if (code.startsWith('22')) return fail('VALUE_REJECTED', undefined, { cause: error })
  return queryFailed(found.message, text, error)
}

/** A connection that was lost while something was under way. */
export function connectionLost(commits: boolean, cause: unknown): GluefulError {
  return commits ? fail('COMMIT_OUTCOME_UNKNOWN', undefined, { cause }) : fail('DATABASE_CONNECTION_LOST', undefined, { cause, headers: retrySoon })
}

/** Whether opening a connection failed for a reason that may pass: nobody there, starting up, or too many connections. */
export function toConnectError(error: unknown): unknown {
  const { code = '' } = error as { code?: string }
  const refusedForGood = code.startsWith('28') || code === '3D000' || code === '42501' || code.startsWith('ERR_')
  if (refusedForGood || error instanceof GluefulError) return error
  return fail('DATABASE_UNREACHABLE', undefined, { cause: error, headers: retrySoon })
}

/** A prepared statement whose table has changed since. */
export function isStalePlan(error: unknown): boolean {
  const { code, routine } = error as PostgresError
  return code === '0A000' && routine === 'RevalidateCachedQuery'
}

/** A pooler has prepared the statement on another server, or that server has one of the same name. */
export function isLostName(error: unknown): boolean {
  const { code } = error as PostgresError
  return code === '26000' || code === '42P05'
}

/** What pgbouncer says of parameters that it cannot hand on: nothing may be set for a session there. */
export function isPooler(error: unknown): boolean {
  return /unsupported startup parameter/.test((error as PostgresError).message)
}

/** `Key (email, tenant)=(…) already exists.` */
function columnsIn({ detail }: PostgresError): string[] {
  return (
    /^Key \((.+?)\)=/
      .exec(detail ?? '')?.[1]
      ?.split(', ')
      .map((name) => name.replaceAll('"', '')) ?? []
  )
}
