import type { Delivery } from '../../engine.ts'
import type { RedisJob } from './redis-job.ts'

export interface HeldJob {
  readonly job: RedisJob
  readonly delivery: Delivery
  readonly worker: string
}

/** Jobs that workers of this process have from Redis. */
export function createHeldJobs() {
  const byWorker = new Map<string, Map<string, HeldJob>>()
  const byId = new Map<string, HeldJob>()
  const forget = (held: HeldJob) => {
    byWorker.get(held.worker)?.delete(held.delivery.id)
    if (byId.get(held.delivery.id) === held) byId.delete(held.delivery.id)
  }
  return {
    add(held: HeldJob): void {
      let mine = byWorker.get(held.worker)
      if (mine === undefined) byWorker.set(held.worker, (mine = new Map()))
      mine.set(held.delivery.id, held)
      byId.set(held.delivery.id, held)
    },
    /** Of this very delivery: an older one of the same job is somebody else's by now. */
    find({ id, claim, attempt }: Delivery): HeldJob | undefined {
      const held = byId.get(id)
      return held?.delivery.claim === claim && held.delivery.attempt === attempt ? held : undefined
    },
    of: (worker: string): readonly HeldJob[] => [...(byWorker.get(worker)?.values() ?? [])],
    forget,
    leave(worker: string): void {
      for (const held of byWorker.get(worker)?.values() ?? []) forget(held)
      byWorker.delete(worker)
    },
  }
}

export type HeldJobs = ReturnType<typeof createHeldJobs>
