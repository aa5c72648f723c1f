import type { Clock } from '../../foundation/clock.ts'
import type { Limiter } from '../rate-limit/limiter.ts'

/** Addresses that are kept out, as this process knows them. */
export interface BlockList {
  /** Whether nobody is kept out: nearly always. */
  readonly isEmpty: boolean
  /** How long the subject is still kept out, in ms; 0 when it is not. */
  remaining(subject: string): number
  /** Keeps it out, here at once and in the other processes within a second. */
  block(subject: string, ms: number): Promise<void>
  /** Whether this process knows what the others knew a second ago. */
  isFresh(): boolean
  refresh(): Promise<void>
}

const list = 'errors'
const staleAfter = 1_000
/** More than this are not remembered: they get their errors answered. */
const most = 100_000

/** Asks the store at most once a second, and only while there are requests. */
export function createBlockList(limiter: Limiter, clock: Clock, shared: boolean): BlockList {
  const until = new Map<string, number>()
  let readAt = -Infinity
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    try {
      const blocks = await limiter.blocked(list)
      readAt = clock.monotonic()
      forget()
      for (const { subject, remainingMs } of blocks) until.set(subject, readAt + remainingMs)
    } finally {
      reading = undefined
    }
  }

  function forget(): void {
    const now = clock.monotonic()
    for (const [subject, end] of until) if (end <= now) until.delete(subject)
  }

  return {
    get isEmpty() {
      return until.size === 0
    },
    remaining(subject) {
      return Math.max(0, (until.get(subject) ?? 0) - clock.monotonic())
    },
    async block(subject, ms) {
      if (until.size >= most) forget()
      if (until.size < most) until.set(subject, clock.monotonic() + ms)
      if (shared) await limiter.block(list, subject, ms)
    },
    // With one process there are no others.
    isFresh: () => !shared || clock.monotonic() - readAt < staleAfter,
    refresh: () => (reading ??= read()),
  }
}
