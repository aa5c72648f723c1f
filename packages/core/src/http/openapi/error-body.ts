import type { ErrorOptions } from '../problem/error-renderer.ts'
import type { JsonSchema } from '../validation/standard-json-schema.ts'

/** How the bodies of errors are described. */
export interface ErrorBody {
  readonly mediaType: string
  /** Of the component. */
  readonly name: string
  readonly schema: JsonSchema
}

const fieldErrors: JsonSchema = {
  type: 'array',
  description: 'Every fault of the request, where there may be several',
  items: {
    type: 'object',
    required: ['path', 'code', 'message'],
    properties: { path: { type: 'array', items: { type: ['string', 'integer'] } }, code: { type: 'string' }, message: { type: 'string' } },
  },
}
const code: JsonSchema = { type: 'string', description: 'Stable and machine-readable' }

const problem: ErrorBody = {
  mediaType: 'application/problem+json',
  name: 'Problem',
  schema: {
    type: 'object',
    description: 'A problem document (RFC 9457)',
    required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
    properties: {
      type: { type: 'string', format: 'uri-reference' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code,
      requestId: { type: 'string' },
      errors: fieldErrors,
    },
  },
}

const envelope: ErrorBody = {
  mediaType: 'application/json',
  name: 'ErrorEnvelope',
  schema: {
    type: 'object',
    description: 'An error',
    required: ['success', 'message', 'error'],
    properties: {
      success: { type: 'boolean', const: false },
      message: { type: 'string' },
      error: {
        type: 'object',
        required: ['code', 'message', 'request_id'],
        properties: { code, message: { type: 'string' }, details: fieldErrors, request_id: { type: 'string' } },
      },
    },
  },
}

/** What a function of the application makes of errors, nobody but it knows. */
const own: ErrorBody = { mediaType: 'application/json', name: 'Error', schema: { description: 'An error in the shape of this application' } }

/** As the error renderer answers, whose `format` this is. */
export function errorBodyOf(format: ErrorOptions['format'] = 'problem'): ErrorBody {
  return format === 'problem' ? problem : format === 'envelope' ? envelope : own
}
