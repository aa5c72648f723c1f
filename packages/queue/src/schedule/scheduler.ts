import { sql, type Database } from '@glueful/database'
import type { Clock, Logger } from 'glueful'
import type { Engine } from '../engine/engine.ts'
import { fail } from '../errors.ts'
import { createJobId } from '../job/job-id.ts'
import type { Queue } from '../queue/queue.ts'
import type { Scheduled, ScheduleRun } from './scheduled.ts'

export interface SchedulerParts {
  readonly database: Database
  readonly schedules: readonly Scheduled[]
  readonly queue: Queue
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Logger
}

/** A schedule as it stands. */
export interface ScheduleStatus {
  readonly name: string
  readonly job: string
  readonly definition: string
  readonly nextAt: number | undefined
  readonly lastAt: number | undefined
}

export interface Scheduler {
  /** Dispatches what is due, once in the whole cluster; says when the next time is. */
  tick(): Promise<number | undefined>
  /** Dispatches a schedule now, whatever its times. @throws `SCHEDULE_UNKNOWN` */
  runNow(name: string): Promise<ScheduleRun>
  status(): Promise<readonly ScheduleStatus[]>
  /** The latest first. */
  history(filter?: { readonly schedule?: string; readonly limit?: number }): Promise<readonly ScheduleRun[]>
  start(): void
  stop(): Promise<void>
}

interface Row {
  readonly name: string
  readonly definition: string
  readonly next_at: unknown
  readonly last_at: unknown
  readonly last_job: string | null
}

const mostMissed = 1_000
const lateMs = 60_000
const tickMs = 1_000
const keptMs = 30 * 86_400_000

/**
 * Times are rows that advance in the transaction that dispatches: whoever holds the row has the time, and a crash leaves
 * either both or nothing behind.
 */
