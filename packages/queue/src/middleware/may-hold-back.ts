import { currentSandbox } from 'glueful'
import type { JobContext } from '../job/job-context.ts'
import { QueueService } from '../queue/queue-parts.ts'

/** Whether a job could run later: one that runs where it is dispatched could not, and a run in the sandbox shows what the job does. */
export function mayHoldBack({ use }: Pick<JobContext, 'use'>): boolean {
  return currentSandbox() === undefined && use(QueueService).engine.name !== 'sync'
}
