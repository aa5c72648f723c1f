import { context, propagation, trace, SpanStatusCode } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttpClient, isTracing, NotFound, route, traced } from 'glueful'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { doorNames, openDoor } from './doors.ts'

const exporter = new InMemorySpanExporter()
let received: string | undefined
const downstream = createServer((req, res) => {
  received = req.headers['traceparent'] as string | undefined
  res.end('{}')
})

const routes = {
  show: route.get('/cars/:id', async ({ params }) => {
    await traced('load car', async () => {})
    const client = createHttpClient({ name: 'prices', baseUrl: `http://127.0.0.1:${(downstream.address() as AddressInfo).port}` })
    await client.get('/prices')
    return { id: params.id }
  }),
  missing: route.get('/missing', () => {
    throw new NotFound('No such car.')
  }),
  broken: route.get('/broken', () =>
    traced('load car', () => {
      throw new TypeError('connection lost')
    }),
  ),
  quiet: route.get('/quiet', { trace: false }, () => ({})),
}
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const finished = () => exporter.getFinishedSpans()
const named = (name: string) => finished().find((span) => span.name === name) as ReadableSpan

describe.each(doorNames)('with a provider, through the %s door', (name) => {
  beforeEach(async () => {
    await new Promise<void>((resolve) => downstream.listen(0, '127.0.0.1', resolve))
    received = undefined
    exporter.reset()
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  })
  afterEach(async () => {
    trace.disable()
    propagation.disable()
    context.disable()
    await new Promise((resolve) => downstream.close(resolve))
  })

  test('a request is a span under the caller’s, what the handler does are spans under it, and traceparent goes on', async () => {
    await using door = await openDoor(name, { routes })
    const { status } = await door.send('GET', '/cars/7', { headers: { traceparent: parent } })
    expect(status).toBe(200)
    const [server, child] = [named('GET /cars/:id'), named('load car')]
    expect(server.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(server.parentSpanContext?.spanId).toBe('b7ad6b7169203331')
    expect(server.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/cars/:id',
      'url.path': '/cars/7',
      'http.response.status_code': 200,
    })
    expect(server.attributes['glueful.request_id']).toEqual(expect.any(String))
    expect(server.status.code).toBe(SpanStatusCode.UNSET)
    expect(child.parentSpanContext?.spanId).toBe(server.spanContext().spanId)
    expect(received).toBe(`00-${server.spanContext().traceId}-${server.spanContext().spanId}-01`)
  })

  test('a fault of the server has status error, one of the client has not', async () => {
    await using door = await openDoor(name, { routes })
    await door.send('GET', '/broken')
    expect(named('GET /broken').status.code).toBe(SpanStatusCode.ERROR)
    expect(named('load car').status.code).toBe(SpanStatusCode.ERROR)
    expect(named('load car').events.map((event) => event.name)).toContain('exception')
    await door.send('GET', '/missing')
    expect(named('GET /missing').status.code).toBe(SpanStatusCode.UNSET)
    expect(named('GET /missing').attributes['http.response.status_code']).toBe(404)
  })

  test('a path of nobody’s names no span, and trace: false makes none', async () => {
    await using door = await openDoor(name, { routes })
    await door.send('GET', '/nowhere/12345')
    expect(named('GET').attributes).not.toHaveProperty('http.route')
    exporter.reset()
    await door.send('GET', '/quiet')
    expect(finished()).toEqual([])
  })
})

test('without a provider routes have no stage for it, and work runs as it is', async () => {
  expect(isTracing()).toBe(false)
  await using door = await openDoor('fetch', { routes })
  expect(
    door.app
      .routes()
      .find((one) => one.name === 'quiet')
      ?.stages.map((stage) => stage.name),
  ).toEqual(
    door.app
      .routes()
      .find((one) => one.name === 'missing')
      ?.stages.map((stage) => stage.name),
  )
  expect(traced('work', () => 42)).toBe(42)
})
