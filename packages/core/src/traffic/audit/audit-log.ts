import { service, type Service } from '../../foundation/services/service.ts'

/** One line of the audit trail: who did what, on what, and how it ended. */
export interface AuditEntry {
  /** Id of the identity; null for anonymous callers and the system. */
  readonly actor: string | null
  /** What was done, dotted: `login.failed`, `orders.refund`. */
  readonly action: string
  /** On what: `order:42`, an account, a key. */
  readonly target: string | null
  readonly before?: unknown
  readonly after?: unknown
  readonly result: 'ok' | 'denied' | 'failed'
  readonly requestId: string | null
  readonly ip: string | null
}

/** Where security-relevant actions are written down; `runtime.provides(AuditLog)` tells whether there is one. */
export interface AuditLog {
  /** Resolves when the entry is stored; inside a transaction it is part of it. */
  record(entry: AuditEntry): Promise<void>
}

export const AuditLog: Service<AuditLog> = service<AuditLog>('audit log')
