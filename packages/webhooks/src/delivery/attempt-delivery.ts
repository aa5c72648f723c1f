import type { Clock, Emit, Metrics, Redactor } from 'glueful'
import type { Endpoints } from '../endpoints/endpoints.ts'
import type { DisabledReason, SigningEndpoint } from '../endpoints/endpoint.ts'
import { WebhookEndpointDisabled } from '../events.ts'
import { resolveTarget, type Resolve } from '../guard/resolve-target.ts'
import type { TargetPolicy } from '../guard/target-policy.ts'
import { signedHeaders } from '../signing/signed-headers.ts'
import type { AttemptOutcome, DeliveryAttempt, DeliveryLog } from './delivery-log.ts'
import type { RetryTable } from './retry-table.ts'
import { sendWebhook } from './send-webhook.ts'
import type { Sent, TraceAttempt } from './trace-attempt.ts'

export interface AttemptParts {
  readonly endpoints: Endpoints
  readonly log: DeliveryLog
  readonly policy: TargetPolicy
  readonly resolve: Resolve
  readonly retries: RetryTable
  readonly clock: Clock
  readonly emit: Emit
  readonly metrics: Metrics
  readonly redact: Redactor
  readonly timeoutMs: number
  /** An endpoint that failed for so long is disabled, in ms. */
  readonly disableAfterMs: number
  readonly legacyHeader: string | undefined
  readonly userAgent: string
  readonly trace: TraceAttempt
  /** Whether receivers are sent the W3C traceparent. */
  readonly traceparent: boolean
}

/** What became of an attempt: undefined where there was none to make. */
export interface Attempted {
  readonly attempt: DeliveryAttempt
  /** When the next one is due, in ms from now; undefined where there is none. */
  readonly waitMs: number | undefined
}

const buckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Makes attempts: judges the address, signs, sends, records, and decides what comes next. */
export function createAttempts(parts: AttemptParts) {
  const { endpoints, log, policy, resolve, retries, clock, timeoutMs } = parts
  const total = parts.metrics.counter({ name: 'glueful_webhook_deliveries_total', help: 'Attempts to deliver webhooks.', labels: ['outcome'] })
  const duration = parts.metrics.histogram({ name: 'glueful_webhook_duration_seconds', help: 'Time that receivers took.', labels: [], buckets }).with()

  async function send(endpoint: SigningEndpoint, messageId: string, body: string, traceparent: string | undefined): Promise<Sent> {
    let target
    try {
      target = await resolveTarget(endpoint.url, policy, resolve, timeoutMs)
    } catch (error) {
      const refused = (error as { code?: string }).code === 'WEBHOOK_URL_REFUSED'
      return { outcome: refused ? 'refused' : 'unreachable', result: { status: null, body: '', error: (error as Error).message } }
    }
    const timestamp = Math.floor(clock.now() / 1_000)
    const signed = signedHeaders({ id: messageId, timestamp, body, secrets: endpoint.secrets, legacyHeader: parts.legacyHeader })
    const headers = parts.traceparent && traceparent !== undefined ? { ...signed, traceparent } : signed
    const result = await sendWebhook({ target, headers, body, timeoutMs, userAgent: parts.userAgent })
    return { outcome: outcomeOf(result.status), result }
  }

  async function disable({ id, tenant, url }: SigningEndpoint, reason: DisabledReason): Promise<void> {
    if (await endpoints.disable(id, reason)) await parts.emit(WebhookEndpointDisabled, { endpointId: id, tenant, url, reason })
  }

  /** `once`: no further attempt follows, and the endpoint may be disabled. */
  return async function attemptDelivery(deliveryId: string, { once = false } = {}): Promise<Attempted | undefined> {
    const delivery = await log.pending(deliveryId)
    if (delivery === undefined) return undefined
    const endpoint = await endpoints.forSigning(delivery.endpointId)
    if (endpoint === undefined || (endpoint.disabledAt !== null && !once)) {
      await log.cancel(deliveryId)
      return undefined
    }
    const at = Math.round(clock.now())
    const started = clock.monotonic()
    const number = delivery.attempts + 1
    const about = { event: delivery.event, url: endpoint.url, messageId: delivery.messageId, deliveryId, endpointId: endpoint.id, number }
    const { outcome, result } = await parts.trace(about, (traceparent) => send(endpoint, delivery.messageId, delivery.body, traceparent))
    const durationMs = Math.round(clock.monotonic() - started)
    const attempt: DeliveryAttempt = {
      number,
      at,
      durationMs,
      outcome,
      responseStatus: result.status,
      responseBody: result.status === null ? null : shownBody(result.body, parts.redact),
      error: result.error?.slice(0, 1_000) ?? null,
    }
    const retry = outcome !== 'delivered' && outcome !== 'gone' && !once
    const waitMs = retry ? retries.waitAfter(number - delivery.roundStart) : undefined
    const status = outcome === 'delivered' ? 'delivered' : waitMs === undefined ? 'failed' : 'pending'
    const isRecorded = await log.record(deliveryId, attempt, status, waitMs === undefined ? null : Math.round(clock.now()) + waitMs)
    if (!isRecorded) return undefined
    total.with(outcome).inc()
    duration.observe(durationMs / 1_000)
    if (outcome === 'delivered') await endpoints.noteSuccess(endpoint.id)
    else {
      const failedMs = await endpoints.noteFailure(endpoint.id)
      if (outcome === 'gone') await disable(endpoint, 'gone')
      else if (failedMs >= parts.disableAfterMs) await disable(endpoint, 'failing')
    }
    return { attempt, waitMs }
  }
}

function outcomeOf(status: number | null): AttemptOutcome {
  if (status === null) return 'unreachable'
  if (status >= 200 && status < 300) return 'delivered'
  return status === 410 ? 'gone' : 'rejected'
}

/** A body without what is secret in it: by the fields of JSON, else by what looks like one. */
function shownBody(body: string, redact: Redactor): string {
  try {
    return JSON.stringify(redact({ body: JSON.parse(body) as unknown })['body'])
  } catch {
    return redact.text(body)
  }
}
