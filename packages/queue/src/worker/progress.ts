import type { Clock, Logger } from 'glueful'
import type { Deliver, Delivery } from '../engine/engine.ts'

const progressMs = 500

export interface ProgressTools {
  readonly engine: Pick<Deliver, 'reportProgress'>
  readonly clock: Clock
  readonly log: Logger
}

/** Writes at most every half second, and the last word of a job that says nothing more. */
export function createProgress(delivery: Delivery, { engine, clock, log }: ProgressTools): (value: unknown) => void {
  let last = -Infinity
  let timer: NodeJS.Timeout | undefined
  let text: string | undefined
  const write = () => {
    timer = undefined
    last = clock.monotonic()
    if (text === undefined) return
    engine.reportProgress(delivery, text).catch((err: unknown) => log.debug({ err, jobId: delivery.id }, 'Progress could not be written'))
  }
  return (value) => {
    text = JSON.stringify(value)
    const wait = last + progressMs - clock.monotonic()
    if (wait <= 0) write()
    else if (timer === undefined) {
      timer = setTimeout(write, wait)
      timer.unref()
    }
  }
}
