import { fail } from '../../foundation/errors/catalog.ts'
import { GluefulError } from '../../foundation/errors/define-errors.ts'
import type { Context } from '../../http/context/context.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import { AccessDenied } from './access-denied.ts'
import type { AuthStrategy } from './strategy.ts'

/** Makes the errors by which a route turns a caller away, with the headers that HTTP asks for. */
export interface Gate {
  /** 401: no credentials came. */
  unauthenticated(ctx: Context): GluefulError
  /** What a strategy threw; its 401 gets the challenge. */
  refused(ctx: Context, by: AuthStrategy | undefined, error: unknown): unknown
  /** 403; `scopes` are those that the route needs. */
  denied(ctx: Context, error: GluefulError, missing: readonly string[], scopes?: readonly string[]): GluefulError
}

/** Challenges of RFC 9110, 11.6.1, with what RFC 6750, 3.1 adds for bearer tokens. */
export function createGate(strategies: readonly AuthStrategy[], name: string): Gate {
  const realm = `realm="${name.replaceAll(/[^\w .-]/g, '')}"`
  const plain = [...new Set(strategies.map(({ challenge }) => `${challenge} ${realm}`))]
  const bearer = strategies.some(({ challenge }) => challenge === 'Bearer')

  function tell(ctx: Context, missing: readonly string[]): void {
    const { ip, requestId, identity } = ctx
    // Listeners never make an emit reject, and a refusal does not wait for them.
    void ctx.emit(AccessDenied, { identityId: identity?.id, route: (ctx.route as CompiledRoute).name, missing, ip, requestId })
  }

  return {
    unauthenticated(ctx) {
      for (const challenge of plain) ctx.outgoing.push('www-authenticate', challenge)
      tell(ctx, [])
      return fail('UNAUTHENTICATED', undefined)
    },
    refused(ctx, by, error) {
      if (!(error instanceof GluefulError) || error.status !== 401) return error
      for (const challenge of plain) {
        const invalid = challenge.startsWith('Bearer ') && by?.challenge === 'Bearer' ? ', error="invalid_token"' : ''
        ctx.outgoing.push('www-authenticate', challenge + invalid)
      }
      tell(ctx, [])
      return error
    },
    denied(ctx, error, missing, scopes) {
      if (scopes !== undefined && bearer) ctx.outgoing.push('www-authenticate', `Bearer ${realm}, error="insufficient_scope", scope="${scopes.join(' ')}"`)
      tell(ctx, missing)
      return error
    },
  }
}
