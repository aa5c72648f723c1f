import { fail } from './errors.ts'

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** `cursor` of the part after it; null at the end. */
  readonly next: string | null
}

export interface Paging {
  /** `next` of the page before. Default: from the beginning. */
  readonly cursor?: string | undefined
  /** Default: 50, at most 1,000. */
  readonly limit?: number | undefined
}

/** Where a list goes on: after the row with these values of what it is ordered by. */
export interface Place {
  readonly at: number
  readonly id: string
}

export function limitOf({ limit = 50 }: Paging): number {
  return Math.min(1_000, Math.max(1, Math.trunc(limit)))
}

/** @throws `WEBHOOK_CURSOR_INVALID` */
export function readCursor({ cursor }: Paging): Place | undefined {
  if (cursor === undefined) return undefined
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,40})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (at === undefined || id === undefined) throw fail('WEBHOOK_CURSOR_INVALID', undefined)
  return { at: Number(at), id }
}

/** `rows` has one more than the page holds, where there is more. */
export function toPage<Row, T>(rows: readonly Row[], paging: Paging, placeOf: (row: Row) => Place, toItem: (row: Row) => T): Page<T> {
  const limit = limitOf(paging)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const place = last === undefined || rows.length <= limit ? undefined : placeOf(last)
  return { items: shown.map(toItem), next: place === undefined ? null : Buffer.from(`${place.at}.${place.id}`).toString('base64url') }
}
