import { parseDuration, Redaction } from 'glueful'
import type { Delivery, Engine, Settlement } from '../engine/engine.ts'
import type { NewJob } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import type { CompiledJob } from '../job/compile-job.ts'
import { isVerdict, type Verdict } from '../job/verdict.ts'
import { toFailure } from './failure.ts'
import { shownFailure } from './shown-failure.ts'
import { callHandler, createJobContext, readPayload, type RunTools } from './run-job.ts'

export interface AttemptTools extends RunTools {
  readonly engine: Engine
  readonly worker: () => string
  /** From 0 up to, not including, 1. */
  readonly random: () => number
}

/** One run of a handler for a delivery. */
export interface Attempt {
  readonly delivery: Delivery
  readonly startedAt: number
  /** Monotonic ms after which it has taken too long. */
  readonly deadline: number
  /** Aborts its signal, and decides what becomes of it where the handler fails because of that. */
  abort(reason: Error): void
  /** What became of it; undefined where that is somebody else's to say. */
  readonly settled: Promise<Settlement | undefined> | Settlement | undefined
}

/**
 * Starts a handler. Nothing is made that a handler does not ask for: no abort controller without a look at the signal,
 * no timer at all, because the worker looks at the deadlines of all attempts together.
 */
export function startAttempt(job: CompiledJob, delivery: Delivery, tools: AttemptTools): Attempt {
  const { clock, engine, log } = tools
  const monotonic = clock.monotonic()
  let controller: AbortController | undefined
  let aborted: Error | undefined
  let interrupt: ((reason: Error) => void) | undefined
  const progress = createProgress(delivery, tools)

  const signal = () => {
    if (controller === undefined) {
      controller = new AbortController()
      if (aborted !== undefined) controller.abort(aborted)
    }
    return controller.signal
  }
  const handle = (payload: unknown): unknown => callHandler(job, createJobContext(job, delivery, payload, signal, tools, progress))

  const run = (): unknown => {
    const payload = readPayload(job, delivery.payload)
    return payload instanceof Promise ? payload.then(handle) : handle(payload)
  }

  function succeed(value: unknown): Settlement {
    if (isVerdict(value)) return fromVerdict(value)
    return { kind: 'complete', delivery, ...resultOf(value), ...followOf() }
  }
  function fromVerdict(verdict: Verdict): Settlement {
    if (verdict.verdict === 'skip') return { kind: 'complete', delivery, ...followOf() }
    if (verdict.verdict === 'release') return { kind: 'release', delivery, runAt: clock.now() + parseDuration(verdict.delay, 'The delay of release') }
    const failure = toFailure({ name: 'Buried', message: verdict.reason }, { ...about(), kind: 'buried' })
    return { kind: 'bury', delivery, failure: { ...failure, name: 'Buried', message: verdict.reason.slice(0, 4_000) } }
  }
  function resultOf(value: unknown): { readonly result?: string } {
    if (delivery.keepMs === 0 || value === undefined) return {}
    const text = JSON.stringify(value)
    return text === undefined ? {} : { result: text }
  }
  function followOf(): { readonly follow?: readonly NewJob[] } {
    const [next, ...rest] = delivery.meta.chain ?? []
    if (next === undefined) return {}
    const now = Math.round(clock.now())
    const meta = { ...next.meta, ...(rest.length === 0 ? undefined : { chain: rest }) }
    return { follow: [{ ...next, createdAt: now, runAt: now + (next.runAt - next.createdAt), meta }] }
  }
  const about = () => ({ at: Math.round(clock.now()), attempt: delivery.attempt, worker: tools.worker() })

  function failed(error: unknown): Settlement | undefined {
    const code = (aborted as { code?: unknown } | undefined)?.code
    if (code === 'JOB_LEASE_LOST') return undefined
    if (code === 'JOB_CANCELLED') return { kind: 'cancel', delivery }
    if (code === 'JOB_WORKER_STOPPING') return { kind: 'release', delivery, runAt: clock.now() }
    if ((error as { code?: unknown } | undefined)?.code === 'JOB_LEASE_LOST') return undefined
    const failure = shownFailure(toFailure(error, about()), tools.use(Redaction), delivery.payload)
    const hopeless = failure.kind === 'payload' || delivery.attempt >= delivery.tries || !mayRetry(error)
    if (hopeless) return { kind: 'bury', delivery, failure }
    return { kind: 'retry', delivery, failure, runAt: Math.round(clock.now() + waitAfter(error)) }
  }
  function mayRetry(error: unknown): boolean {
    try {
      return job.retryIf(error, delivery.attempt)
    } catch (err) {
      log.error({ err, job: job.name }, 'retryIf failed; the job is tried again')
      return true
    }
  }
  function waitAfter(error: unknown): number {
    try {
      return job.wait(delivery.attempt, error, tools.random)
    } catch (err) {
      log.error({ err, job: job.name }, 'backoff failed; the job waits for a minute')
      return 60_000
    }
  }

  async function within(): Promise<Settlement | undefined> {
    let reached: Settlement | undefined
    const isRecorded = await engine
      .settleWithin(delivery, async () => {
        const settlement = succeed(await run())
        reached = settlement
        if (settlement.kind === 'complete') return settlement
        throw fail('JOB_HANDED_BACK', { job: job.name })
      })
      .catch((error: unknown) => {
        if (reached === undefined || reached.kind === 'complete') throw error
        return false
      })
    // Nothing is reached where the work was committed before, by an attempt that could not say so.
    const settlement = reached ?? { kind: 'complete' as const, delivery }
    return isRecorded && settlement.kind === 'complete' ? { ...settlement, recorded: true } : settlement
  }

  /** A handler that ignores its signal must not hold the worker: whoever comes first decides. */
  function interruptible(work: Promise<Settlement | undefined>): Promise<Settlement | undefined> {
    return new Promise((resolve) => {
      interrupt = (reason) => resolve(failed(reason))
      if (aborted !== undefined) interrupt(aborted)
      work.then(resolve, (error: unknown) => resolve(failed(error)))
    })
  }

  function start(): Promise<Settlement | undefined> | Settlement | undefined {
    if (job.transactional) return interruptible(within())
    let value: unknown
    try {
      value = run()
    } catch (error) {
      return failed(error)
    }
    return value instanceof Promise ? interruptible(value.then(succeed)) : succeed(value)
  }

  return {
    delivery,
    startedAt: monotonic,
    deadline: monotonic + job.timeoutMs,
    abort: (reason) => {
      if (aborted !== undefined) return
      aborted = reason
      controller?.abort(reason)
      interrupt?.(reason)
    },
    settled: start(),
  }
}

const progressMs = 500

/** Writes at most every half second, and the last word of a job that says nothing more. */
function createProgress(delivery: Delivery, { engine, clock, log }: AttemptTools): (value: unknown) => void {
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
