import type { Delivery, Engine } from '../../engine.ts'
import type { NewJob } from '../../stored-job.ts'
import type { RedisClaims } from './claim-from-redis.ts'
import type { HeldJobs } from './held-jobs.ts'
import type { RedisSettling } from './settle-in-redis.ts'

export interface BringOverTools {
  readonly books: Engine
  readonly claims: RedisClaims
  readonly settling: RedisSettling
  readonly held: HeldJobs
  /** Queues that have limits. */
  readonly queues: Iterable<string>
}

const partSize = 200
const porter = 'bring-over'

/**
 * Brings over to the database what Redis has of queues that have limits: jobs of a release that knew none. Each is claimed
 * first, stored, and then done with in Redis; one that was stored by somebody who died in between is found by its id.
 */
export function createBringOver({ books, claims, settling, held, queues }: BringOverTools) {
  async function bringPart(queue: string): Promise<number> {
    const left = await claims.claim(queue, porter, partSize)
    try {
      const there = await Promise.all(left.map(({ id }) => books.find(id)))
      const missing = left.filter((_, index) => there[index] === undefined)
      if (missing.length > 0) await books.enqueue(missing.map(toNewJob))
      await Promise.all(left.map((delivery) => settling.settleOne({ kind: 'complete', delivery })))
    } finally {
      // What could not be brought over comes back in Redis when its lock has ended.
      held.leave(porter)
    }
    return left.length
  }

  async function bringAll(): Promise<void> {
    for (const queue of queues) while ((await bringPart(queue)) === partSize);
  }

  // The workers of a process are one porter.
  let running: Promise<void> | undefined
  return (): Promise<void> => (running ??= bringAll().finally(() => (running = undefined)))
}

function toNewJob({ id, job, queue, payload, priority, createdAt, runAt, attempt, tries, failures, meta }: Delivery): NewJob {
  return { id, job, queue, payload, priority, createdAt, runAt, tries, keepMs: 0, failures, meta, attempts: attempt - 1 }
}
