import { defineRouteOption } from '../../http/context/route-option.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Stage } from '../../http/context/stage.ts'

/** Each field replaces one header of the preset; `false` leaves it out. */
export interface SecurityHeaders {
  /** Content-Security-Policy. Default for an API that serves no pages: nothing may load or frame it. */
  readonly contentSecurityPolicy?: string | false
  /** Strict-Transport-Security; sent over HTTPS only (RFC 6797, 7.2). Default: one year with subdomains. */
  readonly strictTransportSecurity?: string | false
  readonly referrerPolicy?: string | false
  readonly frameOptions?: string | false
  readonly permissionsPolicy?: string | false
  readonly crossOriginOpenerPolicy?: string | false
  readonly crossOriginResourcePolicy?: string | false
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** Security headers of every answer: the preset, changes to it, or none (`false`). Default: the preset. */
    readonly securityHeaders?: SecurityHeaders | false
  }
}

const preset: Record<keyof SecurityHeaders, readonly [header: string, value: string]> = {
  contentSecurityPolicy: ['content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"],
  strictTransportSecurity: ['strict-transport-security', 'max-age=31536000; includeSubDomains'],
  referrerPolicy: ['referrer-policy', 'no-referrer'],
  frameOptions: ['x-frame-options', 'DENY'],
  permissionsPolicy: ['permissions-policy', 'camera=(), geolocation=(), microphone=()'],
  crossOriginOpenerPolicy: ['cross-origin-opener-policy', 'same-origin'],
  crossOriginResourcePolicy: ['cross-origin-resource-policy', 'same-origin'],
}

export const securityHeadersOption = defineRouteOption({
  name: 'securityHeaders',
  compile: (value, route): Stage | undefined => {
    if (value === false) return undefined
    const chosen = (field: keyof SecurityHeaders): string | false => {
      const own = value?.[field]
      if (typeof own === 'string' && !/^[\t\x20-\x7e]+$/.test(own)) throw fail('INVALID_HEADER_VALUE', { route: route.name, header: preset[field][0] })
      return own ?? preset[field][1]
    }
    const constantHeaders = ['x-content-type-options', 'nosniff']
    for (const field of Object.keys(preset) as (keyof SecurityHeaders)[]) {
      const header = chosen(field)
      if (field !== 'strictTransportSecurity' && header !== false) constantHeaders.push(preset[field][0], header)
    }
    const hsts = chosen('strictTransportSecurity')
    const stage: Stage = { name: 'securityHeaders', phase: 'edge', constantHeaders }
    if (hsts === false) return stage
    return {
      ...stage,
      before: (ctx) => {
        if (ctx.protocol === 'https') ctx.outgoing.push('strict-transport-security', hsts)
      },
    }
  },
})
