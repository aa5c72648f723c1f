import type { Logger } from 'glueful'

/** Tells the log when the queue is away and when it is back, once each, however often and by whomever it is asked meanwhile. */
export function createReach(log: Logger) {
  let isAway = false
  return {
    failed(err: unknown, message: string): void {
      if (isAway) log.debug({ err }, message)
      else log.error({ err }, message)
      isAway = true
    },
    answered(): void {
      if (isAway) log.info('The queue answers again')
      isAway = false
    },
  }
}

export type Reach = ReturnType<typeof createReach>
