import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../../http/context/context.ts'
import type { Awaitable } from '../../http/context/stage.ts'
import type { CompiledRule } from './compile-rules.ts'
import { isStricter, renderPolicy, reportLimit, wholeSeconds, type LimitReport } from './limit-headers.ts'
import type { GuardedClaim, Limiter } from './limiter.ts'
import type { Verdict } from './limit-store.ts'

export interface LimitStageParts {
  readonly rules: readonly CompiledRule[]
  /** A rule that the caller brings along. */
  readonly own: ((ctx: Context) => CompiledRule | undefined) | undefined
  readonly take: Limiter['take']
  readonly refused: (rule: string) => void
  /** What other stages of the route have said; undefined where this is the only one. */
  readonly reports: WeakMap<Context, LimitReport> | undefined
  /** What of a limit is left under load. */
  readonly share: (least: number) => number
}

/** The rules of one phase that concern a caller, and what is the same for each request. */
interface Selection {
  readonly rules: readonly CompiledRule[]
  readonly policy: string
}

/** Makes the step that asks all rules of one phase at once, and refuses or reports. */
export function createLimitStage({ rules, own, take, refused, reports, share }: LimitStageParts): (ctx: Context) => Awaitable<void> {
  const select = createSelection(rules)

  return (ctx) => {
    const brought = own?.(ctx)
    const selection = brought === undefined ? select(ctx) : selectionOf([...select(ctx).rules, brought])
    if (selection.rules.length === 0) return undefined
    const verdicts = take(claimsOf(selection.rules, ctx))
    return verdicts instanceof Promise ? verdicts.then((late) => conclude(ctx, selection, late)) : conclude(ctx, selection, verdicts)
  }

  function claimsOf(selected: readonly CompiledRule[], ctx: Context): GuardedClaim[] {
    const claims: GuardedClaim[] = []
    for (const one of selected) {
      const cost = typeof one.cost === 'number' ? one.cost : computed(one, ctx)
      claims.push({
        rule: one.rule,
        subject: one.subject(ctx),
        cost,
        share: one.least === 1 ? 1 : share(one.least),
        onStoreLoss: one.onStoreLoss,
      })
    }
    return claims
  }

  function conclude(ctx: Context, { rules: selected, policy }: Selection, verdicts: readonly (Verdict | undefined)[]): void {
    const before = reports?.get(ctx)
    let strictest = -1
    let retryMs = before?.retryMs ?? 0
    for (let i = 0; i < verdicts.length; i++) {
      const verdict = verdicts[i]
      if (verdict === undefined) continue
      if (verdict.retryMs > retryMs) retryMs = verdict.retryMs
      if (strictest === -1 || isStricter(verdict, verdicts[strictest] as Verdict)) strictest = i
    }
    if (strictest === -1) return
    const verdict = verdicts[strictest] as Verdict
    const rule = selected[strictest] as CompiledRule
    const at = reportLimit(ctx, policy, rule.name, verdict, before)
    reports?.set(ctx, { at, verdict: before === undefined || isStricter(verdict, before.verdict) ? verdict : before.verdict, retryMs })
    if (verdict.admitted) return
    refused(rule.name)
    throw tooMany(rule.name, retryMs)
  }
}

/** The refusal; waiting as long as it says is enough for every rule that was asked. */
export function tooMany(name: string, retryMs: number): Error {
  const seconds = Math.max(1, wholeSeconds(retryMs))
  return fail('TOO_MANY_REQUESTS', { name, seconds }, { headers: ['retry-after', String(seconds)] })
}

function computed({ name, cost }: CompiledRule, ctx: Context): number {
  const value = (cost as (ctx: Context) => number)(ctx)
  if (typeof value === 'number' && value >= 0 && value < Infinity) return value
  throw fail('RATE_LIMIT_INVALID', { route: ctx.route?.name ?? '', reason: `the cost function of ${name} returned ${String(value)}` })
}

function selectionOf(rules: readonly CompiledRule[]): Selection {
  return { rules, policy: renderPolicy(rules) }
}

/** Which rules concern a caller: those for its plan take the place of those of the same `by` that name no plan. */
function createSelection(rules: readonly CompiledRule[]): (ctx: Context) => Selection {
  const known = new Set(rules.flatMap(({ tiers }) => tiers))
  const selectionFor = (plan: string | undefined): Selection => {
    const own = rules.filter(({ tiers }) => plan !== undefined && tiers.includes(plan))
    const replaced = new Set(own.map(({ by }) => by))
    const limited = [...own, ...rules.filter(({ tiers, by }) => tiers.length === 0 && !replaced.has(by))].filter(({ unlimited }) => !unlimited)
    return selectionOf(limited)
  }
  const usual = selectionFor(undefined)
  if (known.size === 0) return () => usual
  const byPlan = new Map(Array.from(known, (plan) => [plan, selectionFor(plan)]))
  return (ctx) => {
    const plan = ctx.identity?.plan
    return (plan === undefined ? undefined : byPlan.get(plan)) ?? usual
  }
}
