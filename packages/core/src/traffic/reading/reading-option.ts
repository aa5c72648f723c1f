import { fail } from '../../foundation/errors/catalog.ts'
import type { FieldError } from '../../foundation/errors/define-errors.ts'
import type { Metrics } from '../../foundation/metrics/metrics.ts'
import { bodyKinds, mediaTypesOf, readBody, type BodyKind } from '../../http/body/read-body.ts'
import { defaultReadLimits } from '../../http/body/read-bytes.ts'
import { defaultMultipartLimits, type MultipartLimits } from '../../http/body/read-multipart.ts'
import type { Context } from '../../http/context/context.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import type { Schema } from '../../http/context/schema.ts'
import type { Stage } from '../../http/context/stage.ts'
import { compileValidator, type Validated, type Validator } from '../../http/validation/compile-validator.ts'
import { isOptional } from '../../http/validation/is-optional.ts'
import { listFields, wrapLists } from '../../http/validation/list-fields.ts'
import { unreadableField } from '../../http/validation/unreadable-field.ts'
import { bodyLimitOf } from './body-limit-option.ts'
import { strictOf } from './strict-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** Forms of the body that the route reads; others answer 415. Default: `['json']` where it has a body schema. */
    readonly accepts?: readonly BodyKind[]
    /** Limits of multipart bodies; the whole is bounded by `bodyLimit`. */
    readonly multipart?: Partial<MultipartLimits>
  }
}

const locations = ['params', 'query', 'headers', 'cookies'] as const
type Place = (typeof locations)[number] | 'body'

interface PlaceValidator {
  readonly place: Place
  readonly validate: (value: unknown, ctx: Context) => Validated | Promise<Validated>
}

/** Which kinds of body a route reads. */
export function acceptsOf({ options, name }: CompiledRoute): readonly BodyKind[] {
  const accepts = options.accepts ?? (options.body === undefined ? [] : (['json'] as const))
  const unknown = accepts.find((kind) => !bodyKinds.includes(kind))
  if (unknown !== undefined) throw fail('ACCEPTS_INVALID', { route: name, found: String(unknown), known: bodyKinds })
  return accepts
}

/**
 * Reads the body and validates everything that has a schema; all faults of a request are answered at once.
 * Logs what strict mode `report` finds, and counts it in `glueful_http_unknown_fields_total`.
 */
