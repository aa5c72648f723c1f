import { systemClock } from '../../foundation/clock.ts'
import type { Logger } from '../../foundation/logging/logger.ts'

export interface StoreGuardOptions {
  readonly log: Logger
}

export interface StoreGuard {
  /** The store's answer, or undefined once it is clear that none comes in time. */
  ask<T>(question: () => T | Promise<T>): Promise<T | undefined>
}

/** After so long without any answer the store counts as lost, in ms; leaves room below the 50 that a decision may take. */
export const patience = 40
/** How long a silent store is left alone before it is asked again, in ms. */
const rest = 500

/**
 * Keeps a store that is away or silent from holding requests up. A store that answers others is only busy, and is waited
 * for; one that answers nobody for 40 ms is lost, and then asked again by one request each half second.
 */
export function createStoreGuard({ log }: StoreGuardOptions): StoreGuard {
  // Real time, as that of the timers.
  const now = systemClock.monotonic
  let answeredAt = -Infinity
  let silentUntil = -Infinity
  let lost = false

  function answered(): void {
    answeredAt = now()
    silentUntil = -Infinity
    if (lost) log.info('The store of the limits answers again')
    lost = false
  }

  function unanswered(error: unknown): void {
    if (!lost) log.error({ err: error }, 'The store of the limits does not answer; each rule does what its onStoreLoss says')
    lost = true
  }

  return {
    ask(question) {
      if (now() < silentUntil) {
        return Promise.resolve(undefined)
      }
      // The next ones do not wait for the same silence; an answer lifts this.
      if (lost) silentUntil = now() + rest
      return new Promise((resolve) => {
        let settled = false
        let askedAt = now()
        let timer = setTimeout(late, patience)
        const settle = () => {
          settled = true
          clearTimeout(timer)
        }
        function late(): void {
          // After a pause of this process, answers that came meanwhile are read first.
          setImmediate(() => {
            if (settled) return
            if (answeredAt > askedAt) {
              askedAt = answeredAt
              timer = setTimeout(late, patience)
              return
            }
            settled = true
            silentUntil = now() + rest
            unanswered(new DOMException(`no answer within ${patience} ms`, 'TimeoutError'))
            resolve(undefined)
          })
        }
        void (async () => question())().then(
          (answer) => {
            answered()
            if (settled) return
            settle()
            resolve(answer)
          },
          (error: unknown) => {
            if (settled) return
            settle()
            unanswered(error)
            resolve(undefined)
          },
        )
      })
    },
  }
}
