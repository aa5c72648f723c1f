import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** Whether requests stand in the access log; failures (5xx) always do. Default: true. */
    readonly log?: boolean
  }
}

/** Read by the observer that writes the access log; there is nothing to do on a request's way. */
export const logOption = defineRouteOption({ name: 'log', compile: () => undefined })
