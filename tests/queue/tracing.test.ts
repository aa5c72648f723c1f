import { sql } from '@glueful/database'
import { currentOrigin, inThread, job, Queue, type DeadLetter } from '@glueful/queue'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { route, traced, type RouteTree } from 'glueful'
import { afterEach, describe, expect, test } from 'vitest'
import { openApp, until } from './open-app.ts'

const exporter = new InMemorySpanExporter()
const traceId = '0af7651916cd43dd8448eb211c80319c'
const requestId = 'request-0001'
const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'vendor=1', 'x-request-id': requestId }

const Ship = job('ship', { queue: 'parcels' }, async ({ log }) => {
  await traced('pack', async () => {})
  log.info('Shipped')
})
const Sell = job('sell', {}, async () => void (await Ship.dispatch()))
const Fail = job('fail', { tries: 2, backoff: () => 0 }, () => {
  throw new TypeError('no stock')
})
const Render = job('render', { keep: '1m' }, inThread(new URL('./app/traced-thread.ts', import.meta.url), { threads: 1 }))
const origins: unknown[] = []
const routes: RouteTree = {
  sell: route.post('/sales', async () => {
    origins.push(currentOrigin())
    return Sell.dispatch()
  }),
  fail: route.post('/failures', () => Fail.dispatch()),
  render: route.post('/renders', () => Render.dispatch()),
  quiet: route.post('/quiet', { queue: false }, () => Ship.dispatch()),
}

function registerProvider(): void {
  exporter.reset()
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
}
afterEach(() => {
  trace.disable()
  propagation.disable()
  context.disable()
  origins.length = 0
})

const open = (env?: Record<string, string>) => openApp({ jobs: [Ship, Sell, Fail, Render] }, { LOG_LEVEL: 'info', ...env }, routes)
const post = (opened: Awaited<ReturnType<typeof open>>, path: string) =>
  opened.app.fetch(new Request(`http://shop.test${path}`, { method: 'POST', headers })).then((response) => response.status)
const spans = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name)
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId

async function rendered(opened: Awaited<ReturnType<typeof open>>) {
  const [record] = await until(
    () => opened.app.use(Queue).list({ job: 'render' }),
    ([one]) => one?.state === 'done',
  )
  return record?.result as { readonly told: object; readonly span: object }
}

