import { Database } from '@glueful/database'
import { AuditLog, RuntimeService, type AuditEntry, type RequestTools } from 'glueful'

type Change = Pick<AuditEntry, 'target' | 'before' | 'after'>

/** Makes a change and writes it down, where the application has an audit log: both or neither. */
export function audited<T>(
  { use, user, requestId, ip }: Pick<RequestTools, 'use' | 'user' | 'requestId' | 'ip'>,
  action: string,
  change: () => Promise<{ readonly result: T; readonly entry: Change }>,
): Promise<T> {
  return use(Database).transaction(async () => {
    const { result, entry } = await change()
    if (use(RuntimeService).provides(AuditLog)) await use(AuditLog).record({ ...entry, actor: user.id, action, result: 'ok', requestId, ip })
    return result
  })
}
