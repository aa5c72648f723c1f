import { STATUS_CODES } from 'node:http'
import type { OperationObject, RouteOption } from '../context/route-option.ts'
import type { CompiledRoute } from '../context/route.ts'
import { createComponents, type Components } from './components.ts'
import { toJsonSchema, type JsonSchema } from './json-schema.ts'
import { pathTemplates } from './path-templates.ts'

export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: Readonly<Record<string, unknown>>
  readonly servers: readonly Readonly<Record<string, unknown>>[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

export interface OpenApiOptions {
  readonly title: string
  readonly version: string
  readonly description?: string | undefined
  readonly servers?: readonly { readonly url: string; readonly description?: string }[] | undefined
  readonly license?: Readonly<Record<string, string>> | undefined
  readonly contact?: Readonly<Record<string, string>> | undefined
  readonly options: readonly RouteOption[]
}

const problemSchema: JsonSchema = {
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
      items: {
        type: 'object',
        required: ['path', 'code', 'message'],
        properties: { path: { type: 'array', items: { type: ['string', 'integer'] } }, code: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
}

/** Describes routes as OpenAPI 3.1, from the same values that serve them; equal routes give equal text. */
export function buildOpenApi(routes: readonly CompiledRoute[], options: OpenApiOptions): OpenApiDocument {
  const components = createComponents()
  const paths: Record<string, Record<string, OperationObject>> = {}
  for (const route of routes) {
    if (route.options.hidden === true) continue
    pathTemplates(route.path).forEach(({ template, params }, index) => {
      const operation = buildOperation(route, params, components, options.options)
      if (index > 0) operation.operationId = `${route.name}.${index + 1}`
      ;(paths[template] ??= {})[route.method.toLowerCase()] = operation
    })
  }
  const { schemas, rename } = components.finish()
  return {
    openapi: '3.1.1',
    info: {
      title: options.title,
      version: options.version,
      ...(options.description === undefined ? {} : { description: options.description }),
      ...(options.contact === undefined ? {} : { contact: options.contact }),
      license: options.license ?? { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
    },
    servers: options.servers ?? [{ url: '/' }],
    security: [],
    paths: rename(paths),
    components: { schemas: { Problem: problemSchema, ...schemas } },
  }
}

function buildOperation(route: CompiledRoute, params: readonly string[], components: Components, options: readonly RouteOption[]): OperationObject {
  const { body, response, summary, description, tags } = route.options
  const operation: OperationObject = {
    operationId: route.name,
    summary: summary ?? route.name,
    ...(description === undefined ? {} : { description }),
    tags: [...(tags ?? [route.name.split('.')[0] as string])],
    parameters: parametersOf(route, params, components),
    responses: {},
  }
  if (body !== undefined) operation.requestBody = { required: true, content: { 'application/json': { schema: toJsonSchema(body, 'input', components) } } }
  // Whether a POST creates is the handler's to say, so its answer is described for all of 2XX.
  const status = route.method === 'POST' || response === undefined ? '2XX' : '200'
  const schema = response === undefined ? undefined : toJsonSchema(response, 'output', components)
  operation.responses[status] = { description: 'Done', ...(schema === undefined ? {} : { content: { 'application/json': { schema } } }) }
  addErrors(operation, route, options)
  for (const option of options) option.openapi?.(route.options[option.name] as never, operation, route)
  return operation
}

function addErrors(operation: OperationObject, route: CompiledRoute, options: readonly RouteOption[]): void {
  const codes = new Map<number, Set<string>>([[500, new Set(['INTERNAL_ERROR'])]])
  if (route.path.includes(':') || route.path.includes('*')) codes.set(404, new Set(['NOT_FOUND']))
  for (const option of options) {
    for (const { status, code } of option.errors?.(route.options[option.name] as never, route) ?? []) {
      const there = codes.get(status)
      if (there === undefined) codes.set(status, new Set([code]))
      else there.add(code)
    }
  }
  for (const [status, names] of [...codes].sort(([a], [b]) => a - b)) {
    operation.responses[String(status)] = {
      description: `${STATUS_CODES[status] ?? 'Error'} (${[...names].sort().join(', ')})`,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }
  }
}

function parametersOf(route: CompiledRoute, names: readonly string[], components: Components): Record<string, unknown>[] {
  const { params, query, headers, cookies } = route.options
  const described = params === undefined ? {} : propertiesOf(toJsonSchema(params, 'input', components)).properties
  const inPath = names.map((name) => ({ name, in: 'path', required: true, schema: described[name] ?? { type: 'string' } }))
  const others = ([['query', query], ['header', headers], ['cookie', cookies]] as const).flatMap(([place, schema]) => {
    if (schema === undefined) return []
    const { properties, required } = propertiesOf(toJsonSchema(schema, 'input', components))
    return Object.entries(properties).map(([name, property]) => {
      const { description, ...rest } = property as { description?: string }
      return { name, in: place, ...(required.includes(name) ? { required: true } : {}), ...(description === undefined ? {} : { description }), schema: rest }
    })
  })
  return [...inPath, ...others]
}

function propertiesOf(schema: JsonSchema): { properties: Readonly<Record<string, unknown>>; required: readonly string[] } {
  return { properties: (schema['properties'] as Record<string, unknown> | undefined) ?? {}, required: (schema['required'] as string[] | undefined) ?? [] }
}
