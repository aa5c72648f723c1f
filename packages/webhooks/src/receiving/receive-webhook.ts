import { createHash, randomUUID } from 'node:crypto'
import { DatabaseIdempotencyStore, noContent, RuntimeService, Transactions, type Context, type IdempotencyStore, type RequestTools } from 'glueful'
import { fail } from '../errors.ts'
import { verifyWebhook } from './verify-webhook.ts'

/** A webhook that came in, verified. */
export interface ReceivedWebhook {
  readonly id: string
  readonly type: string
  readonly data: unknown
  readonly sentAt: Date
}

export interface ReceiveWebhookOptions {
  /** Keeps the ids of several senders apart. */
  readonly sender: string
  /** `whsec_…` or `whpk_…`, or what gives it; several while the sender rotates them. */
  readonly secret: string | readonly string[] | ((ctx: Pick<RequestTools, 'use'>) => string | readonly string[])
  /** How far the timestamp may be off, in seconds. Default: 300. */
  readonly tolerance?: number
}

/** How long an id is remembered, in ms: longer than senders try again. */
const keepMs = 7 * 24 * 3_600_000
/** After how long another attempt may take over from one that has died, in ms. */
const leaseMs = 60_000

/**
 * The handler of a route that receives webhooks in the format of Standard Webhooks: signature and timestamp are verified,
 * and an id that was handled before is answered 204 without being handled again. Its memory is the database, and commits
 * with what the handler writes. The route needs `accepts: ['raw']`, because the signature is that of the bytes.
 *
 * @example
 * route.post('/hooks/bank', { auth: false, accepts: ['raw'] }, receiveWebhook({ sender: 'bank', secret }, ({ type, data }) => …))
 *
 * @throws `WEBHOOK_HEADERS_INVALID`, `WEBHOOK_BODY_INVALID` (400), `WEBHOOK_TOO_OLD`, `WEBHOOK_SIGNATURE_INVALID` (401),
 * `WEBHOOK_IN_FLIGHT` (409) while another copy is handled
 */
export function receiveWebhook(options: ReceiveWebhookOptions, handle: (webhook: ReceivedWebhook, tools: RequestTools) => unknown) {
  const { sender, secret, tolerance } = options
  return async (ctx: RequestTools & Pick<Context, 'body'>) => {
    const { body } = ctx
    if (!(body instanceof Uint8Array)) throw fail('WEBHOOK_BODY_INVALID', { reason: "the route has no accepts: ['raw']" })
    const headers = Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, ctx.header(name)]))
    const keys = typeof secret === 'function' ? secret(ctx) : secret
    const { id, sentAt } = verifyWebhook({ secret: keys, headers, body, now: ctx.clock.now(), ...(tolerance === undefined ? {} : { tolerance }) })
    const webhook = { id, sentAt, ...contentOf(body) }
    await handleOnce(ctx, ctx.use(DatabaseIdempotencyStore), `webhook:${sender}:${id}`, () => handle(webhook, ctx))
    return noContent()
  }
}

async function handleOnce(ctx: RequestTools, store: IdempotencyStore, name: string, work: () => unknown): Promise<void> {
  const claim = { key: createHash('sha256').update(name).digest('hex'), owner: randomUUID() }
  const now = ctx.clock.now()
  const outcome = await store.claim({ ...claim, fingerprint: claim.key, leaseMs, keepMs, now })
  if (outcome.state === 'done') return
  if (outcome.state === 'in-flight') throw fail('WEBHOOK_IN_FLIGHT', undefined)
  try {
    await ctx
      .use(RuntimeService)
      .use(Transactions)
      .run(async () => {
        await work()
        if (!(await store.complete(claim, '', now + keepMs))) throw fail('WEBHOOK_IN_FLIGHT', undefined)
      })
  } catch (error) {
    await store.abandon(claim)
    throw error
  }
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
