import type { Readable } from 'node:stream'

/** The unread body of a request, the same for both doors. */
export interface BodySource {
  /** The value of a request header; `name` in lower case. */
  readHeader(name: string): string | undefined
  /** Whether the request announces a body; what it announces may still be empty. */
  readonly hasBody: boolean
  /** The bytes as they arrive. The first call answers `Expect: 100-continue`; call it once. */
  stream(): Readable
  /** Runs when the request has ended, however it ended. */
  onEnd(cleanup: () => void | Promise<void>): void
}
