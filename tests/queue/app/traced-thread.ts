import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { ThreadJob, ThreadTools } from '@glueful/queue'

const exporter = new InMemorySpanExporter()
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))

/** Makes a span of its own, writes to the log, and gives what it was told and what it made. */
export default async function traced({ payload: _, ...told }: ThreadJob, { log }: ThreadTools): Promise<object> {
  exporter.reset()
  await trace.getTracer('thread').startActiveSpan('render', async (span) => {
    await new Promise((resolve) => void setTimeout(resolve, 1))
    log.info('Rendered')
    log.warn({ format: 'pdf', err: new RangeError('a font is missing'), draw: () => {} }, 'Something is missing')
    span.end()
  })
  const [span] = exporter.getFinishedSpans()
  return {
    told,
    span: {
      traceId: span?.spanContext().traceId,
      parent: span?.parentSpanContext?.spanId,
      vendor: span?.spanContext().traceState?.get('vendor'),
    },
  }
}