export function createScheduler({ database, schedules, queue, engine, clock, log }: SchedulerParts): Scheduler {
  const byName = new Map(schedules.map((schedule) => [schedule.name, schedule]))
  if (byName.size < schedules.length) {
    const twice = schedules.find(({ name }, index) => schedules.findIndex((other) => other.name === name) !== index)
    throw fail('SCHEDULE_INVALID', { found: JSON.stringify(twice?.name), reason: 'two schedules have this name; give one of them another by { name }' })
  }
  const now = () => Math.round(clock.now())
  let registered = false
  let timer: NodeJS.Timeout | undefined
  let ticking: Promise<unknown> = Promise.resolve()
  let stopped = false
  let pruneAt = 0

  async function rows(): Promise<Row[]> {
    return database.all<Row>(sql`select name, definition, next_at, last_at, last_job from glueful_schedules order by name`)
  }

  /** Adds the schedules of this release, and works out anew the next time of those that have changed. */
  async function register(): Promise<void> {
    const known = new Map((await rows()).map((row) => [row.name, row.definition]))
    for (const { name, definition, next } of schedules) {
      const nextAt = next(now()) ?? null
      if (known.get(name) === definition) continue
      const insert = sql`insert into glueful_schedules (name, definition, next_at) values (${name}, ${definition}, ${nextAt})`
      await (database.dialect === 'mysql'
        ? database.run(sql`${insert} on duplicate key update definition = values(definition), next_at = values(next_at)`)
        : database.run(sql`${insert} on conflict (name) do update set definition = excluded.definition, next_at = excluded.next_at`))
    }
    registered = true
  }

  async function tick(): Promise<number | undefined> {
    if (schedules.length === 0) return undefined
    if (!registered) await register()
    const time = now()
    let soonest: number | undefined
    for (const row of await rows()) {
      const schedule = byName.get(row.name)
      if (schedule === undefined || row.next_at === null) continue
      const nextAt = Number(row.next_at) <= time ? await runSurely(schedule, time) : Number(row.next_at)
      if (nextAt !== undefined) soonest = Math.min(soonest ?? nextAt, nextAt)
    }
    if (time >= pruneAt) {
      pruneAt = time + 3_600_000
      await database.run(sql`delete from glueful_schedule_runs where at < ${time - keptMs}`)
    }
    return soonest
  }

  /** One that cannot be dispatched must not hold up those behind it; its time stays, and is tried again. */
  async function runSurely(schedule: Scheduled, time: number): Promise<number | undefined> {
    try {
      return await runDue(schedule, time)
    } catch (err) {
      log.error({ err, schedule: schedule.name }, 'A schedule could not be dispatched; tried again')
      return time + tickMs
    }
  }

  async function runDue(schedule: Scheduled, time: number): Promise<number | undefined> {
    const runs: ScheduleRun[] = []
    const nextAt = await database.transaction(async () => {
      runs.length = 0
      const lock = database.dialect === 'sqlite' ? sql`` : sql` for update skip locked`
      const row = await database.first<Row>(
        sql`select name, definition, next_at, last_at, last_job from glueful_schedules where name = ${schedule.name}${lock}`,
      )
      // Somebody else has it, or has done it.
      if (row === undefined || row.next_at === null || Number(row.next_at) > time) return row === undefined ? time + tickMs : Number(row.next_at)
      const due: number[] = []
      let at: number | undefined = Number(row.next_at)
      for (; at !== undefined && at <= time; at = schedule.next(at)) {
        due.push(at)
        if (due.length > mostMissed) due.shift()
      }
      let lastJob = row.last_job ?? undefined
      for (const [index, dueAt] of due.entries()) {
        let reason = await skipReason(schedule, dueAt, index === due.length - 1, time, lastJob)
        const jobId = reason === undefined ? await dispatchUnlessTaken(schedule) : undefined
        if (reason === undefined && jobId === undefined) reason = 'overlap'
        lastJob = jobId ?? lastJob
        runs.push({ schedule: schedule.name, dueAt, at: time, outcome: jobId === undefined ? 'skipped' : 'dispatched', reason: reason ?? 'due', jobId })
      }
      await write(runs)
      await database.run(
        sql`update glueful_schedules set next_at = ${at ?? null}, last_at = ${due.at(-1) ?? null}, last_job = ${lastJob ?? null} where name = ${schedule.name}`,
      )
      return at
    })
    tell(schedule, runs)
    return nextAt
  }

  async function skipReason(
    schedule: Scheduled,
    dueAt: number,
    latest: boolean,
    time: number,
    lastJob: string | undefined,
  ): Promise<ScheduleRun['reason'] | undefined> {
    if (schedule.excluded(dueAt)) return 'window'
    const late = time - dueAt > lateMs
    if (schedule.missed === 'skip' && late) return 'missed'
    if (schedule.missed !== 'all' && !latest) return 'missed'
    if (!schedule.overlap && lastJob !== undefined) {
      const state = (await engine.find(lastJob))?.state
      if (state !== undefined && state !== 'done' && state !== 'cancelled' && !(schedule.missed === 'all' && late)) return 'overlap'
    }
    return undefined
  }

  async function dispatch({ job, payload }: Scheduled): Promise<string> {
    return ((await queue.dispatchMany(job, [payload]))[0] as { id: string }).id
  }

  /** Undefined where the job refuses to be queued beside one like it, whoever dispatched that. */
  async function dispatchUnlessTaken(schedule: Scheduled): Promise<string | undefined> {
    try {
      return await database.transaction(() => dispatch(schedule))
    } catch (error) {
      if ((error as { code?: unknown }).code === 'JOB_DUPLICATE') return undefined
      throw error
    }
  }

  async function write(runs: readonly ScheduleRun[]): Promise<void> {
    for (const run of runs) {
      await database.run(sql`insert into glueful_schedule_runs (id, schedule, due_at, at, outcome, reason, job_id)
        values (${createJobId(run.at)}, ${run.schedule}, ${run.dueAt}, ${run.at}, ${run.outcome}, ${run.reason}, ${run.jobId ?? null})`)
    }
  }

  function tell({ onRun }: Scheduled, runs: readonly ScheduleRun[]): void {
    for (const run of runs) {
      log.info({ ...run }, run.outcome === 'dispatched' ? 'A schedule was dispatched' : 'A time of a schedule was skipped')
      try {
        onRun?.(run)
      } catch (err) {
        log.error({ err, schedule: run.schedule }, 'onRun of a schedule failed')
      }
    }
  }

  function again(): void {
    ticking = tick()
      .catch((err: unknown) => {
        log.warn({ err }, 'Schedules could not be looked at; tried again')
        return undefined
      })
      .then((nextAt) => {
        if (stopped) return
        timer = setTimeout(again, nextAt === undefined ? tickMs : Math.min(tickMs, Math.max(10, nextAt - clock.now())))
      })
  }

  return {
    tick,
    runNow: async (name) => {
      const schedule = byName.get(name)
      if (schedule === undefined) throw fail('SCHEDULE_UNKNOWN', { name, known: [...byName.keys()] })
      if (!registered) await register()
      const run = await database.transaction(async () => {
        const jobId = await dispatch(schedule)
        const one: ScheduleRun = { schedule: name, dueAt: now(), at: now(), outcome: 'dispatched', reason: 'by hand', jobId }
        await write([one])
        await database.run(sql`update glueful_schedules set last_at = ${one.at}, last_job = ${jobId} where name = ${name}`)
        return one
      })
      tell(schedule, [run])
      return run
    },
    status: async () => {
      if (!registered) await register()
      const optional = (value: unknown) => (value === null ? undefined : Number(value))
      return (await rows()).flatMap((row) => {
        const schedule = byName.get(row.name)
        return schedule === undefined
          ? []
          : [{ name: row.name, job: schedule.job.name, definition: schedule.definition, nextAt: optional(row.next_at), lastAt: optional(row.last_at) }]
      })
    },
    history: async ({ schedule, limit = 100 } = {}) => {
      const only = schedule === undefined ? sql`` : sql`where schedule = ${schedule}`
      const list = await database.all<Record<string, unknown>>(
        sql`select schedule, due_at, at, outcome, reason, job_id from glueful_schedule_runs ${only} order by id desc limit ${Math.min(1_000, Math.max(1, limit))}`,
      )
      return list.map((row) => ({
        schedule: row['schedule'] as string,
        dueAt: Number(row['due_at']),
        at: Number(row['at']),
        outcome: row['outcome'] as ScheduleRun['outcome'],
        reason: row['reason'] as ScheduleRun['reason'],
        jobId: (row['job_id'] as string | null) ?? undefined,
      }))
    },
    start: () => {
      if (schedules.length > 0) again()
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await ticking
      clearTimeout(timer)
    },
  }
}
