import type { Clock } from '../../../foundation/clock.ts'
import type { RedisConnection } from '../../../foundation/redis/redis-connection.ts'
import { periodEnd } from '../algorithms/calendar.ts'
import { costOf, limitOf } from '../judge-claims.ts'
import type { Block, Claim, LimitRule, LimitStore, Verdict } from '../limit-store.ts'
import { blockedScript, blockScript, takeScript } from './redis-limit-script.ts'

const letters: Record<LimitRule['algorithm'], string> = { sliding: 's', fixed: 'f', bucket: 'b', calendar: 'c' }

/** Budgets in Redis: one script a request, however many rules it has. `clock` is for calendar periods alone. */
export function createRedisLimitStore(redis: () => RedisConnection, clock: Clock): LimitStore {
  return {
    async take(claims) {
      const connection = redis()
      const keys: string[] = []
      const args: (string | number)[] = []
      for (const claim of claims) {
        const { rule, subject } = claim
        const end = rule.algorithm === 'calendar' ? periodEnd(rule.unit, clock.now()) : 0
        // The period is part of the key: clocks of processes differ, and none may empty the count of another.
        keys.push(connection.key('limit', rule.id, ...(end === 0 ? [] : [end / 1000]), subject))
        args.push(letters[rule.algorithm], rule.attempts, limitOf(claim), rule.windowMs, costOf(claim), end === 0 ? 0 : end - clock.now())
      }
      return readVerdicts(claims, (await takeScript.run(connection, keys, args)) as number[])
    },
    async block(list, subject, ms) {
      const connection = redis()
      await blockScript.run(connection, [connection.key('blocked', list)], [Math.ceil(ms), subject])
    },
    async blocked(list) {
      const connection = redis()
      const found = (await blockedScript.run(connection, [connection.key('blocked', list)], [])) as (string | number)[]
      const blocks: Block[] = []
      for (let i = 0; i < found.length; i += 2) blocks.push({ subject: String(found[i]), remainingMs: Number(found[i + 1]) })
      return blocks
    },
  }
}

function readVerdicts(claims: readonly Claim[], numbers: readonly number[]): Verdict[] {
  return claims.map((claim, index) => {
    const [wait = 0, remaining = 0, resetMs = 0, retryMs = 0] = numbers.slice(index * 4, index * 4 + 4)
    return { admitted: wait === 0, limit: limitOf(claim), remaining, resetMs, retryMs }
  })
}
