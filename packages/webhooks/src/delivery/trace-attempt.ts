import { isTracing, telemetry, traced } from 'glueful'
import type { AttemptOutcome } from './delivery-log.ts'
import type { SendResult } from './send-webhook.ts'

/** An attempt as a span shows it; neither path nor query of the endpoint, which may have secrets in them. */
export interface TracedAttempt {
  readonly event: string
  readonly url: string
  readonly messageId: string
  readonly deliveryId: string
  readonly endpointId: string
  readonly number: number
}

export interface Sent {
  readonly outcome: AttemptOutcome
  readonly result: SendResult
}

/** Makes a span of an attempt; `send` is given the W3C traceparent of it, where there is one. */
export type TraceAttempt = (attempt: TracedAttempt, send: (traceparent: string | undefined) => Promise<Sent>) => Promise<Sent>

/** Spans after OpenTelemetry's conventions for HTTP clients; nothing where no provider is registered. */
export function createAttemptTracing(isWanted: boolean): TraceAttempt {
  const api = isWanted && isTracing() ? telemetry() : undefined
  if (api === undefined) return (_, send) => send(undefined)
  const { trace, SpanKind, SpanStatusCode } = api
  return ({ event, url, messageId, deliveryId, endpointId, number }, send) => {
    const { hostname, port, protocol } = new URL(url)
    const attributes = {
      'http.request.method': 'POST',
      'server.address': hostname,
      'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
      'glueful.webhook.message_id': messageId,
      'glueful.webhook.delivery_id': deliveryId,
      'glueful.webhook.endpoint_id': endpointId,
      'glueful.webhook.attempt': number,
    }
    const work = async () => {
      const span = trace.getActiveSpan()
      const context = span?.spanContext()
      const flags = ((context?.traceFlags ?? 0) & 0xff).toString(16).padStart(2, '0')
      const sent = await send(context === undefined ? undefined : `00-${context.traceId}-${context.spanId}-${flags}`)
      const { outcome, result } = sent
      span?.setAttribute('glueful.webhook.outcome', outcome)
      if (result.status !== null) span?.setAttribute('http.response.status_code', result.status)
      if (outcome !== 'delivered') {
        span?.setAttribute('error.type', result.status === null ? outcome : String(result.status))
        span?.setStatus({ code: SpanStatusCode.ERROR })
      }
      return sent
    }
    return traced(`deliver ${event}`, work, { kind: SpanKind.CLIENT, attributes })
  }
}
