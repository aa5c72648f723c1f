import { currentDispatcher, type Dispatched } from './dispatcher.ts'
import type { PlannedJob } from './job.ts'

/** Jobs one after the other: each is dispatched when the one before it is done, in the same commit. */
export interface Chain {
  readonly kind: 'chain'
  readonly jobs: readonly PlannedJob[]
  /** Stores the first one, and the others with it. */
  dispatch(): Promise<Dispatched>
}

/**
 * Plans jobs one after the other. When one lies with the dead letters, those behind it wait until it is retried.
 *
 * @example
 * await chain([ReadFile.with({ file }), Import.with({ file }), Tell.with({ userId })]).dispatch()
 */
export function chain(jobs: readonly [PlannedJob, ...PlannedJob[]]): Chain {
  return { kind: 'chain', jobs, dispatch: async () => currentDispatcher(jobs[0].job.name).dispatchChain(jobs) }
}
