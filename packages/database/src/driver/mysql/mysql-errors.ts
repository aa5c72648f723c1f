import { GluefulError } from 'glueful'
import { fail } from '../../errors.ts'
import { queryFailed, retrySoon, violation } from '../database-error.ts'

interface MysqlError {
  readonly errno?: number
  readonly code?: string
  readonly message: string
  readonly fatal?: boolean
}

// https://mariadb.com/kb/en/mariadb-error-codes/, https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
const unique = new Set([1022, 1062, 1169, 1586, 1859])
const foreignKey = new Set([1216, 1217, 1451, 1452, 1761, 1762])
const notNull = new Set([1048, 1263, 1364])
const check = new Set([3819, 4025])
const rejected = new Set([
  1071, 1118, 1153, 1264, 1265, 1267, 1270, 1292, 1300, 1366, 1406, 1411, 1416, 1441, 1525, 1690, 1713, 3140, 3141, 3150, 3151, 3156, 3157, 3988, 4038,
])
const lockTimeout = new Set([1205, 3572])
const timedOut = new Set([1317, 1969, 3024])
const shutDown = new Set([1053, 1077, 1079, 1927, 3169, 4031])
const refusedForGood = new Set([1044, 1045, 1049, 1130, 1251, 1698])

/** The server has rolled the whole transaction back. */
export function isRolledBack(error: unknown): boolean {
  const { errno } = error as MysqlError
  return errno === 1213 || errno === 1020
}

export function isLost(error: unknown): boolean {
  const { errno, fatal } = error as MysqlError
  return fatal === true || errno === undefined || errno < 0 || shutDown.has(errno)
}

/** The statement cannot be prepared, as some that administer the server. */
export function isNotPreparable(error: unknown): boolean {
  return (error as MysqlError).errno === 1295
}

export function toMysqlError(
  error: unknown,
  { text, lost, commits }: { readonly text: string; readonly lost: boolean; readonly commits: boolean },
): GluefulError {
  if (error instanceof GluefulError) return error
  const found = error as MysqlError
  const errno = found.errno ?? 0
  if (unique.has(errno)) return violation('UNIQUE_VIOLATION', error, { constraint: /for key '(?:.*\.)?(.+)'/.exec(found.message)?.[1] })
  if (foreignKey.has(errno)) return violation('FOREIGN_KEY_VIOLATION', error, { constraint: /CONSTRAINT `(.+?)`/.exec(found.message)?.[1] })
  if (notNull.has(errno)) return violation('NOT_NULL_VIOLATION', error, { columns: quotedNames(found.message).slice(0, 1) })
  if (check.has(errno)) return violation('CHECK_VIOLATION', error, { constraint: quotedNames(found.message)[0] })
  if (errno === 1213) return fail('DEADLOCK', undefined, { cause: error, headers: retrySoon })
  // MariaDB: the row has changed since the transaction's snapshot.
  if (errno === 1020) return fail('SERIALIZATION_FAILURE', undefined, { cause: error, headers: retrySoon })
  if (lockTimeout.has(errno)) return fail('LOCK_TIMEOUT', undefined, { cause: error, headers: retrySoon })
  if (timedOut.has(errno)) return fail('QUERY_TIMED_OUT', undefined, { cause: error })
  if (errno === 1792) return fail('TRANSACTION_READ_ONLY', undefined, { cause: error })
  if (rejected.has(errno)) return fail('VALUE_REJECTED', undefined, { cause: error })
  if (shutDown.has(errno)) return fail('DATABASE_CONNECTION_LOST', undefined, { cause: error, headers: retrySoon })
  if (lost)
    return commits
      ? fail('COMMIT_OUTCOME_UNKNOWN', undefined, { cause: error })
      : fail('DATABASE_CONNECTION_LOST', undefined, { cause: error, headers: retrySoon })
  // The rest of a text after its first statement is a syntax error here; there is no telling the two apart.
  return queryFailed(found.message, text, error)
}

export function toConnectError(error: unknown): unknown {
  if (error instanceof GluefulError || refusedForGood.has((error as MysqlError).errno ?? 0)) return error
  return fail('DATABASE_UNREACHABLE', undefined, { cause: error, headers: retrySoon })
}

function quotedNames(message: string): string[] {
  return [...message.matchAll(/['`]([^'`]+)['`]/g)].map((match) => match[1] as string)
}
