import type { JsonSchema } from '../validation/standard-json-schema.ts'

/** The body of errors (RFC 9457), as `renderError` gives it. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'A problem document (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable and machine-readable' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      description: 'Every fault of the request, where there may be several',
      items: {
        type: 'object',
        required: ['path', 'code', 'message'],
        properties: { path: { type: 'array', items: { type: ['string', 'integer'] } }, code: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
}
