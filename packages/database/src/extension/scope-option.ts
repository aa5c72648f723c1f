import { defineRouteOption, MetricsService, type Histogram } from 'glueful'
import { queryMetrics } from '../observe/query-metrics.ts'
import { createRequestUse, type RequestUse } from '../observe/request-use.ts'
import { runInScope } from '../transaction/scope.ts'
import { DatabasesService } from './databases-service.ts'
import type { OpenDatabases } from './open-databases.ts'
import { hasBudget } from './query-budget-option.ts'

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
  compile: (value, route, runtime) => {
    if (value === false) return undefined
    const records = hasBudget(route.options.queryBudget)
    let databases: OpenDatabases | undefined
    let observe: { readonly queries: Histogram; readonly time: Histogram } | undefined
    return {
      name: 'database',
      phase: 'admit',
      around: (_ctx, next) => {
        databases ??= runtime.use(DatabasesService)
        const use = createRequestUse(records)
        const result = runInScope({ databases, use, transaction: undefined }, next)
        if (!(result instanceof Promise)) {
          count(use)
          return result
        }
        return result.then((reply) => {
          count(use)
          return reply
        })
      },
    }

    function count(use: RequestUse): void {
      if (use.queries === 0) return
      if (observe === undefined) {
        const metrics = queryMetrics(runtime.use(MetricsService))
        observe = { queries: metrics.routeQueries(route.path), time: metrics.routeTime(route.path) }
      }
      observe.queries.observe(use.queries)
      observe.time.observe(use.ms / 1_000)
    }
  },
})
