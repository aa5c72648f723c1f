/**
 * The options a route, a group or the application's `defaults` may name. Each option's folder adds its own line by
 * declaration merging; an option that nothing reads refuses to start.
 */
export interface RouteOptions {
  /** One line for lists and OpenAPI. */
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  /** Leaves the route out of OpenAPI. */
  readonly hidden?: boolean
}