export function createReadingOption(metrics: Metrics) {
  const unknownTotal = metrics.counter({
    name: 'glueful_http_unknown_fields_total',
    help: 'Requests with fields that the schema does not name, accepted by strict: report.',
    labels: ['route'],
  })

  return defineRouteOption({
    name: 'accepts',
    compile: (_, route): Stage | undefined => {
      const accepts = acceptsOf(route)
      const { options, method, name } = route
      if (accepts.length > 0 && (method === 'GET' || method === 'HEAD')) throw fail('BODY_NOT_ALLOWED', { route: name, method })
      const strict = strictOf(options.strict, name)
      const validators = ([...locations, 'body'] as const).flatMap((place): PlaceValidator[] => {
        const schema = options[place]
        if (schema === undefined) return []
        const unreadable = place === 'body' ? undefined : unreadableField(schema)
        if (unreadable !== undefined) throw fail('FIELD_UNREADABLE', { route: name, place, ...unreadable })
        const unknown = place === 'body' || place === 'query' ? strict : undefined
        const validate = place === 'query' ? judgeQuery(schema, name, unknown) : compileValidator(schema, { location: place, route: name, unknown })
        if (unknown !== 'report') return [{ place, validate: (value) => validate(value) }]
        const note = (ctx: Context, fields: readonly string[]) => {
          unknownTotal.with(route.path).inc()
          ctx.log.warn({ place, fields }, 'A request has fields that the schema does not name')
        }
        return [{ place, validate: (value, ctx) => validate(value, (fields) => note(ctx, fields)) }]
      })
      const readOptions = {
        ...defaultReadLimits,
        limit: bodyLimitOf(options.bodyLimit, name),
        accepts,
        multipart: { ...defaultMultipartLimits, ...options.multipart },
        optional: options.body !== undefined && isOptional(options.body),
        lists: options.body !== undefined && accepts.some((kind) => kind === 'form' || kind === 'multipart') ? listFields(options.body) : [],
      }
      for (const [limit, value] of Object.entries(readOptions.multipart)) {
        if (!Number.isSafeInteger(value) || value < 0) throw fail('INVALID_BYTE_SIZE', { name: `multipart.${limit} of route ${name}`, found: String(value) })
      }
      if (accepts.length === 0) return validators.length === 0 ? undefined : { name: 'validate', phase: 'read', before: (ctx) => validateAll(ctx, validators) }
      return {
        name: 'read',
        phase: 'read',
        before: (ctx) =>
          readBody(ctx, readOptions).then((body) => {
            ctx.body = ctx.readBody = body
            return validators.length === 0 ? undefined : validateAll(ctx, validators)
          }),
      }
    },
    errors: (_, route) => {
      const body = acceptsOf(route).length > 0
      const validates = (['params', 'query', 'headers', 'cookies', 'body'] as const).some((place) => route.options[place] !== undefined)
      return [
        ...(body
          ? [
              { status: 400, code: 'INVALID_JSON', title: 'Bad Request' },
              { status: 408, code: 'BODY_TIMEOUT', title: 'Request Timeout' },
              { status: 413, code: 'BODY_TOO_LARGE', title: 'Content Too Large' },
              { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', title: 'Unsupported Media Type' },
            ]
          : []),
        ...(validates ? [{ status: 422, code: 'VALIDATION_FAILED', title: 'Unprocessable Content' }] : []),
      ]
    },
    openapi: (_, operation, route) => {
      const types = mediaTypesOf(acceptsOf(route))
      const described = operation.requestBody?.['content'] as Record<string, unknown> | undefined
      // Without a schema anything of these types is read.
      const content = (described?.['application/json'] ?? {}) as { readonly schema?: unknown }
      if (types.length === 0) return
      operation.requestBody = {
        required: true,
        ...operation.requestBody,
        content: Object.fromEntries(types.map((type) => [type, type === 'multipart/form-data' ? asMultipart(content) : content])),
      }
    },
  })
}

/** Types that a file may have are said of its part (OpenAPI 3.1.1, 4.8.15); in a schema there is room for one. */
function asMultipart(content: { readonly schema?: unknown }): object {
  const { properties = {}, ...schema } = (content.schema ?? {}) as { readonly properties?: Readonly<Record<string, FileSchema>> }
  const encoding: Record<string, object> = {}
  const shown = Object.entries(properties).map(([name, property]) => {
    const { contentMediaType, ...file } = property.items ?? property
    if (contentMediaType === undefined) return [name, property]
    encoding[name] = { contentType: contentMediaType }
    return [name, property.items === undefined ? file : { ...property, items: file }]
  })
  return Object.keys(encoding).length === 0 ? content : { ...content, schema: { ...schema, properties: Object.fromEntries(shown) as object }, encoding }
}

interface FileSchema {
  readonly contentMediaType?: string
  readonly items?: FileSchema
}

/** Read together with `accepts`. */
export const multipartOption = defineRouteOption({ name: 'multipart', compile: () => undefined })

/** As the schema, with lists of one where it takes lists only: a query has no other way to write them. */
function judgeQuery(schema: Schema, route: string, unknown: 'reject' | 'report' | 'strip' | undefined): Validator {
  const validate = compileValidator(schema, { location: 'query', route, unknown })
  const lists = listFields(schema)
  if (lists.length === 0) return validate
  return (value, onUnknown) => {
    wrapLists(value, lists)
    return validate(value, onUnknown)
  }
}

function validateAll(ctx: Context, validators: readonly PlaceValidator[]): void | Promise<void> {
  let errors: FieldError[] | undefined
  for (let i = 0; i < validators.length; i++) {
    const { place, validate } = validators[i] as (typeof validators)[number]
    const result = validate(ctx[place], ctx)
    if (result instanceof Promise) return validateLater(ctx, validators, i, result, errors)
    errors = take(ctx, place, result, errors)
  }
  if (errors !== undefined) throw validationFailed(errors)
}

async function validateLater(
  ctx: Context,
  validators: readonly PlaceValidator[],
  from: number,
  pending: Promise<Validated>,
  before: FieldError[] | undefined,
): Promise<void> {
  let errors = take(ctx, (validators[from] as (typeof validators)[number]).place, await pending, before)
  for (const { place, validate } of validators.slice(from + 1)) errors = take(ctx, place, await validate(ctx[place], ctx), errors)
  if (errors !== undefined) throw validationFailed(errors)
}

function take(ctx: Context, place: Place, result: Validated, errors: FieldError[] | undefined): FieldError[] | undefined {
  if ('errors' in result) return errors === undefined ? [...result.errors] : [...errors, ...result.errors]
  ctx[place] = result.value
  return errors
}

export function validationFailed(errors: readonly FieldError[]) {
  return fail('VALIDATION_FAILED', { count: errors.length }, { errors })
}
