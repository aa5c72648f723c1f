import { Database } from '@glueful/database'
import { AuditLog, RuntimeService, type AuditEntry, type RequestTools, type Use } from 'glueful'
import type { Endpoint } from './endpoint.ts'

type Change = Pick<AuditEntry, 'target' | 'before' | 'after'>
type Doer = Pick<AuditEntry, 'actor' | 'requestId' | 'ip'>

/** Whoever sits at the console of the application. */
export const operator: Doer = { actor: null, requestId: null, ip: null }

export const doerOf = ({ user, requestId, ip }: Pick<RequestTools, 'user' | 'requestId' | 'ip'>): Doer => ({ actor: user.id, requestId, ip })

export const targetOf = ({ id }: Endpoint) => `webhook-endpoint:${id}`

/** What the audit log keeps of an endpoint: where events go, and which. */
export const keptOf = ({ tenant, url, events, disabledAt }: Endpoint) => ({ tenant, url, events: [...events], disabled: disabledAt !== null })

/** Makes a change and writes it down, where the application has an audit log: both or neither. */
export function audited<T>(use: Use, doer: Doer, action: string, change: () => Promise<{ readonly result: T; readonly entry: Change }>): Promise<T> {
  return use(Database).transaction(async () => {
    const { result, entry } = await change()
    if (use(RuntimeService).provides(AuditLog)) await use(AuditLog).record({ ...entry, ...doer, action, result: 'ok' })
    return result
  })
}
