import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../../http/context/context.ts'
import { givenStrategy, type Identity } from '../../http/context/identity.ts'
import type { Gate } from './gate.ts'
import type { AuthStrategy } from './strategy.ts'

type Found = Identity | undefined

/**
 * The stage that finds out who asks. Every strategy of the route is asked: the first that knows the caller counts, one
 * whose credentials are not valid refuses, and credentials of two different callers are refused, because what checks one
 * may act for the other. As long as the strategies answer at once, so does the stage.
 */
export function createIdentify(strategies: readonly AuthStrategy[], optional: boolean, gate: Gate): (ctx: Context) => void | Promise<void> {
  const names = new Set([givenStrategy, ...strategies.map(({ name }) => name)])

  function identify(ctx: Context, from: number, before: Found): void | Promise<void> {
    let found = before
    for (let at = from; at < strategies.length; at++) {
      const strategy = strategies[at] as AuthStrategy
      let result: Found | Promise<Found>
      try {
        result = strategy.authenticate(ctx)
      } catch (error) {
        throw gate.refused(ctx, strategy, error)
      }
      if (result instanceof Promise) return identifyLater(ctx, at, found, result)
      found = agree(ctx, found, result)
    }
    if (found === undefined && !optional) throw gate.unauthenticated(ctx)
    ctx.identity = found
  }

  async function identifyLater(ctx: Context, at: number, before: Found, pending: Promise<Found>): Promise<void> {
    let result: Found
    try {
      result = await pending
    } catch (error) {
      throw gate.refused(ctx, strategies[at], error)
    }
    return identify(ctx, at + 1, agree(ctx, before, result))
  }

  function agree(ctx: Context, first: Found, second: Found): Found {
    if (first === undefined || second === undefined) return first ?? second
    if (first.id !== second.id) throw gate.refused(ctx, undefined, fail('CREDENTIALS_CONFLICT', undefined))
    return first
  }

  return (ctx) => {
    if (ctx.identity === undefined) return identify(ctx, 0, undefined)
    if (!names.has(ctx.identity.strategy)) throw gate.unauthenticated(ctx)
  }
}
