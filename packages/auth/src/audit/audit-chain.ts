import { createHash } from 'node:crypto'
import type { AuditEntry } from 'glueful'

/** An entry as it is stored; `at` in ms since the epoch, `before` and `after` as JSON text. */
export interface AuditRow {
  readonly seq: number
  readonly at: number
  readonly actor: string | null
  readonly action: string
  readonly target: string | null
  readonly before: string | null
  readonly after: string | null
  readonly result: AuditEntry['result']
  readonly requestId: string | null
  readonly ip: string | null
  /** Hash of the entry before it. */
  readonly previous: string
  readonly hash: string
}

/** What stands before the first entry. */
export const firstHash = '0'.repeat(64)

/** SHA-256 of all of an entry and the hash before it. JSON keeps neighbours apart: no text can move from one field to the next. */
export function hashRow({ seq, at, actor, action, target, before, after, result, requestId, ip, previous }: Omit<AuditRow, 'hash'>): string {
  const content = JSON.stringify([seq, at, actor, action, target, before, after, result, requestId, ip, previous])
  return createHash('sha256').update(content).digest('hex')
}

/** What is wrong with a chain, at the first place where something is. */
export interface AuditBreak {
  readonly seq: number
  readonly kind: 'changed' | 'missing' | 'order' | 'cut' | 'head' | 'start' | 'anchor'
  readonly reason: string
}

/** Follows a chain row by row: tells what is wrong with the next one. */
export function createChainWalk(start: { readonly seq: number; readonly hash: string }) {
  let last = start
  return {
    get last() {
      return last
    },
    next(row: AuditRow): AuditBreak | undefined {
      const seq = last.seq + 1
      if (row.seq !== seq) return { seq, kind: 'missing', reason: `entry ${seq} is missing; the next is ${row.seq}` }
      if (hashRow(row) !== row.hash) return { seq, kind: 'changed', reason: `entry ${seq} is not what was written` }
      if (row.previous !== last.hash) return { seq, kind: 'order', reason: `entry ${seq} does not follow entry ${last.seq} as it is` }
      last = { seq, hash: row.hash }
      return undefined
    },
  }
}
