import type { GluefulError } from 'glueful'
import { fail } from '../errors.ts'

/** What a database says of a constraint that a statement broke; for code, not for clients. */
export interface ViolationDetails {
  readonly constraint?: string | undefined
  readonly table?: string | undefined
  readonly columns?: readonly string[] | undefined
}

/** An error with what the database said of the constraint. */
export type ViolationError = GluefulError & ViolationDetails

type ViolationCode = 'UNIQUE_VIOLATION' | 'FOREIGN_KEY_VIOLATION' | 'NOT_NULL_VIOLATION' | 'CHECK_VIOLATION'

export function violation(code: ViolationCode, cause: unknown, details: ViolationDetails): ViolationError {
  const error =
    code === 'UNIQUE_VIOLATION'
      ? fail('UNIQUE_VIOLATION', undefined, { cause })
      : code === 'FOREIGN_KEY_VIOLATION'
        ? fail('FOREIGN_KEY_VIOLATION', undefined, { cause })
        : code === 'NOT_NULL_VIOLATION'
          ? fail('NOT_NULL_VIOLATION', undefined, { cause })
          : fail('CHECK_VIOLATION', undefined, { cause })
  return Object.assign(error, details)
}

const longestText = 500

/** Any other refusal; the query is part of the message, its values never are. */
export function queryFailed(reason: string, text: string, cause: unknown): GluefulError {
  return fail(
    'QUERY_FAILED',
    {
      reason,
      hint: isMissing(cause) ? ' glueful migrate status tells which migrations have not run.' : '',
      text: text.length > longestText ? `${text.slice(0, longestText)}…` : text,
    },
    { cause },
  )
}

/** A table or column that is not there: PostgreSQL and MySQL say so by a code, SQLite in words. */
function isMissing(cause: unknown): boolean {
  const { code, message = '' } = cause as { code?: unknown; message?: string }
  return ['42P01', '42703', 'ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR'].includes(String(code)) || /^no such (?:table|column): /.test(message)
}

/** Seconds after which a request may come back when the database was the reason. */
export const retrySoon: readonly string[] = ['retry-after', '1']
