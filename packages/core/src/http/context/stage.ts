import type { Context } from './context.ts'
import type { Reply } from './reply.ts'

/** The order in which a request passes the stages; replies pass them the other way round. */
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
  /** Runs on the way in. A returned reply ends the way in; a thrown error is rendered. */
  readonly before?: (ctx: Context) => Awaitable<Reply | void>
  /**
   * Runs on the way out, for every answer that came after this stage was reached: replies of handlers and stages, and
   * rendered errors. In the phases up to `shape` the reply's body is a value; in `send` and `edge` its `payload` is encoded.
   */
  readonly after?: (ctx: Context, reply: Reply) => Awaitable<Reply | void>
  /** Runs around everything later (time-outs, foreign middleware). Costs a closure a request; prefer before and after. */
  readonly around?: (ctx: Context, next: () => Awaitable<Reply>) => Awaitable<Reply>
}
