import { fail } from '../errors.ts'
import type { AnyJob } from '../job/job.ts'
import type { Scheduled } from '../schedule/scheduled.ts'

/** Jobs among the values of modules: `import * as jobs from './jobs/index.ts'`. */
export type JobModule = Readonly<Record<string, unknown>>

/** The schedules of a record or list, groups included. */
export function collectSchedules(...sources: readonly unknown[]): Scheduled[] {
  const found = new Set<Scheduled>()
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return
    const { kind } = value as { kind?: unknown }
    if (kind === 'scheduled') found.add(value as Scheduled)
    else if (depth < 3 && kind === undefined) for (const inner of Object.values(value)) visit(inner, depth + 1)
  }
  for (const source of sources) visit(source, 0)
  return [...found]
}

/**
 * The jobs of records or lists, groups included, by name; other values are left alone.
 * @throws `JOB_NAME_TAKEN`
 */
export function collectJobs(...sources: readonly unknown[]): Map<string, AnyJob> {
  const jobs = new Map<string, AnyJob>()
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return
    if ((value as { kind?: unknown }).kind === 'job') {
      const job = value as AnyJob
      if (jobs.has(job.name) && jobs.get(job.name) !== job) throw fail('JOB_NAME_TAKEN', { job: job.name })
      jobs.set(job.name, job)
    } else if (depth < 3 && (value as { kind?: unknown }).kind === undefined) {
      for (const inner of Object.values(value)) visit(inner, depth + 1)
    }
  }
  for (const source of sources) visit(source, 0)
  return jobs
}

declare module 'glueful' {
  interface Extension {
    /** Jobs and schedules that the extension brings, run by the workers of the application like its own. */
    readonly jobs?: JobModule
  }
}
