import type { Database } from '@glueful/database'
import type { Dispatched } from '../../../job/dispatcher.ts'
import type { NewJob } from '../../stored-job.ts'
import { buryForeign } from './bury.ts'

export interface FollowParts {
  readonly database: Database
  readonly now: () => number
  readonly enqueue: (jobs: readonly NewJob[]) => Promise<readonly Dispatched[]>
}

/**
 * Dispatches what follows work that is done. One that is refused because another holds its key lies with the dead letters,
 * to be retried with what is behind it: the work before it stays done, and nobody is there who could be told.
 */
export async function enqueueFollowing({ database, now, enqueue }: FollowParts, jobs: readonly NewJob[]): Promise<void> {
  for (const job of jobs) {
    try {
      await database.transaction(() => enqueue([job]))
    } catch (error) {
      const { code, name, message } = error as Error & { code?: unknown }
      if (code !== 'JOB_DUPLICATE') throw error
      await buryForeign(database, job, 0, [{ at: now(), attempt: 0, worker: '', kind: 'error', name, message, code }], now())
    }
  }
}
