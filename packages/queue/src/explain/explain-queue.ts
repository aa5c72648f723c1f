import { sql, type Database } from '@glueful/database'
import type { Clock } from 'glueful'
import type { Engine } from '../engine/engine.ts'
import type { QueueMetrics } from '../metrics/job-metrics.ts'
import { diagnose, type Evidence, type Explanation, type GroupEvidence } from './diagnose.ts'

export interface ExplainParts {
  readonly database: Database
  readonly engine: Engine
  readonly metrics: QueueMetrics
  readonly clock: Clock
}

const windowMs = 300_000
const someGroups = 100
/** Jobs of groups that are looked at for one that was with a lost worker; an index finds all others. */
const mostLookedAt = 1_000

/** Says what holds a queue back, with the evidence. */
export async function explainQueue(parts: ExplainParts, queue: string, targetSeconds: number): Promise<Explanation> {
  return diagnose(await gather(parts, queue), targetSeconds)
}

async function gather({ database, engine, metrics, clock }: ExplainParts, queue: string): Promise<Evidence> {
  const now = clock.now()
  const begun = clock.monotonic()
  await database.first(sql`select 1 as one from glueful_jobs where queue = ${queue} and state = 'waiting' limit 1`)
  const storeMs = clock.monotonic() - begun
  const window = { from: now - windowMs, to: now + 1 }
  const [depths, limits, workers, numbers, baselines, depthSamples, hosts, groups] = await Promise.all([
    engine.depths(),
    engine.limits(),
    engine.workers(),
    metrics.summary({ ...window, queue }),
    metrics.baselines(),
    metrics.depths({ ...window, queue }),
    metrics.hosts(),
    groupsOf(database, queue, now),
  ])
  const suspects = await database.all<{ job: string; n: unknown }>(
    sql`select job, count(*) as n from (select job from glueful_jobs where queue = ${queue} and state = 'suspect'
      union all select job from glueful_jobs where queue = ${queue} and state = 'active' and crashes > 0
      union all select job from (select job, crashes from glueful_jobs where queue = ${queue} and group_key is not null and state = 'grouped' limit ${mostLookedAt}) seen where crashes > 0) lost group by job`,
  )
  const longest = await database.all<{ id: string; job: string; started_at: unknown; group_key: string | null }>(
    sql`select id, job, started_at, group_key from glueful_jobs where queue = ${queue} and state = 'active' order by started_at limit 5`,
  )
  const blocked = await database.first<{ n: unknown }>(sql`select count(*) as n from glueful_jobs where queue = ${queue} and state = 'blocked'`)
  const onDead = await database.first<{ n: unknown }>(sql`select count(distinct d.job_id) as n from glueful_job_dependencies d
    join glueful_dead_letters l on l.job_id = d.parent_id and l.state = 'open' join glueful_jobs j on j.id = d.job_id where j.queue = ${queue}`)
  const outbox = await database.first<{ n: unknown }>(sql`select count(*) as n from glueful_job_outbox where created_at < ${Math.round(now) - 5_000}`)
  return {
    queue,
    now,
    depth: depths.find((one) => one.queue === queue),
    otherDepths: depths.filter((one) => one.queue !== queue),
    workers,
    numbers,
    baselines,
    depthSamples,
    limits: limits.find((one) => one.queue === queue),
    groups,
    suspects: suspects.map(({ job, n }) => ({ job, count: Number(n) })),
    longest: longest.map((row) => ({ id: row.id, job: row.job, runningMs: now - Number(row.started_at), groupKey: row.group_key ?? undefined })),
    blocked: { count: Number(blocked?.n ?? 0), onDeadLetters: Number(onDead?.n ?? 0) },
    outbox: Number(outbox?.n ?? 0),
    storeMs,
    hosts,
  }
}

async function groupsOf(database: Database, queue: string, now: number): Promise<GroupEvidence[]> {
  const waiting = await database.all<{ group_key: string; n: unknown }>(
    sql`select group_key, count(*) as n from glueful_jobs where queue = ${queue} and group_key is not null and state = 'grouped' group by group_key order by n desc limit ${someGroups}`,
  )
  if (waiting.length === 0) return []
  const keys = sql.join(waiting.map((row) => row.group_key))
  const rows = await database.all<Record<string, unknown>>(sql`select g.group_key, concurrency, rate_limit, rate_per, window_at, window_count,
    (select count(*) from glueful_jobs a where a.group_key = g.group_key and a.state = 'active') as running from glueful_job_groups g where g.group_key in (${keys})`)
  return rows.map((row) => {
    const perMs = Number(row['rate_per'] ?? 0)
    const used = Number(row['window_at']) + perMs > now ? Number(row['window_count']) : 0
    return {
      key: row['group_key'] as string,
      waiting: Number(waiting.find((one) => one.group_key === row['group_key'])?.n),
      active: Number(row['running']),
      concurrency: row['concurrency'] === null ? undefined : Number(row['concurrency']),
      rate: row['rate_limit'] === null ? undefined : { limit: Number(row['rate_limit']), perMs, used },
    }
  })
}
