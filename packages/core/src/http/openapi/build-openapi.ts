import type { OperationObject, RouteOption } from '../context/route-option.ts'
import type { CompiledRoute } from '../context/route.ts'
import { isOptional } from '../validation/is-optional.ts'
import type { ErrorOptions } from '../problem/error-renderer.ts'
import type { JsonSchema } from '../validation/standard-json-schema.ts'
import { createComponents, type Components } from './components.ts'
import { toJsonSchema } from './json-schema.ts'
import type { OpenApiAddition, OpenApiTools } from './openapi-addition.ts'
import { parametersOf } from './parameters.ts'
import { pathTemplates, type PathParam, type PathTemplate } from './path-templates.ts'
import { errorBodyOf, type ErrorBody } from './error-body.ts'

export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: Readonly<Record<string, unknown>>
  readonly servers: readonly Readonly<Record<string, unknown>>[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly webhooks?: NonNullable<OpenApiAddition['webhooks']>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly securitySchemes?: Readonly<Record<string, object>> }
}

export interface OpenApiOptions {
  readonly title: string
  readonly version: string
  readonly description?: string | undefined
  readonly servers?: readonly { readonly url: string; readonly description?: string }[] | undefined
  readonly license?: Readonly<Record<string, string>> | undefined
  readonly contact?: Readonly<Record<string, string>> | undefined
  readonly options: readonly RouteOption[]
  /** The shape of error bodies. Default: `problem`. */
  readonly errorFormat?: ErrorOptions['format']
  /** What extensions add. */
  readonly additions?: readonly ((tools: OpenApiTools) => OpenApiAddition)[]
}

/**
 * Describes routes as OpenAPI 3.1, from the same values that serve them; equal routes give equal text. The operation id
 * is the route's name. Operations whose path OpenAPI cannot express carry it as `x-glueful-path`, for clients of ours.
 * Source: https://spec.openapis.org/oas/v3.1.1
 */
export function buildOpenApi(routes: readonly CompiledRoute[], options: OpenApiOptions): OpenApiDocument {
  const components = createComponents()
  const errorBody = errorBodyOf(options.errorFormat)
  const paths: Record<string, Record<string, OperationObject>> = {}
  const places = createPlaces()
  for (const route of routes) {
    if (route.options.hidden === true) continue
    const templates = pathTemplates(route.path, route.name)
    templates.forEach((template, index) => {
      const whole = index === templates.length - 1
      const place = places.take(template, route.method)
      const operation = buildOperation(route, place.params, components, options.options, errorBody)
      if (!whole) operation.operationId = `${route.name}.without.${templates.at(-1)?.params[template.params.length]?.name ?? ''}`
      else if (templates.length > 1 || route.path.includes('*') || place.shared) operation['x-glueful-path'] = route.path
      ;(paths[place.template] ??= {})[route.method.toLowerCase()] = operation
    })
  }
  const tools: OpenApiTools = { schema: (schema, io, name) => toJsonSchema(schema, io, name, components) }
  const webhooks: NonNullable<OpenApiAddition['webhooks']> = Object.assign({}, ...(options.additions ?? []).map((add) => add(tools).webhooks ?? {}))
  const { document, schemas } = components.finish({ paths, webhooks }, [errorBody.name])
  const securitySchemes = schemesOf(document.paths, options.options)
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
    // Nothing, unless an operation says otherwise.
    security: [],
    paths: document.paths,
    ...(Object.keys(webhooks).length === 0 ? {} : { webhooks: document.webhooks }),
    components: { schemas: { [errorBody.name]: errorBody.schema, ...schemas }, ...(securitySchemes === undefined ? {} : { securitySchemes }) },
  }
}

/**
 * Where operations go. Templates that differ only in the names of their parameters are one path to OpenAPI: the first
 * names them. Where constraints tell routes of the same method apart, which it cannot express, a fragment does.
 */
