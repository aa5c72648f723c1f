import { fail } from '../../foundation/errors/catalog.ts'
import { suggest } from '../../foundation/errors/suggest.ts'
import { Authorizer } from '../../http/context/authorizer.ts'
import type { Context } from '../../http/context/context.ts'
import { defineRouteOption, type RouteOption } from '../../http/context/route-option.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import { covers } from './covers.ts'
import { createGate, type Gate } from './gate.ts'
import { createIdentify } from './identify.ts'
import { accessOf, listOf, type RouteAccess } from './route-access.ts'
import type { AuthStrategy } from './strategy.ts'

/** Permissions and scopes are words between dots or colons; wildcards belong to those who hold them. */
const grantName = /^[\w-]+(?:[.:][\w-]+)*$/

/**
 * The options `auth`, `can` and `scopes` for an application with these strategies, in the order in which they are tried.
 * @throws `AUTH_STRATEGY_TAKEN` for two of one name.
 */
export function createAccessOptions(strategies: readonly AuthStrategy[]): readonly RouteOption[] {
  const known = new Map<string, AuthStrategy>()
  for (const one of strategies) {
    if (known.has(one.name)) throw fail('AUTH_STRATEGY_TAKEN', { name: one.name })
    known.set(one.name, one)
  }

  function chosen(access: RouteAccess, route: CompiledRoute): readonly AuthStrategy[] {
    const names = access.strategies === 'any' ? [...known.keys()] : access.strategies
    if (names.length === 0) throw fail('AUTH_STRATEGY_UNKNOWN', { route: route.name, found: 'any strategy', suggestion: undefined, known: [] })
    return names.map((name) => {
      const found = known.get(name)
      if (found === undefined) {
        throw fail('AUTH_STRATEGY_UNKNOWN', {
          route: route.name,
          found: JSON.stringify(name),
          suggestion: suggest(name, known.keys()),
          known: [...known.keys()],
        })
      }
      return found
    })
  }

  const gateOf = (route: CompiledRoute, realm: string): Gate => createGate(chosen(accessOf(route.options) as RouteAccess, route), realm)

  const auth = defineRouteOption({
    name: 'auth',
    compile: (_, route, runtime) => {
      const access = accessOf(route.options)
      checkConsistent(route)
      if (access === undefined) return undefined
      const before = createIdentify(chosen(access, route), access.optional, gateOf(route, runtime.name))
      return { name: 'auth', phase: 'identify', before }
    },
    errors: (_, route) => {
      const access = accessOf(route.options)
      if (access === undefined) return []
      return [
        { status: 401, code: 'UNAUTHENTICATED', title: 'Unauthorized' },
        ...(access.strategies === 'any' || access.strategies.length > 1 ? [{ status: 401, code: 'CREDENTIALS_CONFLICT', title: 'Unauthorized' }] : []),
      ]
    },
    securitySchemes: Object.fromEntries(strategies.map(({ name, scheme }) => [name, scheme])),
    openapi: (_, operation, route) => {
      const access = accessOf(route.options)
      if (access === undefined) return
      // Alternatives; an empty one says that nothing is needed (OpenAPI 3.1.1, 4.8.30).
      operation.security = [...chosen(access, route).map(({ name }) => ({ [name]: [...access.scopes] })), ...(access.optional ? [{}] : [])]
    },
  })

  const can = defineRouteOption({
    name: 'can',
    compile: (value, route, runtime) => {
      const permissions = listOf(value)
      if (permissions.length === 0) return undefined
      permissions.forEach((permission) => checkName(permission, 'can', route))
      if (!runtime.provides(Authorizer)) throw fail('AUTHORIZER_MISSING', { route: route.name, permission: permissions[0] as string })
      const gate = gateOf(route, runtime.name)
      const denied = (ctx: Context, permission: string) =>
        ctx.identity === undefined ? gate.unauthenticated(ctx) : gate.denied(ctx, fail('PERMISSION_DENIED', { permission }), [permission])
      const ask = async (ctx: Context, from: number, pending: Promise<boolean>): Promise<void> => {
        if ((await pending) !== true) throw denied(ctx, permissions[from] as string)
        return check(ctx, from + 1)
      }
      const check = (ctx: Context, from: number): void | Promise<void> => {
        const authorizer = runtime.use(Authorizer)
        for (let at = from; at < permissions.length; at++) {
          const answer = authorizer.can(ctx.identity, permissions[at] as string, ctx)
          if (answer instanceof Promise) return ask(ctx, at, answer)
          if (answer !== true) throw denied(ctx, permissions[at] as string)
        }
      }
      return { name: 'can', phase: 'guard', before: (ctx) => check(ctx, 0) }
    },
    errors: (value) => (listOf(value).length === 0 ? [] : [{ status: 403, code: 'PERMISSION_DENIED', title: 'Forbidden' }]),
    openapi: (value, operation) => {
      const permissions = listOf(value)
      if (permissions.length > 0) operation['x-required-permissions'] = [...permissions]
    },
  })

  const scopes = defineRouteOption({
    name: 'scopes',
    compile: (value, route, runtime) => {
      const wanted = listOf(value)
      if (wanted.length === 0) return undefined
      wanted.forEach((scope) => checkName(scope, 'scopes', route))
      const gate = gateOf(route, runtime.name)
      return {
        name: 'scopes',
        phase: 'guard',
        before: (ctx) => {
          if (ctx.identity === undefined) throw gate.unauthenticated(ctx)
          const held = ctx.identity.scopes
          const missing = wanted.filter((scope) => !covers(held, scope))
          if (missing.length > 0) throw gate.denied(ctx, fail('SCOPE_MISSING', { missing }), missing, wanted)
        },
      }
    },
    errors: (value) => (listOf(value).length === 0 ? [] : [{ status: 403, code: 'SCOPE_MISSING', title: 'Forbidden' }]),
  })

  return [auth, can, scopes] as unknown as readonly RouteOption[]
}

/** A route that asks for permissions or scopes, and not for who the caller is, would let nobody in or everybody. */
function checkConsistent(route: CompiledRoute): void {
  const { auth } = route.options
  const guards = [...listOf(route.options.can), ...listOf(route.options.scopes)]
  if (auth === false && guards.length > 0)
    throw fail('ACCESS_CONTRADICTORY', { route: route.name, reason: `has auth: false and asks for ${guards.join(', ')}` })
  for (const name of ['auth', 'can', 'scopes'] as const) {
    const value = route.options[name]
    if (value === '' || (Array.isArray(value) && value.length === 0)) throw fail('ACCESS_CONTRADICTORY', { route: route.name, reason: `has an empty ${name}` })
  }
}

function checkName(name: string, option: string, route: CompiledRoute): void {
  if (typeof name !== 'string' || !grantName.test(name)) throw fail('ACCESS_NAME_INVALID', { route: route.name, option, found: String(name) })
}
