import type { RequestTools } from './context.ts'
import type { PathParams } from './path-params.ts'
import type { Reply } from './reply.ts'
import type { RouteOptions } from './route-options.ts'
import type { InputOf, OutputOf, Schema, TypedSchema } from './schema.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'

/** Schemas of what a route reads and answers; any Standard Schema. */
export interface RouteSchemas {
  readonly params?: Schema | undefined
  readonly query?: Schema | undefined
  readonly headers?: Schema | undefined
  readonly cookies?: Schema | undefined
  readonly body?: Schema | undefined
  readonly response?: Schema | undefined
}

type SchemaKey = keyof RouteSchemas

/** The same as types, for inference. */
export type SchemaTypes = { readonly [Key in SchemaKey]?: TypedSchema | undefined }

type Read<S extends SchemaTypes, Key extends SchemaKey, Otherwise> = Key extends keyof S
  ? S[Key] extends TypedSchema
    ? OutputOf<S[Key]>
    : Otherwise
  : Otherwise

/** What a handler receives: the tools of every request, and the values its schemas describe. */
export interface HandlerContext<Path extends string, S extends SchemaTypes> extends RequestTools {
  readonly params: Read<S, 'params', PathParams<Path>>
  readonly query: Read<S, 'query', Readonly<Record<string, string | string[]>>>
  readonly headers: Read<S, 'headers', Readonly<Record<string, string>>>
  readonly cookies: Read<S, 'cookies', Readonly<Record<string, string>>>
  readonly body: Read<S, 'body', undefined>
}

/** What a handler may return for a route that answers `Body`. */
type Answer<S extends SchemaTypes> = 'response' extends keyof S
  ? S['response'] extends TypedSchema
    ? InputOf<S['response']> | Reply<number, InputOf<S['response']> | undefined> | Response
    : unknown
  : unknown

/** The body type inside whatever a handler returned. */
type BodyOf<Result> = Awaited<Result> extends infer R ? (R extends Reply<number, infer Body> ? Body : R extends Response ? unknown : R) : never

/**
 * A described endpoint, without the types of its schemas: what trees of routes ask for, because comparing the schemas of
 * a thousand routes with what any schema is would cost the type checker seconds.
 */
export interface AnyRoute {
  readonly kind: 'route'
  readonly method: Method
  readonly path: string
  readonly options: RouteOptions & RouteSchemas
  readonly handler: (ctx: never) => unknown
}

/** A described endpoint; made by `route.get`, `route.post` and so on. */
export interface Route<M extends Method = Method, Path extends string = string, S extends SchemaTypes = SchemaTypes, Body = unknown> extends AnyRoute {
  readonly method: M
  readonly path: Path
  /** Carries the types for the client; never present at run time. */
  readonly types?: { readonly schemas: S; readonly body: Body }
}

/** Not distributed: within a group, TypeScript infers `Schema | undefined` for a response that is not given. */
type ResponseOf<R, Result> = [R] extends [TypedSchema] ? OutputOf<R> : BodyOf<Result>

interface DefineRoute<M extends Method> {
  <const Path extends string, Result>(path: Path, handler: (ctx: HandlerContext<Path, {}>) => Result): Route<M, Path, {}, BodyOf<Result>>
  <
    const Path extends string,
    P extends TypedSchema | undefined = undefined,
    Q extends TypedSchema | undefined = undefined,
    H extends TypedSchema | undefined = undefined,
    C extends TypedSchema | undefined = undefined,
    B extends TypedSchema | undefined = undefined,
    R extends TypedSchema | undefined = undefined,
    Result = unknown,
  >(
    path: Path,
    options: RouteOptions & { readonly params?: P; readonly query?: Q; readonly headers?: H; readonly cookies?: C; readonly body?: B; readonly response?: R },
    handler: (
      ctx: HandlerContext<Path, { params: P; query: Q; headers: H; cookies: C; body: B }>,
    ) => Result & (Awaited<Result> extends Answer<{ response: R }> ? unknown : Promise<Answer<{ response: R }>> | Answer<{ response: R }>),
  ): Route<M, Path, { params: P; query: Q; headers: H; cookies: C; body: B; response: R }, ResponseOf<R, Result>>
}

function define<M extends Method>(method: M): DefineRoute<M> {
  return ((path: string, second: unknown, third?: unknown) => {
    const [options, handler] = third === undefined ? [{}, second] : [second, third]
    return { kind: 'route', method, path, options, handler }
  }) as DefineRoute<M>
}

/**
 * Describes an endpoint as a plain value: method, path, options with schemas, handler.
 * The types of params, query, headers, cookies and body follow from the schemas, or from the path when there is none.
 *
 * @example
 * route.get('/cars/:id', { params: z.object({ id: z.uuid() }) }, ({ params }) => cars.get(params.id))
 */
export const route = {
  get: define('GET'),
  post: define('POST'),
  put: define('PUT'),
  patch: define('PATCH'),
  delete: define('DELETE'),
  head: define('HEAD'),
  options: define('OPTIONS'),
}

/** Routes that share a path prefix and options. */
export interface Group<Routes extends RouteTree = RouteTree> {
  readonly kind: 'group'
  readonly prefix: string
  readonly options: RouteOptions
  readonly routes: Routes
}

/** A web-standard application served under a path; see `mount`. */
export interface Mount {
  readonly kind: 'mount'
  readonly path: string
  readonly options: RouteOptions
  readonly fetch: (request: Request) => Response | Promise<Response>
}

/** A record of routes, groups, mounts and further records; the key path of a route is its name and operation id. */
export interface RouteTree {
  readonly [name: string]: AnyRoute | Group | Mount | RouteTree
}

/**
 * Puts routes under a common `prefix` and gives them options that each route may override.
 *
 * @example
 * group({ prefix: '/admin', ipAllow: ['10.0.0.0/8'] }, { stats: route.get('/stats', () => stats()) })
 */
export function group<const Routes extends RouteTree>(options: RouteOptions & { readonly prefix?: string }, routes: Routes): Group<Routes> {
  const { prefix = '', ...shared } = options
  return { kind: 'group', prefix, options: shared, routes }
}

/**
 * Serves a web-standard application (Hono, h3, anything with `fetch`) below a path; it sees the path without the prefix.
 *
 * @example
 * mount('/legacy', new Hono().get('/hello', (c) => c.text('hello')))
 */
export function mount(
  path: string,
  app: Mount['fetch'] | { readonly fetch: (request: Request) => Response | Promise<Response> },
  options: RouteOptions = {},
): Mount {
  return { kind: 'mount', path, options, fetch: typeof app === 'function' ? app : (request) => app.fetch(request) }
}

/** A route as the running application knows it. */
export interface CompiledRoute {
  /** The key path, such as `cars.show`; the operation id, the metrics label's companion and the name for URLs. */
  readonly name: string
  readonly method: Method
  /** The full path pattern with the prefixes of its groups: `/admin/cars/:id`. */
  readonly path: string
  /** Effective options: the route's, its groups' and the application's defaults. */
  readonly options: RouteOptions & RouteSchemas
  readonly handler: (ctx: never) => unknown
  /** Which stages serve it, in order. */
  readonly stages: readonly { readonly phase: string; readonly name: string }[]
}
