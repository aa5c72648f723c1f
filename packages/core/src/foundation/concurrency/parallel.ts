import { parseDuration } from '../duration.ts'
import { requireWholeNumber } from './require-whole-number.ts'
import { withDeadline } from './with-deadline.ts'
import { timedOut, type Task, type TimeLimit } from './with-timeout.ts'

export interface ParallelOptions extends TimeLimit {
  /** How many functions run at the same time. Default: all. */
  readonly concurrency?: number
}

/** What a record of tasks becomes. */
export type TaskResults<Tasks> = {
  -readonly [Key in keyof Tasks]: Tasks[Key] extends (...args: never[]) => infer Result ? Awaited<Result> : Awaited<Tasks[Key]>
}

/**
 * Runs tasks side by side and gives their results under the same keys. On the first failure the signal of all others is
 * aborted, those that wait for their turn never start, and the failure is thrown at once. Promises run already; they are
 * waited for, and neither count for `concurrency` nor can be cancelled.
 *
 * @example
 * const { user, cars } = await parallel(
 *   { user: (signal) => api.user(id, { signal }), cars: (signal) => api.cars(id, { signal }) },
 *   { timeout: '2s', signal: ctx.signal },
 * )
 *
 * @throws `TIMED_OUT` (504) when the time is up; `INVALID_NUMBER` and `INVALID_DURATION` for options that are wrong
 */
export async function parallel<Tasks extends Readonly<Record<string, Task<unknown>>>>(
  tasks: Tasks,
  { concurrency, timeout, signal }: ParallelOptions = {},
): Promise<TaskResults<Tasks>> {
  const entries = Object.entries(tasks)
  const width = concurrency === undefined ? entries.length : requireWholeNumber('concurrency', concurrency)
  const ms = timeout === undefined ? undefined : parseDuration(timeout, 'The timeout of parallel')
  return withDeadline((inner) => runAll(entries, width, inner), { ms, signal, expired: timedOut }) as Promise<TaskResults<Tasks>>
}

async function runAll(entries: readonly (readonly [string, Task<unknown>])[], width: number, signal: AbortSignal): Promise<object> {
  const results = new Map<string, unknown>(entries.map(([key]) => [key, undefined]))
  const waiting = entries.filter(([, task]) => typeof task === 'function').values()

  async function lane(): Promise<void> {
    for (const [key, task] of waiting) {
      if (signal.aborted) return
      results.set(key, await (task as (signal: AbortSignal) => unknown)(signal))
    }
  }

  async function arrival(key: string, task: unknown): Promise<void> {
    results.set(key, await task)
  }

  // Every promise is watched from the start: one that rejects while others wait must not go unhandled.
  const arrivals = entries.filter(([, task]) => typeof task !== 'function').map(([key, task]) => arrival(key, task))
  const lanes = Array.from({ length: Math.min(width, entries.length) }, lane)
  await Promise.all([...arrivals, ...lanes])
  return Object.fromEntries(results)
}
