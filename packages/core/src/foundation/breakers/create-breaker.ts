import type * as Cockatiel from 'cockatiel'
import type { BulkheadPolicy, CircuitBreakerPolicy, IBreaker } from 'cockatiel'
import type { Clock } from '../clock.ts'
import { retry } from '../concurrency/retry.ts'
import { withDeadline } from '../concurrency/with-deadline.ts'
import { timedOut } from '../concurrency/with-timeout.ts'
import { fail } from '../errors/catalog.ts'
import type { Breaker, BreakerState, BreakerStatus } from './breaker.ts'
import { FailureShare } from './failure-share.ts'
import type { BreakerRules } from './read-breaker-options.ts'

export interface BreakerParts {
  readonly name: string
  readonly rules: BreakerRules
  readonly clock: Clock
  readonly onState: (state: BreakerState) => void
  readonly onCall: (outcome: 'succeeded' | 'failed' | 'refused') => void
}

// Loaded with the first call, so that an application without any does not wait for it at boot.
let library: Promise<typeof Cockatiel> | undefined

/** An answer that counts as a failure, and is an answer all the same. */
class BadAnswer {
  readonly response: Response
  constructor(response: Response) {
    this.response = response
  }
}

/** The end of a call that its caller has given up. */
class Abandoned {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}

const badStatuses = new Set([500, 502, 503, 504])

