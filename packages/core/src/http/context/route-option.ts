import type { FlatRoute } from './flatten-routes.ts'
import type { CompiledRoute } from './route.ts'
import type { RouteOptions } from './route-options.ts'
import type { Runtime } from './runtime.ts'
import type { Stage } from './stage.ts'

/** An OpenAPI 3.1 operation object, as far as options add to it. */
export interface OperationObject {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  deprecated?: boolean
  parameters: Record<string, unknown>[]
  requestBody?: Record<string, unknown>
  responses: Record<string, Record<string, unknown>>
  security?: Record<string, string[]>[]
  [extension: `x-${string}`]: unknown
}

/**
 * All there is to know about one route option. Adding a capability means adding one of these; the kernel names none.
 */
export interface RouteOption<Name extends keyof RouteOptions = keyof RouteOptions> {
  readonly name: Name
  /**
   * Called once a route at boot with the effective value: the route's, else its group's, else the application's default,
   * else undefined. Returns what the route needs, or nothing. Refuse bad values here, by a catalog error. `routes` are all
   * routes of the application, for an option that has to know what the others do.
   */
  compile(value: RouteOptions[Name] | undefined, route: CompiledRoute, runtime: Runtime, routes: readonly FlatRoute[]): Stage | readonly Stage[] | undefined
  /** Codes of the errors that the option makes a route answer, with their status; they appear in OpenAPI. */
  errors?(value: RouteOptions[Name] | undefined, route: CompiledRoute): readonly { status: number; code: string; title: string }[]
  /** OpenAPI security schemes that `openapi` may refer to in `operation.security`. */
  readonly securitySchemes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Adds what clients should know to the route's OpenAPI operation. */
  openapi?(value: RouteOptions[Name] | undefined, operation: OperationObject, route: CompiledRoute): void
}

/** Declares a route option; see CONTRIBUTING.md, "Adding a route option". */
export function defineRouteOption<Name extends keyof RouteOptions>(option: RouteOption<Name>): RouteOption<Name> {
  return option
}
