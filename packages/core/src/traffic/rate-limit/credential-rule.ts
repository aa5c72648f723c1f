import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../../http/context/context.ts'
import { bounded, type CompiledRule } from './compile-rules.ts'

const minute = 60_000
const rules = new Map<number, CompiledRule>()

/**
 * The limit that the caller's credentials carry themselves: one budget for all routes.
 * @throws `RATE_LIMIT_INVALID`; a limit of nothing would otherwise be none
 */
export function credentialRule(ctx: Context): CompiledRule | undefined {
  const attempts = ctx.identity?.rateLimit
  if (attempts === undefined) return undefined
  const known = rules.get(attempts)
  if (known !== undefined) return known
  if (!Number.isSafeInteger(attempts) || attempts < 1)
    throw fail('RATE_LIMIT_INVALID', { route: ctx.route?.name ?? '', reason: `the credentials of the caller allow ${attempts} requests a minute` })
  if (rules.size >= 1_000) rules.clear()
  const made = makeRule(attempts)
  rules.set(attempts, made)
  return made
}

function makeRule(attempts: number): CompiledRule {
  return {
    name: 'credential',
    rule: { id: 'credential', algorithm: 'sliding', attempts, burst: attempts, windowMs: minute },
    phase: 'read',
    subject: ({ identity }) => bounded(`${identity?.strategy}:${identity?.credential ?? identity?.id}`),
    cost: 1,
    by: 'key',
    tiers: [],
    unlimited: false,
    onStoreLoss: 'local',
    least: 1,
  }
}
