import { fail } from '../../foundation/errors/catalog.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

/** What happens to fields that a schema does not name. */
export type Strict = boolean | 'reject' | 'report' | 'strip'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Fields of the body and query that the schema does not name: `reject` (or true) answers 422 naming them, `report` accepts
     * and logs them, `strip` drops them, false leaves it to the schema. Default: false.
     */
    readonly strict?: Strict
  }
}

export function strictOf(value: Strict | undefined, route: string): 'reject' | 'report' | 'strip' | undefined {
  if (value === true) return 'reject'
  if (value === false || value === undefined) return undefined
  if (value === 'reject' || value === 'report' || value === 'strip') return value
  throw fail('INVALID_STRICT', { route, found: String(value) })
}

/** Validation itself is the stage of `accepts`; here a bad value is refused on every route. */
export const strictOption = defineRouteOption({
  name: 'strict',
  compile: (value, route) => {
    strictOf(value, route.name)
    return undefined
  },
})
