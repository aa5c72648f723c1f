import { defineRouteOption, type Context } from 'glueful'
import { fail } from '../errors.ts'
import { describeAsked, type RequestUse } from '../observe/request-use.ts'
import { currentScope } from '../transaction/scope.ts'

/** How much a request of a route may ask of the databases. */
export interface QueryBudget {
  readonly queries?: number
  /** Time in queries together, in ms. */
  readonly ms?: number
}

declare module 'glueful' {
  interface RouteOptions {
    /**
     * What a request may ask of the databases: a number of queries, or `{ queries, ms }`. Beyond it a test fails with
     * `QUERY_BUDGET_EXCEEDED`, which names the queries and the lines they come from; elsewhere it is logged. Default: none.
     */
    readonly queryBudget?: number | QueryBudget | false
  }
}

export const queryBudgetOption = defineRouteOption({
  name: 'queryBudget',
  compile: (value, route, runtime) => {
    const budget = toBudget(value, route.name)
    if (budget === undefined) return undefined
    const check = (ctx: Context): void => {
      const { use } = currentScope()
      const excess = use === undefined ? undefined : excessOf(use, budget)
      if (use === undefined || excess === undefined) return
      const asked = describeAsked(use.asked ?? [])
      if (runtime.environment === 'test') throw fail('QUERY_BUDGET_EXCEEDED', { route: route.name, excess, asked })
      ctx.log.warn({ queries: use.queries, duration: Math.round(use.ms), asked }, `More queries than the route's budget: ${excess}`)
    }
    return {
      name: 'queryBudget',
      phase: 'handle',
      around: (ctx, next) => {
        const result = next()
        if (result instanceof Promise) {
          return result.then((reply) => {
            check(ctx)
            return reply
          })
        }
        check(ctx)
        return result
      },
    }
  },
})

/** Whether a route records its queries. */
export function hasBudget(value: number | QueryBudget | false | undefined): boolean {
  return value !== undefined && value !== false
}

function toBudget(value: number | QueryBudget | false | undefined, route: string): QueryBudget | undefined {
  if (value === undefined || value === false) return undefined
  const budget = typeof value === 'number' ? { queries: value } : value
  const numbers = [budget.queries, budget.ms].filter((one) => one !== undefined)
  if (numbers.length === 0 || numbers.some((one) => !(one >= 0))) throw fail('QUERY_BUDGET_INVALID', { route, found: JSON.stringify(value) })
  return budget
}

function excessOf(use: RequestUse, { queries, ms }: QueryBudget): string | undefined {
  if (queries !== undefined && use.queries > queries) return `${use.queries} queries, at most ${queries}`
  return ms !== undefined && use.ms > ms ? `${Math.round(use.ms)} ms in queries, at most ${ms}` : undefined
}
