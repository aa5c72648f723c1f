import { SecretValues, type Redactor } from 'glueful'
import type { Failure } from '../engine/stored-job.ts'
import { decodePayload } from '../job/payload.ts'

/** What must not be written down of a payload: the values of its hidden fields. */
export function secretsOfPayload(redact: Redactor, payload: unknown): readonly string[] {
  const values = new SecretValues(redact.hides)
  values.addFrom(payload)
  return values.list()
}

/** A failure as it is logged, kept and shown: without what is secret in it. */
export function shownFailure(failure: Failure, redact: Redactor, payload: string): Failure {
  const secrets = secretsOfPayload(redact, readable(payload))
  const { message, stack } = failure
  return { ...failure, message: redact.text(message, secrets), ...(stack === undefined ? undefined : { stack: redact.text(stack, secrets) }) }
}

/** A payload that is no JSON may be what the failure is about. */
function readable(payload: string): unknown {
  try {
    return decodePayload(payload)
  } catch {
    return undefined
  }
}
