import { parseDuration, Redaction } from 'glueful'
import type { Delivery, Engine, Settlement } from '../engine/engine.ts'
import type { NewJob } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import type { CompiledJob } from '../job/compile-job.ts'
import { nextOfChain } from '../job/dispatched-at.ts'
import type { JobContext } from '../job/job-context.ts'
import { isVerdict, type Verdict } from '../job/verdict.ts'
import { storable, toFailure } from './failure.ts'
import { shownFailure } from './shown-failure.ts'
import { createProgress } from './progress.ts'
import { callHandler, createJobContext, logFields, readPayload, type RunTools } from './run-job.ts'

export interface AttemptTools extends RunTools {
  readonly engine: Engine
  readonly worker: () => string
  /** From 0 up to, not including, 1. */
  readonly random: () => number
}

/** What became of an attempt; undefined where that is somebody else's to say. */
export type Ended = Settlement | undefined

/**
 * One run of a handler for a delivery. Nothing is made that a handler does not ask for: no abort controller without a
 * look at the signal, no timer at all, because the worker looks at the deadlines of all attempts together; and no
 * closures, because there are as many attempts as jobs.
 */
export class Attempt {
  readonly delivery: Delivery
  readonly startedAt: number
  /** Monotonic ms after which it has taken too long. */
  readonly deadline: number
  private readonly job: CompiledJob
  private readonly tools: AttemptTools
  private controller: AbortController | undefined
  private aborted: Error | undefined
  private interrupt: ((reason: Error) => void) | undefined
  /** What its transaction has committed, so that nothing around it can change that any more. */
  private committed: Settlement | undefined

  constructor(job: CompiledJob, delivery: Delivery, tools: AttemptTools) {
    this.job = job
    this.delivery = delivery
    this.tools = tools
    this.startedAt = tools.clock.monotonic()
    this.deadline = this.startedAt + job.timeoutMs
  }

  /** Runs the handler, once; synchronous where all of it is. */
  run(): Promise<Ended> | Ended {
    try {
      const value = this.call()
      return value instanceof Promise ? this.interruptible(value.then((result: unknown) => this.succeed(result))) : this.succeed(value)
    } catch (error) {
      return this.failed(error)
    }
  }

