import type { Awaitable, Context, Identity } from 'glueful'

/** A class, or what looks like one to `instanceof`. */
type ClassOf<Subject> = abstract new (...args: never[]) => Subject

/** Whether a user may do something with one subject. Anything but `true` refuses. */
export type Rule<Subject> = (user: Identity, subject: Subject, ctx: Context) => Awaitable<boolean>

/** Rules for the instances of one class; made by `policy`. */
export interface Policy {
  readonly kind: 'policy'
  readonly subject: ClassOf<object>
  readonly rules: Readonly<Record<string, Rule<never>>>
}

/**
 * Says who may do what with one instance of a class: for `policies` of `auth()`, asked by `authorize` in handlers. A
 * class without a policy has that of the class it extends. Anonymous callers may do nothing.
 *
 * @example
 * policy(Order, { refund: (user, order) => user.roles.includes('operator') || order.sellerId === user.id })
 */
export function policy<Subject extends object>(subject: ClassOf<Subject>, rules: Readonly<Record<string, Rule<Subject>>>): Policy {
  return { kind: 'policy', subject, rules }
}
