import { defineRouteOption } from 'glueful'
import { DatabasesService } from './databases-service.ts'
import type { OpenDatabases } from './open-databases.ts'
import { createRequestUse, runInScope } from '../transaction/scope.ts'

declare module 'glueful' {
  interface RouteOptions {
    /**
     * Whether handlers of the route find the application's databases by context and have their queries counted. Turn it
     * off for a route that asks no database and counts every microsecond. Default: true.
     */
    readonly database?: boolean
  }
}

/** Gives each request a scope of its own: its application's databases and a count of what it asks them. */
export const scopeOption = defineRouteOption({
  name: 'database',
  compile: (value, _route, runtime) => {
    if (value === false) return undefined
    let databases: OpenDatabases | undefined
    return {
      name: 'database',
      phase: 'admit',
      around: (_ctx, next) => {
        databases ??= runtime.use(DatabasesService)
        return runInScope({ databases, use: createRequestUse(), transaction: undefined }, next)
      },
    }
  },
})
