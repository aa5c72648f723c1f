import { AuditLog, type AuditEntry, type Event, type Runtime } from 'glueful'

/** Says that something security-relevant happened: to listeners, and to the audit log where there is one. */
export type Record = <Payload extends object>(what: Event<Payload>, payload: Payload, entry: Entry) => Promise<void>

type Entry = Pick<AuditEntry, 'actor' | 'action' | 'target' | 'result'> & Partial<Pick<AuditEntry, 'before' | 'after'>>

export function createRecord(runtime: Runtime): Record {
  return async (what, payload, entry) => {
    const { ip = null, requestId = null } = payload as { ip?: string; requestId?: string }
    if (runtime.provides(AuditLog)) await runtime.use(AuditLog).record({ ...entry, ip, requestId })
    await runtime.emit(what, payload)
  }
}
