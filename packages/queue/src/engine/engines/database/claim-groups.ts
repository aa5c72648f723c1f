import { sql, type Database } from '@glueful/database'
import type { ClaimRequest, Delivery } from '../../engine.ts'
import type { JobStatements } from './statements.ts'
import { turn } from './turn.ts'

export interface GroupTools {
  readonly database: Database
  readonly statements: JobStatements
  readonly now: () => number
  readonly createClaim: () => string
}

interface Group {
  readonly group_key: string
  readonly concurrency: unknown
  readonly rate_limit: unknown
  readonly rate_per: unknown
  readonly window_at: unknown
  readonly window_count: unknown
}

const mostGroups = 20

/**
 * Jobs of groups: those that were served longest ago first, each with an equal share, so that no key waits behind the
 * backlog of another. The lock on a group's row makes counting and taking one step.
 */
export async function claimGroups({ database, statements, now: clock, createClaim }: GroupTools, request: ClaimRequest, queue: string): Promise<Delivery[]> {
  return turn(database, async () => {
    const now = clock()
    const lock = database.dialect === 'sqlite' ? sql`` : sql` for update skip locked`
    const running = sql`(select count(*) from glueful_jobs a where a.group_key = g.group_key and a.state = 'active')`
    const groups = await database.all<Group>(sql`select group_key, concurrency, rate_limit, rate_per, window_at, window_count from glueful_job_groups g
        where g.queue = ${queue} and exists (select 1 from glueful_jobs j where j.group_key = g.group_key and j.state = 'grouped')
        and (g.concurrency is null or g.concurrency > ${running})
        and (g.rate_limit is null or g.window_count < g.rate_limit or g.window_at + g.rate_per <= ${now})
        order by g.served_at, g.group_key limit ${mostGroups}${lock}`)
    const deliveries: Delivery[] = []
    for (const [index, group] of groups.entries()) {
      const share = Math.ceil((request.limit - deliveries.length) / (groups.length - index))
      if (share <= 0) break
      const taken = await claimOne(group, share, now)
      deliveries.push(...taken)
    }
    return deliveries
  })

  async function claimOne(group: Group, share: number, now: number): Promise<Delivery[]> {
    const key = group.group_key
    const perMs = Number(group.rate_per)
    const fresh = Number(group.window_at) + perMs <= now
    const used = fresh ? 0 : Number(group.window_count)
    let limit = share
    if (group.rate_limit !== null) limit = Math.min(limit, Number(group.rate_limit) - used)
    if (group.concurrency !== null) {
      // Counted again under the lock: the first look may be older than it.
      const active = await database.first<{ n: unknown }>(sql`select count(*) as n from glueful_jobs where group_key = ${key} and state = 'active'`)
      limit = Math.min(limit, Number(group.concurrency) - Number(active?.n))
    }
    if (limit <= 0) return []
    const taken = await statements.claimGroup({ queue, group: key, limit, worker: request.worker, claim: createClaim(), now })
    if (taken.length > 0) {
      await database.run(sql`update glueful_job_groups set served_at = ${now}, window_at = ${fresh ? now : Number(group.window_at)},
        window_count = ${used + taken.length} where group_key = ${key}`)
    }
    return taken
  }
}
