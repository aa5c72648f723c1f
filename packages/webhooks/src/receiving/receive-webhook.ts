import { noContent, route, type Context, type Duration, type RequestTools, type RouteOptions } from 'glueful'
import { fail } from '../errors.ts'
import { verifyWebhook } from './verify-webhook.ts'

/** A webhook that came in, verified. */
export interface ReceivedWebhook {
  readonly id: string
  readonly type: string
  readonly data: unknown
  readonly sentAt: Date
}

/** Options of any route besides. */
export interface ReceiveWebhookOptions extends Omit<RouteOptions, 'accepts' | 'idempotency'> {
  /** `whsec_…` or `whpk_…`, or what gives it; several while the sender rotates them. */
  readonly secret: string | readonly string[] | ((ctx: Pick<RequestTools, 'use'>) => string | readonly string[])
  /** How far the timestamp may be off, in seconds. Default: 300. */
  readonly tolerance?: number
  /** How long an id is remembered: longer than the sender tries again. Default: 7 days. */
  readonly remember?: Duration
  /** After how long another attempt may take over from one that has died. Default: the route's timeout and 5 s. */
  readonly lease?: Duration
}

const signed = ['webhook-id', 'webhook-timestamp', 'webhook-signature']

/**
 * A route that receives webhooks in the format of Standard Webhooks: signature and timestamp are verified, and an id that
 * was handled before is answered 204 without being handled again. Ids are remembered where `idempotency` keeps its keys
 * (`IDEMPOTENCY_STORE`); in the database they commit with what the handler writes.
 *
 * @example
 * receiveWebhook('/hooks/bank', { secret: () => process.env.BANK_SECRET ?? '' }, ({ type, data }) => …)
 *
 * @throws `WEBHOOK_HEADERS_INVALID`, `WEBHOOK_BODY_INVALID` (400), `WEBHOOK_TOO_OLD`, `WEBHOOK_SIGNATURE_INVALID` (401),
 * `IDEMPOTENCY_IN_FLIGHT` (409) while another copy is handled; `STORE_NOT_SHARED` at boot
 */
export function receiveWebhook<const Path extends string>(
  path: Path,
  { secret, tolerance, remember = '7d', lease, ...options }: ReceiveWebhookOptions,
  handle: (webhook: ReceivedWebhook, tools: RequestTools) => unknown,
) {
  const verified = new WeakMap<RequestTools, ReceivedWebhook>()

  function read(ctx: Context): string {
    const { body } = ctx
    const headers = Object.fromEntries(signed.map((name) => [name, ctx.header(name)]))
    const keys = typeof secret === 'function' ? secret(ctx) : secret
    const bytes = body instanceof Uint8Array ? body : new Uint8Array()
    const { id, sentAt } = verifyWebhook({ secret: keys, headers, body: bytes, now: ctx.clock.now(), ...(tolerance === undefined ? {} : { tolerance }) })
    verified.set(ctx, { id, sentAt, ...contentOf(bytes) })
    return id
  }

  const idempotency = { mode: 'required', key: read, keep: 'success', ttl: remember, ...(lease === undefined ? {} : { lease }) } as const
  return route.post(path, { auth: false, ...options, accepts: ['raw'], idempotency }, async (ctx) => {
    await handle(verified.get(ctx) as ReceivedWebhook, ctx)
    return noContent()
  })
}

function contentOf(body: Uint8Array): { type: string; data: unknown } {
  let content: unknown
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw fail('WEBHOOK_BODY_INVALID', { reason: 'it is not JSON' }, { cause })
  }
  const { type, data } = (content ?? {}) as { type?: unknown; data?: unknown }
  if (typeof type !== 'string') throw fail('WEBHOOK_BODY_INVALID', { reason: 'it has no type' })
  return { type, data }
}
