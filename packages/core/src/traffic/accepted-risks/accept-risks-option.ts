import { fail } from '../../foundation/errors/catalog.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Findings of `glueful security check` that are meant to be so, each with the reason: `{ NO_AUTHENTICATION: 'anybody may
     * sign up' }`. They are listed as accepted and never fail the check.
     */
    readonly acceptRisks?: Readonly<Record<string, string>>
  }
}

/** Changes nothing of what is served. */
export const acceptRisksOption = defineRouteOption({
  name: 'acceptRisks',
  compile: (value, route) => {
    requireReasons(value, `Route ${route.name}`)
    return undefined
  },
})

/** @throws `ACCEPTED_RISK_WITHOUT_REASON` */
export function requireReasons(risks: Readonly<Record<string, string>> = {}, by: string): void {
  for (const [id, reason] of Object.entries(risks)) {
    if (typeof reason !== 'string' || reason.trim() === '') throw fail('ACCEPTED_RISK_WITHOUT_REASON', { by, id })
  }
}
