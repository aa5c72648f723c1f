import { parseDuration } from '../duration.ts'
import { fail } from '../errors/catalog.ts'
import { withDeadline } from './with-deadline.ts'
import { timedOut, type Task, type TimeLimit } from './with-timeout.ts'

/**
 * Settles as the first task that settles; the signals of the others are aborted. The winner's signal is not, so it may
 * go on to read a stream that it answered with.
 *
 * @example
 * const reply = await race([(signal) => fetch(near, { signal }), (signal) => fetch(far, { signal })], { timeout: '1s' })
 *
 * @throws `TIMED_OUT` (504) when the time is up; `RACE_EMPTY` for no tasks, which would never settle
 */
export async function race<T>(tasks: readonly Task<T>[], { timeout, signal }: TimeLimit = {}): Promise<T> {
  if (tasks.length === 0) throw fail('RACE_EMPTY', undefined)
  const ms = timeout === undefined ? undefined : parseDuration(timeout, 'The timeout of race')
  return withDeadline((outer) => runAll(tasks, outer), { ms, signal, expired: timedOut })
}

async function runAll<T>(tasks: readonly Task<T>[], outer: AbortSignal): Promise<T> {
  const runners = tasks.map(() => new AbortController())
  let winner = -1

  async function run(task: Task<T>, index: number): Promise<T> {
    try {
      return await (typeof task === 'function' ? task(AbortSignal.any([outer, (runners[index] as AbortController).signal])) : task)
    } finally {
      if (winner === -1) winner = index
    }
  }

  try {
    return await Promise.race(tasks.map(run))
  } finally {
    const lost = new DOMException('Another task was faster.', 'AbortError')
    runners.forEach((runner, index) => index !== winner && runner.abort(lost))
  }
}
