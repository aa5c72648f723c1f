import { Cron } from 'croner'
import { parseDuration, type Duration } from 'glueful'
import { fail } from '../errors.ts'
import { isName, nameRule } from '../job/compile-job.ts'
import type { AnyJob, Job } from '../job/job.ts'
import { compileWindows, type Window } from './windows.ts'

export interface ScheduleOptions {
  /** IANA name of the time zone that times of day are meant in. Default: `UTC`. */
  readonly timeZone?: string
}

export interface RunOptions {
  /** Of the schedule, where one job has several. Default: the name of the job. */
  readonly name?: string
  /**
   * What becomes of times that passed while nothing ran: `once` (default) runs for the latest, `all` for each of them (at
   * most 1,000), `skip` for none that is more than a minute late.
   */
  readonly missed?: 'skip' | 'once' | 'all'
  /** Whether it may run while its previous run waits or runs. Default: false; the time is skipped. */
  readonly overlap?: boolean
  /** When not to run: maintenance windows. */
  readonly except?: readonly Window[]
  /** Told when it is dispatched, or skipped and why. */
  readonly onRun?: (run: ScheduleRun) => void
}

/** One time of a schedule, and what became of it. */
export interface ScheduleRun {
  readonly schedule: string
  /** ms since the epoch. */
  readonly dueAt: number
  readonly at: number
  readonly outcome: 'dispatched' | 'skipped'
  readonly reason: 'due' | 'missed' | 'overlap' | 'window' | 'by hand'
  readonly jobId: string | undefined
}

/** A job with its times, as a plain value; made by `cron(…).run(…)` and `every(…).run(…)`. */
export interface Scheduled {
  readonly kind: 'scheduled'
  readonly name: string
  readonly job: AnyJob
  readonly payload: unknown
  /** When it changes, the next time is worked out anew: `cron 0 3 * * * Europe/Berlin`. */
  readonly definition: string
  /** The first time after `after`, both in ms since the epoch. */
  readonly next: (after: number) => number | undefined
  readonly missed: 'skip' | 'once' | 'all'
  readonly overlap: boolean
  /** Whether a time lies in a maintenance window. */
  readonly excluded: (at: number) => boolean
  readonly onRun: ((run: ScheduleRun) => void) | undefined
}

export interface Times {
  /** The job to dispatch, with its payload where it has one. */
  run<Input>(
    job: Job<Input, unknown>,
    ...rest: Input extends void ? [payload?: undefined, options?: RunOptions] : [payload: Input, options?: RunOptions]
  ): Scheduled
}

/**
 * Times by a cron pattern: five fields, or six with seconds first. Where the clock is put forward, a time that does not
 * exist runs right after the gap; where it is put back, a fixed time of day runs once and `*` runs in both hours.
 *
 * @example
 * cron('0 3 * * *', { timeZone: 'Europe/Berlin' }).run(NightlyReport)
 *
 * @throws `SCHEDULE_INVALID`
 */
export function cron(pattern: string, { timeZone = 'UTC' }: ScheduleOptions = {}): Times {
  let times: Cron
  try {
    times = new Cron(pattern, { timezone: timeZone, paused: true, mode: '5-or-6-parts' })
    times.nextRun(new Date(0))
  } catch (cause) {
    throw fail('SCHEDULE_INVALID', { found: `${pattern} (${timeZone})`, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
  return timesOf(`cron ${pattern} ${timeZone}`, (after) => times.nextRun(new Date(after))?.getTime(), timeZone)
}

/**
 * Times at equal distances, counted from the epoch, so that they are the same in every process: every('15m') is at :00,
 * :15, :30 and :45.
 * @throws `SCHEDULE_INVALID` for less than a second
 */
export function every(interval: Duration): Times {
  const ms = parseDuration(interval, 'The interval of every')
  if (!(ms >= 1_000)) throw fail('SCHEDULE_INVALID', { found: String(interval), reason: 'it is less than a second' })
  return timesOf(`every ${ms}`, (after) => (Math.floor(after / ms) + 1) * ms, 'UTC')
}

function timesOf(definition: string, next: Scheduled['next'], timeZone: string): Times {
  return {
    run: (job, payload?: unknown, options: RunOptions = {}) => {
      const { name = job.name, missed = 'once', overlap = false, except = [], onRun } = options
      if (!isName(name)) throw fail('SCHEDULE_INVALID', { found: JSON.stringify(name), reason: `a name is ${nameRule}` })
      if (!['skip', 'once', 'all'].includes(missed)) throw fail('SCHEDULE_INVALID', { found: String(missed), reason: "missed is 'skip', 'once' or 'all'" })
      const excluded = compileWindows(except, timeZone)
      return { kind: 'scheduled', name, job: job as unknown as AnyJob, payload, definition, next, missed, overlap, excluded, onRun }
    },
  }
}
