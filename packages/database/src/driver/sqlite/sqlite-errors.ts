import { GluefulError } from 'glueful'
import { fail } from '../../errors.ts'
import { queryFailed, retrySoon, violation } from '../database-error.ts'

// https://sqlite.org/rescode.html
const busy = 5
const locked = 6
const readOnly = 8
const mismatch = 20
const tooBig = 18
const constraint = { check: 275, foreignKey: 787, notNull: 1299, primaryKey: 1555, trigger: 1811, unique: 2067, rowId: 2579, dataType: 3091 } as const

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode
  return typeof code === 'number' ? code : undefined
}

/** Somebody else is writing; nothing was done. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && ((code & 0xff) === busy || (code & 0xff) === locked)
}

/** An integer too large for a number: the statement has to be read as bigints. */
export function isOutOfRange(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_OUT_OF_RANGE'
}

export function toSqliteError(error: unknown, text: string): GluefulError {
  if (error instanceof GluefulError) return error
  const code = codeOf(error)
  const reason = error instanceof Error ? error.message : String(error)
  switch (code) {
    case constraint.unique:
    case constraint.primaryKey:
    case constraint.rowId:
      return violation('UNIQUE_VIOLATION', error, columnsIn(reason))
    case constraint.foreignKey:
    case constraint.trigger:
      return violation('FOREIGN_KEY_VIOLATION', error, {})
    case constraint.notNull:
      return violation('NOT_NULL_VIOLATION', error, columnsIn(reason))
    case constraint.check:
      return violation('CHECK_VIOLATION', error, { constraint: afterColon(reason) })
    case constraint.dataType:
    case mismatch:
    case tooBig:
      return fail('VALUE_REJECTED', undefined, { cause: error })
  }
  // Limits that only values can exceed, without codes of their own.
  if (/pattern too complex|^integer overflow$/.test(reason)) return fail('VALUE_REJECTED', undefined, { cause: error })
  if (isBusy(error)) return fail('LOCK_TIMEOUT', undefined, { cause: error, headers: retrySoon })
  if (code !== undefined && (code & 0xff) === readOnly) return fail('TRANSACTION_READ_ONLY', undefined, { cause: error })
  return queryFailed(reason, text, error)
}

function afterColon(reason: string): string | undefined {
  return /: (.+)$/.exec(reason)?.[1]
}

/** `UNIQUE constraint failed: users.email, users.tenant` */
function columnsIn(reason: string) {
  const names = afterColon(reason)?.split(', ') ?? []
  return { table: names[0]?.split('.')[0], columns: names.map((name) => name.slice(name.indexOf('.') + 1)) }
}
