import { randomBytes } from 'node:crypto'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** `X-Request-Id`: a well-formed one is taken over, otherwise one is made; echoed and logged. `own` ignores the client's, `false` has none. Default: true. */
    readonly requestId?: boolean | 'own'
  }
}

// Letters, digits and punctuation that neither logs nor headers can misread.
const wellFormed = /^[\w.~:+/=-]{8,128}$/

const prefix = `${randomBytes(9).toString('base64url')}-`
let counter = 0

/** Unique over processes by its random prefix and within one by its counter. */
export function createRequestId(): string {
  counter = (counter + 1) % Number.MAX_SAFE_INTEGER
  return prefix + counter.toString(36)
}

export const requestIdOption = defineRouteOption({
  name: 'requestId',
  compile: (value) => {
    if (value === false) return undefined
    return {
      name: 'requestId',
      phase: 'edge',
      before: (ctx) => {
        const inbound = value === 'own' ? undefined : ctx.readHeader('x-request-id')
        const id = inbound !== undefined && wellFormed.test(inbound) ? inbound : createRequestId()
        ctx.requestId = id
        ctx.outgoing.push('x-request-id', id)
      },
    }
  },
})
