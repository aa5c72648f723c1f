import type { Context } from './context.ts'

/** What the HTTP parser could not read, and so reached no route. */
export interface Refusal {
  readonly status: number
  readonly code: string
  /** The other end of the connection, which may be a proxy. */
  readonly address: string | undefined
}

/** Sees every request once, whatever became of it. Implementations must not throw and must be quick. */
export interface Observer {
  /** Called when the answer has been handed to the socket, or the client has gone; `bytes` is the length of the body. */
  finished(ctx: Context, status: number, bytes: number): void
  /** Called for each request that was refused before there was one. */
  refused(refusal: Refusal): void
}
