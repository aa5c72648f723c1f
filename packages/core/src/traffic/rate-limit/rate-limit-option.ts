import type { Metrics } from '../../foundation/metrics/metrics.ts'
import type { Context } from '../../http/context/context.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { Stage } from '../../http/context/stage.ts'
import { accessOf } from '../access/route-access.ts'
import { defaultLag, pressureOf } from '../load-shedding/load-shedding-option.ts'
import { LoadMonitor } from '../load-shedding/load-monitor.ts'
import { addressSubject, compileRules, type CompiledRule, type RulePhase } from './compile-rules.ts'
import { credentialRule } from './credential-rule.ts'
import type { LimitReport } from './limit-headers.ts'
import type { GuardedClaim, Limiter } from './limiter.ts'
import type { RateLimitRule } from './rate-limit-rule.ts'
import { createLimitStage, type LimitStageParts } from './rate-limit-stage.ts'

const phases: readonly RulePhase[] = ['admit', 'read', 'guard']

export function createRateLimitOption(metrics: Metrics, limiter: Limiter) {
  const limited = metrics.counter({ name: 'glueful_rate_limited_total', help: 'Requests refused by a limit, by route and rule.', labels: ['route', 'rule'] })

  return defineRouteOption({
    name: 'rateLimit',
    compile: (value, route, runtime) => {
      const hasCallers = accessOf(route.options) !== undefined
      const rules = value === undefined || value === false ? [] : compileRules(value, route)
      // Credentials may carry a limit of their own, wherever they are used.
      const credential = hasCallers && value !== false
      if (rules.length === 0 && !credential) return undefined
      if (rules.length > 0) limiter.prepare(runtime)
      const used = phases.filter((phase) => (phase === 'read' && credential) || rules.some((rule) => rule.phase === phase))
      const parts = {
        take: (claims: readonly GuardedClaim[]) => {
          limiter.prepare(runtime)
          return limiter.take(claims)
        },
        refused: (name: string) => limited.with(route.path, name).inc(),
        reports: used.length > 1 ? new WeakMap<Context, LimitReport>() : undefined,
        share: (least: number) => Math.max(least, Math.min(1, 2 - pressureOf(runtime.use(LoadMonitor), defaultLag, Infinity))),
      }
      const stages = used.map((phase): Stage => {
        const own = phase === 'read' && credential ? credentialRule : undefined
        return { name: 'rateLimit', phase, before: createLimitStage({ ...parts, own, rules: rules.filter((rule) => rule.phase === phase) }) }
      })
      const strangers = hasCallers && !used.includes('admit') ? countStrangers(rules, parts) : undefined
      return strangers === undefined ? stages : [strangers, ...stages]
    },
    errors: (value) => [
      ...(isLimited(value) ? [{ status: 429, code: 'TOO_MANY_REQUESTS', title: 'Too Many Requests' }] : []),
      ...(isLimited(value) && [value].flat().some(({ onStoreLoss }) => onStoreLoss === 'closed')
        ? [{ status: 503, code: 'RATE_LIMIT_UNAVAILABLE', title: 'Service Unavailable' }]
        : []),
    ],
    openapi: (value, operation, route) => {
      if (!isLimited(value)) return
      operation['x-rate-limit'] = describe(compileRules(value, route))
    },
  })
}

function isLimited(value: RateLimitRule | readonly RateLimitRule[] | false | undefined): value is RateLimitRule | readonly RateLimitRule[] {
  return value !== undefined && value !== false
}

/**
 * Who is refused as unknown never reaches the limits of callers, and could try forged credentials for ever: each such
 * answer counts for the address instead.
 */
function countStrangers(rules: readonly CompiledRule[], parts: Omit<LimitStageParts, 'rules' | 'own'>): Stage | undefined {
  const byAddress = rules
    .filter(({ tiers, unlimited }) => tiers.length === 0 && !unlimited)
    .map((rule) => ({ ...rule, subject: rule.by === 'ip' ? rule.subject : addressSubject, cost: typeof rule.cost === 'number' ? rule.cost : 1 }))
  if (byAddress.length === 0) return undefined
  const count = createLimitStage({ ...parts, rules: byAddress, own: undefined, reports: undefined })
  return {
    name: 'rateLimit',
    phase: 'admit',
    after: (ctx, reply) => (reply.status === 401 && !ctx.outgoing.includes('x-ratelimit-limit') ? count(ctx) : undefined),
  }
}

function describe(rules: readonly CompiledRule[]): unknown {
  return rules.map(({ name, by, tiers, unlimited, rule }) => ({
    name,
    by,
    ...(tiers.length === 0 ? {} : { tiers }),
    ...(unlimited ? { attempts: 'unlimited' } : { attempts: rule.attempts, per: rule.unit ?? `${rule.windowMs / 1000}s`, algorithm: rule.algorithm }),
    ...(rule.burst === rule.attempts ? {} : { burst: rule.burst }),
  }))
}
