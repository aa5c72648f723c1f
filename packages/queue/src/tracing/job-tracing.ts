import { isTracing, telemetry, traced, type Redactor } from 'glueful'
import type { Delivery } from '../engine/engine.ts'
import type { Failure } from '../engine/stored-job.ts'
import type { Outcome } from '../metrics/job-metrics.ts'
import type { Origin } from './origin.ts'

/** The span of one attempt. */
export interface AttemptSpan {
  /** Runs `work` as a part of the span. */
  run<T>(work: () => T): T
  end(outcome: Outcome | undefined, failure?: Pick<Failure, 'name' | 'message' | 'stack' | 'code'>): void
}

/** Spans of jobs, after OpenTelemetry's semantic conventions for messaging. */
export interface JobTracing {
  /** Runs the dispatch of so many jobs to a queue in a producer's span, which becomes their origin. */
  send<T>(queue: string, jobs: number, work: () => T): T
  /** A consumer's span below the span that dispatched the job, however long ago, and linked to it. */
  process(delivery: Pick<Delivery, 'id' | 'job' | 'queue' | 'attempt' | 'meta'>, worker: string): AttemptSpan
}

type Api = NonNullable<ReturnType<typeof telemetry>>

const pattern = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/

/** Undefined where no provider is registered, so that jobs pay nothing for what nobody sees. */
export function createJobTracing(redact: Redactor): JobTracing | undefined {
  const api = isTracing() ? telemetry() : undefined
  if (api === undefined) return undefined
  const { context, trace, ROOT_CONTEXT, SpanKind, SpanStatusCode } = api
  const tracer = trace.getTracer('glueful')
  const about = (operation: 'send' | 'process', queue: string) => ({
    'messaging.system': 'glueful',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': queue,
  })
  return {
    send: (queue, jobs, work) =>
      traced(`send ${queue}`, work, {
        kind: SpanKind.PRODUCER,
        attributes: { ...about('send', queue), ...(jobs === 1 ? undefined : { 'messaging.batch.message_count': jobs }) },
      }),
    process: ({ id, job, queue, attempt, meta }, worker) => {
      const origin = contextOf(api, meta)
      const attributes = {
        ...about('process', queue),
        'messaging.message.id': id,
        'messaging.client.id': worker,
        'glueful.job.name': job,
        'glueful.job.attempt': attempt,
        ...(meta.requestId === undefined ? undefined : { 'glueful.request_id': meta.requestId }),
      }
      const parent = origin === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, origin)
      const links = origin === undefined ? [] : [{ context: origin }]
      const span = tracer.startSpan(`process ${queue}`, { kind: SpanKind.CONSUMER, attributes, links }, parent)
      const active = trace.setSpan(parent, span)
      return {
        run: (work) => context.with(active, work),
        end: (outcome, failure) => {
          if (outcome !== undefined) span.setAttribute('glueful.job.outcome', outcome)
          if (failure !== undefined) {
            const { name, message, stack = '', code } = failure
            span.recordException({ name, ...(redact({ message, stack }) as { message: string; stack: string }) })
            span.setAttribute('error.type', code ?? name)
            span.setStatus({ code: SpanStatusCode.ERROR })
          }
          span.end()
        },
      }
    },
  }
}

function contextOf({ isSpanContextValid, createTraceState }: Api, { trace, traceState }: Origin) {
  const [, traceId = '', spanId = '', flags = '0'] = pattern.exec(trace ?? '') ?? []
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  if (!isSpanContextValid(context)) return undefined
  return traceState === undefined ? context : { ...context, traceState: createTraceState(traceState) }
}
