import { fail } from '../../foundation/errors/catalog.ts'
import { PreconditionFailed } from '../../foundation/errors/http-errors.ts'
import type { RequestTools } from '../../http/context/context.ts'
import { evaluatePreconditions, type EntityTag, type Validators } from '../../http/reply/preconditions.ts'
import { tagOfVersion, type Version } from './entity-tag.ts'

/** The state of a resource before a change. */
export interface CurrentState {
  /** As the `etag` option of its GET route has it. A Date is the time of the last change as well. */
  readonly version?: Version
  /** The whole tag, where the version is not enough. */
  readonly etag?: EntityTag
  readonly lastModified?: Date
}

export interface PreconditionRules {
  /** Refuses requests without If-Match or If-Unmodified-Since by 428 (RFC 6585, 3). Default: false. */
  readonly required?: boolean
}

/**
 * Holds a change to the state that the client has seen: compares If-Match, If-Unmodified-Since and If-None-Match with the
 * resource as it is (RFC 9110, 13). Call it inside the transaction that makes the change, with a row that is locked
 * there, and nobody's change is lost. `undefined` is a resource that does not exist.
 * @throws `PRECONDITION_FAILED` (412), `PRECONDITION_REQUIRED` (428)
 *
 * @example
 * await transaction(async () => {
 *   const car = await Car.lock().findOrFail(params.id)
 *   assertPreconditions(ctx, { version: car.version }, { required: true })
 *   …
 * })
 */
export function assertPreconditions(
  ctx: Pick<RequestTools, 'method' | 'header'>,
  current: CurrentState | undefined,
  { required = false }: PreconditionRules = {},
): void {
  const { method, header } = ctx
  if (required) requirePrecondition(header)
  if (current === undefined) {
    // No state matches what is not there; If-None-Match holds of it (RFC 9110, 13.1.1 and 13.1.2).
    if (header('if-match') !== undefined) throw failed(undefined)
    return
  }
  const validators = validatorsOf(current)
  if (evaluatePreconditions(method, header, validators) === 412) throw failed(validators.etag)
}

/** @throws `PRECONDITION_REQUIRED` (428) */
export function requirePrecondition(header: (name: string) => string | undefined): void {
  if (['if-match', 'if-unmodified-since', 'if-none-match'].every((name) => header(name) === undefined)) throw fail('PRECONDITION_REQUIRED', undefined)
}

function validatorsOf({ version, etag, lastModified }: CurrentState): Validators {
  const changed = lastModified ?? (version instanceof Date ? version : undefined)
  return { etag: etag ?? (version === undefined ? undefined : tagOfVersion(version, false)), lastModified: changed?.getTime() }
}

/** Tells the client what is there now, so that it can look before it tries again. */
export function failed(etag: string | undefined): PreconditionFailed {
  return new PreconditionFailed('The resource is not in the state that the request asks for.', etag === undefined ? {} : { headers: ['etag', etag] })
}