function createPlaces() {
  const taken = new Map<string, { template: PathTemplate; methods: Set<string> }[]>()
  return {
    take(template: PathTemplate, method: string): { template: string; params: readonly PathParam[]; shared: boolean } {
      const key = template.template.replaceAll(/\{[^}]*\}/g, '{}')
      const there = taken.get(key) ?? []
      taken.set(key, there)
      const free = there.find(({ methods }) => !methods.has(method))
      if (free === undefined) {
        const suffix = there.length === 0 ? '' : `#${there.length + 1}`
        there.push({ template: { ...template, template: template.template + suffix }, methods: new Set([method]) })
        return { template: template.template + suffix, params: template.params, shared: suffix !== '' }
      }
      free.methods.add(method)
      const params = template.params.map((param, index) => ({ ...param, name: free.template.params[index]?.name ?? param.name }))
      return { template: free.template.template, params, shared: params.some(({ name }, index) => name !== template.params[index]?.name) }
    },
  }
}

function buildOperation(
  route: CompiledRoute,
  params: readonly PathParam[],
  components: Components,
  options: readonly RouteOption[],
  errorBody: ErrorBody,
): OperationObject {
  const { body, response, summary, description, tags } = route.options
  const name = route.name.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const operation: OperationObject = {
    operationId: route.name,
    summary: summary ?? route.name,
    ...(description === undefined ? {} : { description }),
    tags: [...(tags ?? [titleOf(route.name.split('.')[0] as string)])],
    parameters: parametersOf(route, params, name, components),
    responses: {},
  }
  if (body !== undefined)
    operation.requestBody = { required: !isOptional(body), content: { 'application/json': { schema: toJsonSchema(body, 'input', `${name}Body`, components) } } }
  // Whether a POST creates is the handler's to say, so its answer is described for all of 2XX.
  const status = route.method === 'POST' || response === undefined ? '2XX' : '200'
  const schema = response === undefined ? undefined : toJsonSchema(response, 'output', `${name}Response`, components)
  operation.responses[status] = { description: 'Done', ...(schema === undefined ? {} : { content: { 'application/json': { schema } } }) }
  addErrors(operation, route, options, errorBody)
  for (const option of options) option.openapi?.(route.options[option.name] as never, operation, route)
  return operation
}

/** `carDetails` is `car details`. */
const titleOf = (name: string): string => name.replaceAll(/([a-z\d])([A-Z])/g, (_, before: string, letter: string) => `${before} ${letter.toLowerCase()}`)

function addErrors(operation: OperationObject, route: CompiledRoute, options: readonly RouteOption[], { mediaType, name }: ErrorBody): void {
  const answers = new Map<number, { title: string; codes: Set<string> }>()
  const add = ({ status, code, title }: { status: number; code: string; title: string }) => {
    const there = answers.get(status)
    if (there === undefined) answers.set(status, { title, codes: new Set([code]) })
    else there.codes.add(code)
  }
  add({ status: 500, code: 'INTERNAL_ERROR', title: 'Internal Server Error' })
  // What the door refuses before it looks for a route.
  add({ status: 400, code: 'HOST_MALFORMED', title: 'Bad Request' })
  if (route.path.includes(':') || route.path.includes('*')) add({ status: 400, code: 'MALFORMED_PATH', title: 'Bad Request' })
  if (route.path.includes(':') || route.path.includes('*')) add({ status: 404, code: 'NOT_FOUND', title: 'Not Found' })
  for (const option of options) option.errors?.(route.options[option.name] as never, route).forEach(add)
  for (const [status, { title, codes }] of answers) {
    operation.responses[String(status)] = {
      description: `${title} (${[...codes].sort().join(', ')})`,
      content: { [mediaType]: { schema: { $ref: `#/components/schemas/${name}` } } },
    }
  }
}

/** The security schemes that operations name. */
function schemesOf(paths: OpenApiDocument['paths'], options: readonly RouteOption[]): Readonly<Record<string, object>> | undefined {
  const used = new Set(Object.values(paths).flatMap((operations) => Object.values(operations).flatMap(({ security }) => (security ?? []).flatMap(Object.keys))))
  const known = Object.assign({}, ...options.map((option) => option.securitySchemes ?? {})) as Record<string, object>
  const schemes = Object.entries(known)
    .filter(([name]) => used.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return schemes.length === 0 ? undefined : Object.fromEntries(schemes)
}
