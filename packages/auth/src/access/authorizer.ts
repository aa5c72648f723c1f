import { covers, type Authorizer, type Identity } from 'glueful'
import { fail } from '../errors.ts'
import type { Policy, Rule } from './policy.ts'
import { mergeRoles, type Roles } from './roles.ts'

/**
 * Decides by roles and policies. A caller holds what its roles are granted; an anonymous one what the role `anonymous` is.
 * @throws `POLICY_TAKEN` for two policies of one class
 */
export function createAuthorizer(roles: Roles | undefined, policies: readonly Policy[] = []): Authorizer {
  const granted = new Map(Object.entries(mergeRoles(roles)))
  const byClass = new Map<unknown, Policy>()
  for (const one of policies) {
    if (byClass.has(one.subject)) throw fail('POLICY_TAKEN', { subject: one.subject.name })
    byClass.set(one.subject, one)
  }

  function ruleOf(subject: object, ability: string): Rule<object> | undefined {
    for (let prototype: unknown = Object.getPrototypeOf(subject); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
      const found = byClass.get((prototype as { constructor?: unknown }).constructor)
      if (found !== undefined && Object.hasOwn(found.rules, ability)) return found.rules[ability] as unknown as Rule<object>
    }
    return undefined
  }

  const holds = (role: string, permission: string) => {
    const permissions = granted.get(role)
    return permissions !== undefined && covers(permissions, permission)
  }

  return {
    can: (identity: Identity | undefined, permission) =>
      identity === undefined ? holds('anonymous', permission) : identity.roles.some((role) => holds(role, permission)),
    allows: (identity, ability, subject, ctx) => {
      const rule = ruleOf(subject, ability)
      if (rule === undefined) return undefined
      return identity === undefined ? false : rule(identity, subject, ctx)
    },
  }
}