  /** Aborts its signal, and decides what becomes of it where the handler fails because of that. */
  abort(reason: Error): void {
    if (this.aborted !== undefined) return
    this.aborted = reason
    this.controller?.abort(reason)
    this.interrupt?.(reason)
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.aborted !== undefined) this.controller.abort(this.aborted)
    }
    return this.controller.signal
  }

  get progress(): (value: unknown) => void {
    return createProgress(this.delivery, this.tools)
  }

  private call(): unknown {
    const payload = readPayload(this.job, this.delivery.payload)
    return payload instanceof Promise ? payload.then((read: unknown) => this.handle(read)) : this.handle(payload)
  }

  private handle(payload: unknown): unknown {
    const context = createJobContext(this.job, this.delivery, payload, this, this.tools)
    return callHandler(this.job, context, this.job.transactional ? () => this.runWithin(context) : undefined)
  }

  /** The handler alone is in the transaction: a lock that middleware holds must outlive it, and where there is one writer could not be taken within. */
  private async runWithin(context: JobContext): Promise<unknown> {
    let value: unknown
    let reached: Settlement | undefined
    const isRecorded = await this.tools.engine
      .settleWithin(this.delivery, async () => {
        value = await this.job.handler(context as JobContext<never>)
        const settlement = this.settlementOf(value)
        reached = settlement
        if (settlement.kind === 'complete') return settlement
        throw fail('JOB_HANDED_BACK', { job: this.job.name })
      })
      .catch((error: unknown) => {
        if (reached === undefined || reached.kind === 'complete') throw error
        return false
      })
    // Nothing is reached where the work was committed before, by an attempt that could not say so.
    const settlement = reached ?? { kind: 'complete' as const, delivery: this.delivery }
    if (settlement.kind === 'complete') this.committed = isRecorded ? { ...settlement, recorded: true } : settlement
    return value
  }

  /** A handler that ignores its signal must not hold the worker: whoever comes first decides. */
  private interruptible(work: Promise<Ended>): Promise<Ended> {
    return new Promise((resolve) => {
      this.interrupt = (reason) => resolve(this.failed(reason))
      if (this.aborted !== undefined) this.interrupt(this.aborted)
      work.then(resolve, (error: unknown) => resolve(this.failed(error)))
    })
  }

  private succeed(value: unknown): Settlement {
    return this.committed ?? this.settlementOf(value)
  }

  private settlementOf(value: unknown): Settlement {
    if (isVerdict(value)) return this.fromVerdict(value)
    const { delivery } = this
    const follow = followOf(delivery, this.tools)
    const result = delivery.keepMs === 0 || value === undefined ? undefined : this.textOfResult(value)
    if (follow === undefined && result === undefined) return { kind: 'complete', delivery }
    return { kind: 'complete', delivery, ...(result === undefined ? undefined : { result }), ...(follow === undefined ? undefined : { follow }) }
  }

  /** The work is done, whatever its result is: failing now would do it again. */
  private textOfResult(value: unknown): string | undefined {
    try {
      return JSON.stringify(value)
    } catch (err) {
      this.tools.log.error({ err, job: this.job.name, jobId: this.delivery.id }, 'The result of a job has no JSON, and is not kept')
      return undefined
    }
  }

  private fromVerdict(verdict: Verdict): Settlement {
    const { delivery, tools } = this
    if (verdict.verdict === 'skip') {
      const follow = followOf(delivery, tools)
      return { kind: 'complete', delivery, ...(follow === undefined ? undefined : { follow }) }
    }
    if (verdict.verdict === 'release') return { kind: 'release', delivery, runAt: tools.clock.now() + parseDuration(verdict.delay, 'The delay of release') }
    const failure = toFailure({ name: 'Buried', message: verdict.reason }, { ...this.about(), kind: 'buried' })
    return { kind: 'bury', delivery, failure: { ...failure, name: 'Buried', message: storable(String(verdict.reason)).slice(0, 4_000) } }
  }

  private failed(error: unknown): Ended {
    const { delivery, tools } = this
    if (this.committed !== undefined) {
      if (error !== this.aborted)
        tools.log.error({ err: error, ...logFields(delivery) }, 'Middleware failed when the transaction of its job was committed already')
      return this.committed
    }
    const code = (this.aborted as { code?: unknown } | undefined)?.code
    if (code === 'JOB_LEASE_LOST') return undefined
    if (code === 'JOB_CANCELLED') return { kind: 'cancel', delivery }
    if (code === 'JOB_WORKER_STOPPING') return { kind: 'release', delivery, runAt: tools.clock.now() }
    if ((error as { code?: unknown } | undefined)?.code === 'JOB_LEASE_LOST') return undefined
    const failure = shownFailure(toFailure(error, this.about()), tools.use(Redaction), delivery.payload)
    const isHopeless = failure.kind === 'payload' || delivery.attempt >= delivery.tries || !this.mayRetry(error)
    if (isHopeless) return { kind: 'bury', delivery, failure }
    return { kind: 'retry', delivery, failure, runAt: Math.round(tools.clock.now() + this.waitAfter(error)) }
  }

  private about() {
    return { at: Math.round(this.tools.clock.now()), attempt: this.delivery.attempt, worker: this.tools.worker() }
  }

  private mayRetry(error: unknown): boolean {
    try {
      return this.job.retryIf(error, this.delivery.attempt)
    } catch (err) {
      this.tools.log.error({ err, job: this.job.name }, 'retryIf failed; the job is tried again')
      return true
    }
  }

  private waitAfter(error: unknown): number {
    try {
      return this.job.wait(this.delivery.attempt, error, this.tools.random)
    } catch (err) {
      this.tools.log.error({ err, job: this.job.name }, 'backoff failed; the job waits for a minute')
      return 60_000
    }
  }
}

/** What is dispatched when the job is done. */
function followOf({ meta }: Delivery, { clock }: AttemptTools): readonly NewJob[] | undefined {
  if (meta.chain === undefined) return undefined
  const next = nextOfChain(Math.round(clock.now()), meta.chain)
  return next === undefined ? undefined : [next]
}