describe('with a provider', () => {
  test('a job is a consumer’s span below the producer’s of the request, and so is the job that it dispatches', async () => {
    registerProvider()
    await using opened = await open()
    expect(await post(opened, '/sales')).toBe(200)
    // Not one moment in common: what the worker knows of the request is stored with the job.
    await opened.startWorker()
    await until(() => spans('process parcels').length === 1)
    const [[request], [sendSell], [processSell], [sendShip], [processShip], [pack]] = [
      'POST /sales',
      'send default',
      'process default',
      'send parcels',
      'process parcels',
      'pack',
    ].map(spans) as [ReadableSpan[], ReadableSpan[], ReadableSpan[], ReadableSpan[], ReadableSpan[], ReadableSpan[]]
    const line = [request, sendSell, processSell, sendShip, processShip, pack]
    expect(new Set(line.map((span) => span?.spanContext().traceId))).toEqual(new Set([traceId]))
    expect(line.slice(1).map((span) => span?.parentSpanContext?.spanId)).toEqual(line.slice(0, -1).map(idOf))
    expect(sendSell).toMatchObject({
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'glueful',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'default',
      },
    })
    expect(processSell).toMatchObject({
      kind: SpanKind.CONSUMER,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'messaging.system': 'glueful',
        'messaging.operation.type': 'process',
        'messaging.message.id': expect.any(String),
        'messaging.client.id': expect.any(String),
        'glueful.job.name': 'sell',
        'glueful.job.attempt': 1,
        'glueful.job.outcome': 'completed',
        'glueful.request_id': requestId,
      },
    })
    expect(processSell?.links.map((link) => link.context.spanId)).toEqual([idOf(sendSell)])
    expect(processShip?.spanContext().traceState?.get('vendor')).toBe('1')
    expect(opened.logs().find(({ msg }) => msg === 'Shipped')).toMatchObject({ job: 'ship', requestId })
    expect(origins).toEqual([{ trace: `00-${traceId}-${idOf(request)}-01`, traceState: 'vendor=1', requestId }])
  })

  test('a job that fails for good says where it came from: in its spans, in the log and in its dead letter', async () => {
    registerProvider()
    await using opened = await open()
    await post(opened, '/failures')
    await opened.startWorker()
    const [letter] = (await until(
      () => opened.parts.queue.deadLetters.list(),
      (list) => list.length > 0,
    )) as [DeadLetter]
    const [sent] = spans('send default')
    expect(letter).toMatchObject({ trace: `00-${traceId}-${idOf(sent)}-01`, requestId })
    const attempts = spans('process default')
    expect(attempts.map(({ attributes }) => attributes['glueful.job.outcome'])).toEqual(['retried', 'failed'])
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'TypeError' } })
      expect(attempt.parentSpanContext?.spanId).toBe(idOf(sent))
      expect(attempt.events.map(({ name }) => name)).toEqual(['exception'])
    }
    const told = opened.logs().filter(({ job: name }) => name === 'fail')
    expect(told).toMatchObject([
      { level: 40, msg: 'A job failed, and is tried again', attempt: 1, requestId, err: { message: 'no stock' } },
      { level: 50, msg: 'A job failed for good, and lies with the dead letters', attempt: 2, requestId },
    ])
  })

  test('what a handler does in a thread is below the span of its attempt, and its log lines say so', async () => {
    registerProvider()
    await using opened = await open()
    await post(opened, '/renders')
    await opened.startWorker()
    const result = await rendered(opened)
    const [attempt] = spans('process default')
    const traceparent = `00-${traceId}-${idOf(attempt)}-01`
    expect(result).toMatchObject({
      told: { name: 'render', attempt: 1, requestId, traceparent, tracestate: 'vendor=1' },
      span: { traceId, parent: idOf(attempt), vendor: '1' },
    })
    const fields = { job: 'render', attempt: 1, requestId, traceId }
    expect(opened.logs().filter(({ job: name }) => name === 'render')).toMatchObject([
      { ...fields, level: 30, msg: 'Rendered' },
      { ...fields, level: 40, msg: 'Something is missing', format: 'pdf', draw: '[Function: draw]', err: { message: 'a font is missing' } },
    ])
  })

  test('a job of which no origin is known, or a broken one, is a trace of its own', async () => {
    await using opened = await open()
    await Ship.dispatchMany([undefined, undefined])
    await opened.db.run(sql`update glueful_jobs set meta = ${JSON.stringify({ trace: '00-nonsense' })} where id = (select min(id) from glueful_jobs)`)
    registerProvider()
    await using later = await open({ DATABASE_URL: opened.url })
    await later.startWorker()
    await until(() => spans('process parcels').length === 2)
    for (const span of spans('process parcels')) expect([span.parentSpanContext, span.links]).toEqual([undefined, []])
  })

  test('with TRACING_ENABLED=false there are no spans of jobs', async () => {
    registerProvider()
    await using opened = await open({ TRACING_ENABLED: 'false' })
    await post(opened, '/sales')
    const worker = await opened.startWorker()
    await until(() => worker.stats.done === 2)
    expect(exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CONSUMER || kind === SpanKind.PRODUCER)).toEqual([])
  })
})

describe('without a provider', () => {
  test('a thread that traces begins a trace of its own', async () => {
    await using opened = await open()
    await post(opened, '/renders')
    await opened.startWorker()
    const { told, span } = await rendered(opened)
    expect(told).toEqual({ id: expect.any(String), name: 'render', attempt: 1, requestId })
    expect(span).toEqual({ traceId: expect.not.stringMatching(traceId) })
    expect(opened.logs().find(({ msg }) => msg === 'Rendered')).not.toHaveProperty('traceId')
  })

  const metas = (opened: Awaited<ReturnType<typeof open>>) => opened.db.all(sql`select meta from glueful_jobs`)

  test('the id of the request is stored with the job and nothing else, and it goes on to the jobs of jobs', async () => {
    await using opened = await open()
    await post(opened, '/sales')
    expect(await metas(opened)).toEqual([{ meta: JSON.stringify({ requestId }) }])
    await opened.startWorker()
    const line = await until(() => opened.logs().find(({ msg }) => msg === 'Shipped'))
    expect(line).toMatchObject({ requestId })
  })

  test('nothing is stored with a job of nobody, or of a route that opted out', async () => {
    await using opened = await open()
    await Ship.dispatch()
    await post(opened, '/quiet')
    expect(await metas(opened)).toEqual([{ meta: null }, { meta: null }])
  })
})
