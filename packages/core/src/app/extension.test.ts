import { expect, test } from 'vitest'
import { z } from 'zod'
import { createApp, defineExtension, Extensions, route } from '../index.ts'

declare module 'glueful' {
  interface Extension {
    readonly flavours?: readonly string[]
  }
}

test('a package adds members to extensions, and finds them in those of the application', async () => {
  const app = createApp({
    name: 'shop',
    routes: { flavours: route.get('/flavours', ({ use }) => use(Extensions).flatMap((extension) => extension.flavours ?? [])) },
    extensions: [defineExtension({ name: 'ice', flavours: ['mint'] }), defineExtension({ name: 'tea', flavours: ['green', 'black'] })],
  }).with({ env: {} })
  expect(await (await app.fetch(new Request('http://localhost/flavours'))).json()).toEqual(['mint', 'green', 'black'])
  await app.close()
})

test('an extension adds to the OpenAPI document what the application sends by itself; its schemas are components', async () => {
  const Car = z.object({ id: z.uuid(), sold: z.date() }).meta({ id: 'Car' })
  const sends = defineExtension({
    name: 'sends',
    openapi: ({ schema }) => ({
      webhooks: {
        sold: { post: { parameters: [], responses: {}, requestBody: { content: { 'application/json': { schema: schema(Car, 'output', 'Sold') } } } } },
      },
    }),
  })
  const app = createApp({ name: 'shop', routes: { cars: route.get('/cars', { response: z.array(Car) }, () => []) }, extensions: [sends] }).with({ env: {} })
  const document = (await (await app.fetch(new Request('http://localhost/openapi.json'))).json()) as Record<string, object>
  expect(document['webhooks']).toMatchObject({
    sold: { post: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Car' } } } } } },
  })
  expect(document['components']).toMatchObject({ schemas: { Car: { properties: { sold: { format: 'date-time' } } } } })
  await app.close()
})
