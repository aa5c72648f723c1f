import { database } from '@glueful/database'
import { queue } from '@glueful/queue'
import { createApp } from 'glueful'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineWebhooks } from './define-webhooks.ts'
import { webhooks, type WebhooksOptions } from './webhooks-extension.ts'

async function documentOf(options: WebhooksOptions) {
  const app = createApp({ name: 'shop', routes: {}, extensions: [database(), queue({ jobs: [] }), webhooks(options)] })
  const running = app.with({ env: { DATABASE_URL: 'sqlite::memory:', DATABASE_MIGRATE: 'true', LOG_LEVEL: 'error' } })
  const answer = await running.fetch(new Request('http://localhost/openapi.json'))
  await running.close()
  return (await answer.json()) as { webhooks: Record<string, { post: { parameters: object[]; requestBody: object } }>; components: { schemas: object } }
}

test('what is declared is described as it is sent: headers, envelope, and data as JSON', async () => {
  const Car = z.object({ id: z.uuid(), sold: z.date() }).meta({ id: 'Car' })
  const { webhooks: described, components } = await documentOf({ events: [defineWebhooks({ 'car.sold': Car }), defineWebhooks({ 'car.lost': z.null() })] })
  expect(Object.keys(described)).toEqual(['car.sold', 'car.lost', 'webhook.test'])
  expect(described['car.sold']?.post).toMatchObject({
    operationId: 'webhook:car.sold',
    requestBody: {
      content: { 'application/json': { schema: { properties: { type: { const: 'car.sold' }, data: { $ref: '#/components/schemas/Car' } } } } },
    },
  })
  expect(components.schemas).toMatchObject({ Car: { properties: { sold: { type: 'string', format: 'date-time' } } } })
  expect(described['car.sold']?.post.parameters).toHaveLength(3)
})

test('a header of an older scheme is described where it is sent', async () => {
  const { webhooks: described } = await documentOf({ legacyHeader: 'X-Webhook-Signature' })
  expect(described['webhook.test']?.post.parameters.at(-1)).toMatchObject({ name: 'X-Webhook-Signature', in: 'header', required: false })
})
