import type { AuditEntry, Redactor } from 'glueful'
import type { AuditRow } from './audit-chain.ts'

type Stored = Pick<AuditRow, 'actor' | 'action' | 'target' | 'before' | 'after' | 'result' | 'requestId' | 'ip'>

/** What fits the columns of every database, and holds no secret: an entry is never lost because of what a caller sent. */
export function boundEntry({ actor, action, target, before, after, result, requestId, ip }: AuditEntry, redact: Redactor): Stored {
  const value = (one: unknown) => (one === undefined ? null : JSON.stringify(redact({ value: one })['value'] ?? null))
  return {
    actor: clip(actor, 191),
    action: clip(action, 120) ?? '',
    target: clip(target, 255),
    before: value(before),
    after: value(after),
    result,
    requestId: clip(requestId, 128),
    ip: clip(ip, 64),
  }
}

/** PostgreSQL takes neither NUL nor half a character. */
function clip(text: string | null, length: number): string | null {
  return text === null ? null : text.slice(0, length).replaceAll('\0', '\uFFFD').toWellFormed()
}
