import type { OpenApiAddition, OpenApiTools, OperationObject, Schema } from 'glueful'
import type { DefinedWebhooks, WebhookEvents } from './define-webhooks.ts'
import { testEvent, testEventName } from './test-event.ts'

export interface DescribedWebhooks {
  readonly events: readonly Pick<DefinedWebhooks<WebhookEvents>, 'events'>[]
  /** The header of an older scheme besides, if there is one. */
  readonly legacyHeader: string | undefined
  readonly traceparent: boolean
}

const header = (name: string, description: string, schema: object, required = true) => ({ name, in: 'header', required, description, schema })

const answers: OperationObject['responses'] = {
  '2XX': { description: 'Accepted. The body of the answer is not looked at.' },
  '410': { description: 'Nothing more is wanted: the endpoint is disabled.' },
  default: { description: 'Sent again later, by the table of retries, with the same webhook-id. Redirects are not followed.' },
}

/**
 * The events that an application declares, as the `webhooks` of its OpenAPI document: what receivers get, and which
 * answers are understood.
 * Source: https://spec.openapis.org/oas/v3.1.1#fixed-fields
 */
export function describeWebhooks({ events, legacyHeader, traceparent }: DescribedWebhooks, { schema }: OpenApiTools): OpenApiAddition {
  const parameters = [
    header('webhook-id', 'Of the message: the same in every attempt and replay. Handle each once.', { type: 'string', examples: ['msg_2b1f0c'] }),
    header('webhook-timestamp', 'When this attempt was made, in seconds since the epoch.', { type: 'string', pattern: '^[0-9]+$' }),
    header('webhook-signature', 'Of `{id}.{timestamp}.{body}`: `v1,` and HMAC-SHA256, or `v1a,` and ed25519, in base64; one for each secret that counts.', {
      type: 'string',
      examples: ['v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='],
    }),
    ...(legacyHeader === undefined
      ? []
      : [header(legacyHeader, '`sha256=` and the HMAC-SHA256 of the body in hex.', { type: 'string', pattern: '^sha256=[0-9a-f]{64}$' }, false)]),
    ...(traceparent ? [header('traceparent', 'W3C Trace Context of the attempt, where it is traced.', { type: 'string' }, false)] : []),
  ]
  const declared: readonly (readonly [string, Schema])[] = [...events.flatMap((one) => Object.entries(one.events)), [testEventName, testEvent]]
  const describe = (event: string, data: Schema): OperationObject => ({
    operationId: `webhook:${event}`,
    summary: descriptionOf(data) ?? event,
    tags: ['webhooks'],
    parameters,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['type', 'timestamp', 'data'],
            properties: {
              type: { const: event },
              timestamp: { type: 'string', format: 'date-time', description: 'When it happened' },
              data: schema(data, 'output', `${pascalCase(event)}Data`),
            },
          },
        },
      },
    },
    responses: answers,
  })
  return { webhooks: Object.fromEntries(declared.map(([event, data]) => [event, { post: describe(event, data) }])) }
}

const descriptionOf = ({ description }: Schema & { readonly description?: unknown }) => (typeof description === 'string' ? description : undefined)

const pascalCase = (name: string) => name.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
