import type { Logger } from 'glueful'
import type { Settlement } from '../engine/engine.ts'
import { logFields } from './run-job.ts'

/** Says in the log that an attempt has failed, and what comes of it. */
export function tellFailure(log: Logger, settlement: Settlement & { readonly kind: 'retry' | 'bury' }): void {
  const { delivery, failure } = settlement
  const { name, message, stack, code, kind } = failure
  const err = { type: name, message, ...(stack === undefined ? undefined : { stack }), ...(code === undefined ? undefined : { code }) }
  const fields = { ...logFields(delivery), queue: delivery.queue, kind, err }
  if (settlement.kind === 'retry') log.warn({ ...fields, nextAt: new Date(settlement.runAt).toISOString() }, 'A job failed, and is tried again')
  else log.error(fields, 'A job failed for good, and lies with the dead letters')
}
