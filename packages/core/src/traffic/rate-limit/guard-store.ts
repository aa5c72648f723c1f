import { systemClock } from '../../foundation/clock.ts'
import type { Logger } from '../../foundation/logging/logger.ts'

export interface StoreGuard {
  /** The store's answer, or undefined once it is clear that none comes in time. */
  ask<T>(question: () => T | Promise<T>): Promise<T | undefined>
}

/** How long a store that answers quickly is waited for, in ms; leaves room below the 50 that a decision may take. */
const usualPatience = 40
/** The same for a store that is known to be slow, or not known yet. */
const longestPatience = 2_000
/**
 * Waiting is counted in steps of so many ms, and a step that comes late counts once: where this process gets no time to
 * run, an answer may be there that it has not come to read.
 */
const step = 5
/** How fast it is forgotten that the store was slow: half of it in so many ms. */
const halfLife = 500
/** How long a silent store is left alone before it is asked again, in ms. */
const rest = 500

export interface StoreGuardOptions {
  readonly log: Logger
  /** The least time that silence is waited for, in ms. Default: 40. */
  readonly patience?: () => number
}

interface Asked {
  readonly at: number
  readonly steps: number
  giveUp(): void
}

/**
 * Keeps a store that is away or silent from holding requests up. One that cannot be reached says so at once; one that is
 * silent counts as lost after 40 ms, or after four times what its slowest answers took lately, so that a database under
 * load is still asked; as long as it answers others, it is only busy. A lost store is asked again by one request each
 * half second.
 */
export function createStoreGuard({ log, patience = () => usualPatience }: StoreGuardOptions): StoreGuard {
  // Real time, as that of the timers.
  const now = systemClock.monotonic
  const waiting = new Set<Asked>()
  let ticker: NodeJS.Timeout | undefined
  let steps = 0
  let stepsInSilence = 0
  let slowest = Infinity
  let slowestAt = 0
  let silentUntil = -Infinity
  let lost = false

  function answered(tookMs: number): void {
    const at = now()
    const remembered = slowest === Infinity ? 0 : slowest * 0.5 ** ((at - slowestAt) / halfLife)
    slowest = Math.max(tookMs, remembered)
    slowestAt = at
    stepsInSilence = 0
    silentUntil = -Infinity
    if (lost) log.info('The store of the limits answers again')
    lost = false
  }

  function unanswered(error: unknown): void {
    if (!lost) log.error({ err: error }, 'The store of the limits does not answer; each rule does what its onStoreLoss says')
    lost = true
  }

  function patienceNow(): number {
    const usual = slowest * 0.5 ** ((now() - slowestAt) / halfLife) * 4
    return Math.min(longestPatience, Math.max(patience(), usual))
  }

  function tick(): void {
    // Answers that are there are read first.
    setImmediate(() => {
      steps++
      stepsInSilence++
      const patient = patienceNow()
      if (stepsInSilence * step < patient) return
      for (const asked of waiting) if ((steps - asked.steps) * step >= patient) asked.giveUp()
    })
  }

  function leave(asked: Asked): void {
    waiting.delete(asked)
    if (waiting.size > 0) return
    clearInterval(ticker)
    ticker = undefined
  }

  function wait<T>(question: () => T | Promise<T>, resolve: (answer: T | undefined) => void): void {
    const asked: Asked = {
      at: now(),
      steps,
      giveUp() {
        silentUntil = now() + rest
        unanswered(new DOMException(`no answer for ${Math.round(now() - asked.at)} ms`, 'TimeoutError'))
        leave(asked)
        resolve(undefined)
      },
    }
    if (waiting.size === 0) stepsInSilence = 0
    waiting.add(asked)
    ticker ??= setInterval(tick, step)
    void (async () => question())().then(
      (answer) => {
        answered(now() - asked.at)
        leave(asked)
        resolve(answer)
      },
      (error: unknown) => {
        if (waiting.has(asked)) unanswered(error)
        leave(asked)
        resolve(undefined)
      },
    )
  }

  return {
    ask(question) {
      if (now() < silentUntil) return Promise.resolve(undefined)
      // The next ones do not wait for the same silence; an answer lifts this.
      if (lost) silentUntil = now() + rest
      return new Promise((resolve) => wait(question, resolve))
    },
  }
}
