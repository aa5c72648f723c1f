import { currentSandbox, type Sandbox } from 'glueful'
import { decodePayload } from '../job/payload.ts'
import type { Engine } from './engine.ts'
import type { NewJob } from './stored-job.ts'

/** An engine that a sandboxed run changes nothing of: what it would store is captured, whichever engine it is. */
export function holdBack(engine: Engine): Engine {
  return {
    ...engine,
    enqueue: (jobs) => {
      const sandbox = currentSandbox()
      if (sandbox === undefined) return engine.enqueue(jobs)
      return (async () => {
        for (const job of jobs) captureDispatch(sandbox, job)
        return jobs.map(({ id }) => ({ id, outcome: 'queued' as const }))
      })()
    },
    enqueueBatch: async (batch, jobs) => {
      const sandbox = currentSandbox()
      if (sandbox === undefined) return engine.enqueueBatch(batch, jobs)
      const callbacks = Object.entries(batch.callbacks).map(([when, { job }]: [string, NewJob]) => `${when}: ${job}`)
      sandbox.capture('queue', `batch of ${jobs.length} jobs`, { id: batch.id, name: batch.name, callbacks })
      for (const job of jobs) captureDispatch(sandbox, job)
    },
    pause: (queue) => captured(`pause ${queue}`, () => engine.pause(queue)),
    resume: (queue) => captured(`resume ${queue}`, () => engine.resume(queue)),
    cancel: async (id) => {
      const sandbox = currentSandbox()
      if (sandbox === undefined) return engine.cancel(id)
      sandbox.capture('queue', `cancel ${id}`)
      const state = (await engine.find(id))?.state
      return state !== undefined && state !== 'done' && state !== 'cancelled'
    },
  }
}

/** A job that would be dispatched now. */
export function captureDispatch(sandbox: Sandbox, { id, job, queue, payload, createdAt, runAt, meta, after }: NewJob): void {
  const delayMs = runAt - createdAt
  sandbox.capture('dispatch', `${job} to ${queue}${delayMs > 0 ? ` in ${delayMs} ms` : ''}`, {
    id,
    payload: decodePayload(payload),
    ...(meta?.chain === undefined ? undefined : { chain: meta.chain.map((next) => next.job) }),
    ...(after === undefined ? undefined : { after }),
  })
}

async function captured(what: string, work: () => Promise<void>): Promise<void> {
  const sandbox = currentSandbox()
  if (sandbox === undefined) return work()
  sandbox.capture('queue', what)
}