export function createBreaker({ name, rules, clock, onState, onCall }: BreakerParts): Breaker {
  const counts = { succeeded: 0, failed: 0, refused: 0 }
  let cockatiel: typeof Cockatiel | undefined
  let circuit: CircuitBreakerPolicy | undefined
  let bulkhead: BulkheadPolicy | undefined
  let state: BreakerState = 'closed'
  /** Monotonic, as all times here: a wall clock that is set back would keep it open, and one that is set forward end its pause. */
  let openedAt = 0
  /** Calls let through since it is half open. */
  let probing = 0
  let lastFailure: unknown

  function enter(next: BreakerState): void {
    state = next
    probing = next === 'half-open' ? 1 : 0
    if (next === 'open') openedAt = clock.monotonic()
    onState(next)
  }

  function makeCircuit({ circuitBreaker, handleWhen, ConsecutiveBreaker, CircuitState }: typeof Cockatiel): CircuitBreakerPolicy {
    const { failureRate, failures, probes } = rules
    const made = circuitBreaker(
      // A probe that was given up has not shown that the other side is back.
      handleWhen((error) => (error instanceof Abandoned ? state === 'half-open' : error instanceof BadAnswer || rules.isFailure(error))),
      {
        breaker: failureRate === undefined ? new ConsecutiveBreaker(failures) : countingShare(new FailureShare(failureRate, clock), CircuitState.Closed),
        // The library goes by the time of day; how long it stays open is decided here, before it is asked.
        halfOpenAfter: -Infinity,
        halfOpenSampling: { calls: probes, threshold: 0 },
      },
    )
    // One that was replaced has nothing to say any more.
    const when = (next: BreakerState) => () => made === circuit && enter(next)
    made.onBreak(when('open'))
    made.onHalfOpen(when('half-open'))
    made.onReset(when('closed'))
    return made
  }

  async function load(): Promise<void> {
    const loaded = await (library ??= import('cockatiel'))
    if (cockatiel !== undefined) return
    cockatiel = loaded
    circuit = makeCircuit(loaded)
    if (rules.concurrency !== Infinity) bulkhead = loaded.bulkhead(rules.concurrency, rules.queue)
  }

  const retryMs = () => (state === 'open' ? Math.max(0, openedAt + rules.pauseMs - clock.monotonic()) : 0)

  function refused<E extends Error>(error: E): E {
    counts.refused++
    onCall('refused')
    return error
  }

  const isOpen = () => refused(fail('BREAKER_OPEN', { name }, { headers: ['retry-after', String(Math.max(1, Math.ceil(retryMs() / 1_000)))] }))
  const isFull = () => refused(fail('BULKHEAD_FULL', { name }, { headers: ['retry-after', '1'] }))

  /** Lets a call to the other side, or not: while it is half open, as many as there are probes. */
  function pass<T>(work: () => Promise<T>): Promise<T> {
    if (state === 'open' && retryMs() > 0) throw isOpen()
    if (state === 'half-open' && probing++ >= rules.probes) throw isOpen()
    return (circuit as CircuitBreakerPolicy).execute(work)
  }

  async function once<T>(work: (signal: AbortSignal) => T | PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
    await load()
    if (state === 'open' && retryMs() > 0) throw isOpen()
    const counted = async (): Promise<T> => {
      try {
        const result = await withDeadline(work, { ms: rules.timeoutMs, signal, expired: timedOut })
        counts.succeeded++
        onCall('succeeded')
        return result
      } catch (error) {
        if (isGivenUp(signal)) throw new Abandoned(error)
        if (error instanceof BadAnswer || rules.isFailure(error)) {
          counts.failed++
          onCall('failed')
          lastFailure = error
        }
        throw error
      }
    }
    try {
      if (bulkhead === undefined) return await pass(counted)
      // Whoever waits for a turn and is called off does not wait until it comes.
      return await withDeadline((inner) => (bulkhead as BulkheadPolicy).execute(() => pass(counted), inner), { signal, expired: timedOut })
    } catch (error) {
      if (error instanceof Abandoned) throw error.error
      if (cockatiel !== undefined && error instanceof cockatiel.BulkheadRejectedError) throw isFull()
      if (cockatiel !== undefined && error instanceof cockatiel.BrokenCircuitError) throw isOpen()
      throw error
    }
  }

  return {
    name,
    get state() {
      return state
    },
    run: (work, { signal } = {}) =>
      rules.attempts === 1
        ? once(work, signal)
        : retry((inner) => once(work, inner), {
            attempts: rules.attempts,
            retryIf: (error) => !isRefusal(error) && rules.isFailure(error),
            ...(signal === undefined ? {} : { signal }),
          }),
    async around(request, next) {
      try {
        return await once(async () => {
          const response = await next()
          if (badStatuses.has(response.status)) throw new BadAnswer(response)
          return response
        }, request.signal)
      } catch (error) {
        if (error instanceof BadAnswer) return error.response
        throw error
      }
    },
    status(): BreakerStatus {
      const active = bulkhead === undefined ? 0 : rules.concurrency - bulkhead.executionSlots
      const queued = bulkhead === undefined ? 0 : rules.queue - bulkhead.queueSlots
      return { name, state, retryMs: retryMs(), active, queued, ...counts, ...(lastFailure === undefined ? {} : { lastFailure: describe(lastFailure) }) }
    },
    reset() {
      const wasClosed = state === 'closed'
      // A new one also forgets the failures in a row.
      if (cockatiel !== undefined) circuit = makeCircuit(cockatiel)
      if (!wasClosed) enter('closed')
      return !wasClosed
    },
  }
}

/** For the library: what is seen in probes does not count among the calls. */
function countingShare(share: FailureShare, closed: Cockatiel.CircuitState): IBreaker {
  return {
    state: undefined,
    success: (state) => (state === closed ? share.add(false) : share.clear()),
    failure: (state) => {
      if (state !== closed) return true
      share.add(true)
      return share.isExceeded
    },
  }
}

/** Whether the caller has given up; a time limit that has passed is a failure of the other side. */
function isGivenUp(signal: AbortSignal | undefined): boolean {
  if (signal?.aborted !== true) return false
  const { code, name } = (signal.reason ?? {}) as { code?: unknown; name?: unknown }
  return code !== 'TIMED_OUT' && name !== 'TimeoutError'
}

/** Whether a breaker has refused a call without asking the other side; trying again at once is of no use. */
export function isRefusal(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  return code === 'BREAKER_OPEN' || code === 'BULKHEAD_FULL'
}

function describe(failure: unknown): string {
  if (failure instanceof BadAnswer) return `status ${failure.response.status}`
  return failure instanceof Error ? failure.message : String(failure)
}
