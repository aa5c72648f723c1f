import { telemetry } from 'glueful'
import { currentRequestId } from '../job/dispatcher.ts'

/** Where work that is put off comes from: what is stored with it, to find the request and the trace again later. */
export interface Origin {
  /** W3C traceparent of the span that was active. */
  readonly trace?: string
  /** W3C tracestate of its vendors. */
  readonly traceState?: string
  /** Of the HTTP request, also when jobs lie in between. */
  readonly requestId?: string
}

const longestTraceState = 512

/**
 * The origin of what runs here: a request's handler, or a job. Members that nobody knows are left out; without an
 * OpenTelemetry provider there is no trace.
 *
 * @example
 * await db.run(sql`insert into deliveries (id, origin) values (${id}, ${JSON.stringify(currentOrigin())})`)
 */
export function currentOrigin(): Origin {
  const requestId = currentRequestId()
  const trace = activeTrace()
  return requestId === undefined ? trace : { ...trace, requestId }
}

const none: Origin = {}

function activeTrace(): Origin {
  const api = telemetry()
  const context = api?.trace.getActiveSpan()?.spanContext()
  if (api === undefined || context === undefined || !api.isSpanContextValid(context)) return none
  const trace = `00-${context.traceId}-${context.spanId}-${(context.traceFlags & 0xff).toString(16).padStart(2, '0')}`
  const traceState = context.traceState?.serialize()
  return traceState === undefined || traceState === '' || traceState.length > longestTraceState ? { trace } : { trace, traceState }
}
