import type { Context } from './context.ts'
import type { Reply } from './reply.ts'

/**
 * The order in which a request passes the stages. On the way out a reply first passes `shape` (its body is still a value),
 * is encoded, passes `send`, and then guard, read, identify, admit and edge in reverse (its `payload` is what goes on the wire).
 */
export const phases = ['edge', 'admit', 'identify', 'read', 'guard', 'handle', 'shape', 'send'] as const
export type Phase = (typeof phases)[number]

export type Awaitable<T> = T | Promise<T>

/**
 * One step of a route's pipeline. Any part may be synchronous; a route whose parts all are is served without a promise.
 * Within a phase, stages run in the order of the options' registration.
 */
export interface Stage {
  /** The option's name, shown by `glueful routes --explain`. */
  readonly name: string
  readonly phase: Phase
  /** Flat name, value pairs that every answer of the route carries; prebuilt once. */
  readonly constantHeaders?: readonly string[]
  /** Runs on the way in (not in `shape` and `send`). A returned reply ends the way in; a thrown error is rendered. */
  readonly before?: (ctx: Context) => Awaitable<Reply | void>
  /**
   * Runs on the way out. In `shape` and `send` it sees what the handler answered; in the earlier phases it sees every
   * answer given after this stage was reached: replies of handlers and stages, and rendered errors.
   */
  readonly after?: (ctx: Context, reply: Reply) => Awaitable<Reply | void>
  /**
   * Runs around everything later (time-outs, foreign middleware). Costs a closure a request; prefer before and after.
   * `next` may be given another context, for work that outlives the request.
   */
  readonly around?: (ctx: Context, next: (other?: Context) => Awaitable<Reply>) => Awaitable<Reply>
}
