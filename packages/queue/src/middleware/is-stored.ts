import type { JobContext } from '../job/job-context.ts'
import { QueueService } from '../queue/queue-parts.ts'

/** Whether the job comes from a queue that could keep it for later; one that runs where it is dispatched is held back by nothing. */
export function isStored({ use }: Pick<JobContext, 'use'>): boolean {
  return use(QueueService).engine.name !== 'sync'
}
