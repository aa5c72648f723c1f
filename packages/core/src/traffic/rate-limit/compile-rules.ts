import { createHash } from 'node:crypto'
import { parseDuration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../../http/context/context.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import type { LimitRule } from './limit-store.ts'
import type { LimitSubject, OnStoreLoss, RateLimitRule } from './rate-limit-rule.ts'
import { subjectAddress } from './subject-address.ts'

/** When a rule can be judged: by address at once, by caller once that is known, by what was asked once it is read. */
export type RulePhase = 'admit' | 'read' | 'guard'

/** A rule of a route, ready to be asked. */
export interface CompiledRule {
  /** As clients see it. */
  readonly name: string
  readonly rule: LimitRule
  readonly phase: RulePhase
  readonly subject: (ctx: Context) => string
  readonly cost: number | ((ctx: Context) => number)
  /** Rules of one `by` take each other's place by tier. */
  readonly by: string
  readonly tiers: readonly string[]
  readonly unlimited: boolean
  readonly onStoreLoss: OnStoreLoss
  /** The least part of the limit under load; 1 where load does not matter. */
  readonly least: number
}

const calendarLengths = { day: 86_400_000, month: 31 * 86_400_000 }

/**
 * Reads the rules of a route.
 * @throws `RATE_LIMIT_INVALID` for what cannot be meant
 */
export function compileRules(value: RateLimitRule | readonly RateLimitRule[], route: CompiledRoute): readonly CompiledRule[] {
  const given = Array.isArray(value) ? (value as readonly RateLimitRule[]) : [value as RateLimitRule]
  const refuse = (reason: string) => fail('RATE_LIMIT_INVALID', { route: route.name, reason })
  const tiered = new Set(given.filter(({ tier }) => tier !== undefined).map(({ by = 'user' }) => byName(by)))
  const names = new Set<string>()
  const budgets = new Set<string>()

  return given.map((one) => {
    const { by = 'user', cost = 1, onStoreLoss = 'local', adaptive = false } = one
    const unlimited = one.attempts === 'unlimited'
    const tiers = one.tier === undefined ? [] : typeof one.tier === 'string' ? [one.tier] : one.tier
    if (unlimited && tiers.length === 0) throw refuse("'unlimited' needs a tier; leave the rule out, or say rateLimit: false")
    const rule = unlimited ? unlimitedRule : limitRule(one, route, refuse)
    if (typeof cost === 'number' && !(cost >= 0 && cost <= rule.burst)) throw refuse(`a cost of ${cost} is never admitted by ${rule.burst} attempts`)
    const least = adaptive === true ? 0.1 : adaptive === false ? 1 : adaptive
    if (!(least > 0 && least <= 1)) throw refuse(`adaptive is ${String(adaptive)}; expected a number above 0 and up to 1`)
    if (!['open', 'closed', 'local'].includes(onStoreLoss)) throw refuse(`onStoreLoss is ${JSON.stringify(onStoreLoss)}; expected open, closed or local`)
    // Two rules that would draw on one budget take twice from it; those of different tiers never meet.
    for (const tier of tiers.length === 0 ? [''] : tiers) {
      const budget = `${rule.id}\0${tier}`
      if (!unlimited && budgets.has(budget)) throw refuse('two rules have the same by, per and tier; give one of them another name')
      budgets.add(budget)
    }
    const name = one.name ?? freeName(names, unlimited ? 'unlimited' : `${rule.attempts}-per-${shortPer(one.per ?? '1m')}`, tiers)
    if (!/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(name)) throw refuse(`the name ${JSON.stringify(name)} cannot stand in a header`)
    names.add(name)
    const phase = typeof cost === 'function' ? 'guard' : by === 'ip' || by === 'route' || isHeader(by) ? 'admit' : 'read'
    return {
      name,
      rule,
      // A tier is known once the caller is, and so is whose place the rule takes.
      phase: phase === 'admit' && tiered.has(byName(by)) ? 'read' : phase,
      subject: subjectOf(by),
      cost,
      by: byName(by),
      tiers,
      unlimited,
      onStoreLoss,
      least,
    }
  })
}

const unlimitedRule: LimitRule = { id: '', algorithm: 'fixed', attempts: Infinity, burst: Infinity, windowMs: 0 }

function limitRule(given: RateLimitRule, route: CompiledRoute, refuse: (reason: string) => Error): LimitRule {
  const { attempts, per = '1m', by = 'user', burst } = given
  if (typeof attempts !== 'number' || !Number.isSafeInteger(attempts) || attempts < 1)
    throw refuse(`attempts is ${JSON.stringify(attempts)}; expected a whole number of at least 1, or 'unlimited' for a tier`)
  const unit = per === 'day' || per === 'month' ? per : undefined
  const algorithm = unit === undefined ? (given.algorithm ?? (burst === undefined ? 'sliding' : 'bucket')) : 'calendar'
  if (!['sliding', 'fixed', 'bucket', 'calendar'].includes(algorithm))
    throw refuse(`algorithm is ${JSON.stringify(algorithm)}; expected sliding, fixed or bucket`)
  if (unit !== undefined && (given.algorithm !== undefined || burst !== undefined)) throw refuse(`a quota per ${unit} has neither algorithm nor burst`)
  if (burst !== undefined && algorithm !== 'bucket') throw refuse(`burst needs the algorithm bucket, not ${algorithm}`)
  if (burst !== undefined && (!Number.isSafeInteger(burst) || burst < 1)) throw refuse(`burst is ${String(burst)}; expected a whole number of at least 1`)
  const windowMs = unit === undefined ? parseDuration(per as never, `rateLimit.per of route ${route.name}`) : calendarLengths[unit]
  if (windowMs < 1) throw refuse('per is no time at all')
  // What a counter means is part of its id; how much it admits is not, so that a new limit does not forget what was used.
  const kind = `${byName(by)}:${algorithm}:${unit ?? windowMs}`
  const id = given.name === undefined ? `${route.name}:${kind}` : `=${given.name}:${kind}`
  return { id, algorithm, attempts, burst: burst ?? attempts, windowMs, ...(unit === undefined ? {} : { unit }) }
}

function isHeader(by: LimitSubject): by is { readonly header: string } {
  return typeof by === 'object'
}

function byName(by: LimitSubject): string {
  return typeof by === 'string' ? by : isHeader(by) ? `header-${by.header.toLowerCase()}` : 'function'
}

function shortPer(per: NonNullable<RateLimitRule['per']>): string {
  return typeof per === 'number' ? `${per}ms` : per
}

function freeName(taken: ReadonlySet<string>, wanted: string, tiers: readonly string[]): string {
  const base = tiers.length === 0 ? wanted : `${tiers[0]}-${wanted}`
  let name = base
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`
  return name
}

/** The address as a subject; also of callers who are not known. */
export const addressSubject = (ctx: Context): string => `a:${subjectAddress(ctx.ip)}`

function subjectOf(by: LimitSubject): (ctx: Context) => string {
  if (typeof by === 'function') {
    return (ctx) => {
      const own = by(ctx)
      return own === undefined ? addressSubject(ctx) : `f:${bounded(own)}`
    }
  }
  if (isHeader(by)) {
    const name = by.header.toLowerCase()
    return (ctx) => {
      const value = ctx.readHeader(name)
      return value === undefined || value === '' ? addressSubject(ctx) : `h:${bounded(value)}`
    }
  }
  switch (by) {
    case 'ip':
      // Nothing else is a subject of such a rule, so that it needs no prefix.
      return (ctx) => subjectAddress(ctx.ip)
    case 'route':
      return () => 'all'
    case 'user':
      return byUser
    case 'key':
      return (ctx) => (ctx.identity?.credential === undefined ? byUser(ctx) : `k:${bounded(ctx.identity.credential)}`)
  }
}

/** The caller, else the address. */
function byUser(ctx: Context): string {
  return ctx.identity === undefined ? addressSubject(ctx) : `u:${bounded(ctx.identity.id)}`
}

/** Whoever chooses a subject does not choose how much memory it takes. */
export function bounded(subject: string): string {
  return subject.length <= 128 ? subject : `#${createHash('sha256').update(subject).digest('base64url')}`
}
