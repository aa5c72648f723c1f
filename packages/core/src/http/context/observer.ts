import type { Context } from './context.ts'

/** Sees every request once, whatever became of it. Implementations must not throw and must be quick. */
export interface Observer {
  /** Called when the answer has been handed to the socket, or the client has gone; `bytes` is the length of the body. */
  finished(ctx: Context, status: number, bytes: number): void
}
