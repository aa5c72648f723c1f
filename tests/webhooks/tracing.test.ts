import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { describeDialects } from '@glueful/database/testing'
import { Webhooks, type WebhooksOptions } from '@glueful/webhooks'
import { route } from 'glueful'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openReceiver, type Answer } from '../../packages/webhooks/src/testing/receiver.fixture.ts'
import { openSender } from './open-sender.ts'

const exporter = new InMemorySpanExporter()
const traceId = '0af7651916cd43dd8448eb211c80319c'
const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }

const routes = {
  sell: route.post('/sales', ({ use }) => use(Webhooks).publish('car.sold', { id: '7' })),
}
const spans = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name)
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId

await describeDialects(
  describe,
  (target) => {
    beforeEach(() => {
      exporter.reset()
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
      propagation.setGlobalPropagator(new W3CTraceContextPropagator())
      trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
    })
    afterEach(() => {
      trace.disable()
      propagation.disable()
      context.disable()
    })

    /** A sale over HTTP whose webhook is refused once and then accepted. */
    async function sell(options: WebhooksOptions, env: Record<string, string> = {}) {
      const answers: Answer[] = [503]
      const accepted = Promise.withResolvers<void>()
      await using receiver = await openReceiver(() => {
        const answer = answers.shift()
        if (answer === undefined) accepted.resolve()
        return answer ?? 204
      })
      await using place = await target.open()
      const sender = await openSender(place.url, { webhooks: { retries: ['50ms'], ...options }, env, routes })
      const { id } = await sender.hooks.endpoints.create({ url: `${receiver.url}?token=hidden` })
      expect((await sender.app.fetch(new Request('http://shop.test/sales', { method: 'POST', headers }))).status).toBe(200)
      // The request is over: what a worker knows of it is stored with the job.
      await sender.start()
      await accepted.promise
      await sender.close()
      return { id, received: receiver.received }
    }

    test('each attempt is a client’s span in the trace of the request that published, however much later', async () => {
      const sold = await sell({})
      const attempts = spans('deliver car.sold')
      expect(
        attempts.map((span) => [span.kind, span.status.code, span.attributes['http.response.status_code'], span.attributes['glueful.webhook.attempt']]),
      ).toEqual([
        [SpanKind.CLIENT, SpanStatusCode.ERROR, 503, 1],
        [SpanKind.CLIENT, SpanStatusCode.UNSET, 204, 2],
      ])
      expect(new Set(attempts.map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]))
      expect(attempts.map((span) => span.parentSpanContext?.spanId)).toEqual(spans('process webhooks').map(idOf))
      expect(attempts[0]?.attributes).toMatchObject({
        'http.request.method': 'POST',
        'server.address': '127.0.0.1',
        'error.type': '503',
        'glueful.webhook.outcome': 'rejected',
        'glueful.webhook.endpoint_id': sold.id,
        'glueful.webhook.message_id': sold.received[0]?.headers['webhook-id'],
      })
      expect(JSON.stringify(attempts.map(({ attributes }) => attributes))).not.toContain('hidden')
      expect(sold.received.map(({ headers: got }) => got['traceparent'])).toEqual([undefined, undefined])
    })

    test('receivers are sent the traceparent of the attempt where that is wished', async () => {
      const sold = await sell({ traceparent: true })
      expect(sold.received.map(({ headers: got }) => got['traceparent'])).toEqual(spans('deliver car.sold').map((span) => `00-${traceId}-${idOf(span)}-01`))
    })

    test('with TRACING_ENABLED=false there are neither', async () => {
      const sold = await sell({ traceparent: true }, { TRACING_ENABLED: 'false' })
      expect(spans('deliver car.sold')).toEqual([])
      expect(sold.received.map(({ headers: got }) => got['traceparent'])).toEqual([undefined, undefined])
    })
  },
  ['sqlite'],
)
