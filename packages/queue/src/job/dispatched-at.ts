import type { NewJob } from '../engine/stored-job.ts'

/** A job that was planned before and is dispatched now: its delay and the window of its key begin now. */
export function dispatchedAt(now: number, job: NewJob): NewJob {
  const { createdAt, runAt, unique } = job
  const until = unique?.until
  return {
    ...job,
    createdAt: now,
    runAt: now + (runAt - createdAt),
    ...(unique === undefined || until === undefined ? undefined : { unique: { ...unique, until: now + (until - createdAt) } }),
  }
}

/** The first job of a chain with those behind it in its meta; undefined where nothing is left of it. */
export function nextOfChain(now: number, chain: readonly NewJob[] = []): NewJob | undefined {
  const [next, ...rest] = chain
  if (next === undefined) return undefined
  return dispatchedAt(now, { ...next, meta: { ...next.meta, ...(rest.length === 0 ? undefined : { chain: rest }) } })
}
