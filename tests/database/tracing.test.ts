import { Database, database, sql } from '@glueful/database'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'

test('a query is a span below that of its request', async () => {
  const exporter = new InMemorySpanExporter()
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  const app = createApp({
    name: 'shop',
    extensions: [database()],
    routes: {
      cars: route.get('/cars', ({ use }) => use(Database).all(sql`select * from cars where make = ${'Volvo'}`)),
      broken: route.get('/broken', ({ use }) => use(Database).all(sql`select * from nowhere`)),
    },
  })
  await using one = await testApp(app)
  await one.app.use(Database).script('create table cars (make text)')
  exporter.reset()
  await one.client.cars()
  await one.client.broken()
  const [query, request, failed] = exporter.getFinishedSpans()
  expect(query).toMatchObject({
    name: 'select cars',
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'sqlite',
      'db.operation.name': 'select',
      'db.collection.name': 'cars',
      'db.query.text': 'select * from cars where make = ?',
    },
  })
  expect(query?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
  expect(failed).toMatchObject({ name: 'select nowhere', status: { code: SpanStatusCode.ERROR } })
})
