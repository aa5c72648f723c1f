import { AsyncLocalStorage } from 'node:async_hooks'
import { hostname } from 'node:os'
import type { ClaimRequest, Delivery, Settlement, WorkerRecord } from '../engine/engine.ts'
import { fail } from '../errors.ts'
import type { AnyJob } from '../job/job.ts'
import { outcomeOf } from '../metrics/job-metrics.ts'
import { unknownJob } from '../queue/create-queue.ts'
import type { AttemptSpan, JobTracing } from '../tracing/job-tracing.ts'
import { Attempt, type AttemptTools, type Ended } from './attempt.ts'
import { toFailure } from './failure.ts'
import { createPrefetch } from './prefetch.ts'
import { createQueueOrder, type QueueShare } from './queue-order.ts'
import { createChores } from './chores.ts'
import { createDoubt } from './doubt.ts'
import { createReach } from './reach.ts'
import { tellFailure } from './tell-failure.ts'

/** Told of what a worker does, for metrics; `at` is the monotonic time, in ms. */
export interface WorkerObserver {
  started(delivery: Delivery, at: number): void
  ended(settlement: Settlement, runMs: number, at: number): void
  /** One that was started ended in a way that is not this worker's to tell. */
  abandoned(): void
}

export interface WorkerOptions extends Omit<AttemptTools, 'worker'> {
  readonly jobs: ReadonlyMap<string, AnyJob>
  readonly queues: readonly QueueShare[]
  /** How many handlers run at once. */
  readonly concurrency: number
  /** A worker that is silent for so long loses its jobs, in ms. */
  readonly leaseMs: number
  /** Runs a handler's code with what it finds by context, on behalf of the request that its job goes back to. */
  readonly within: (requestId: string | undefined, attempt: Attempt) => Promise<Ended> | Ended
  /** Undefined where nobody traces. */
  readonly tracing: JobTracing | undefined
  /** Whether jobs of the queue may wait for one of it to end. */
  readonly isLimited: (queue: string) => boolean
  readonly observer?: WorkerObserver
  /** Ends by itself after so many jobs. */
  readonly maxJobs?: number
  /** Ends by itself when the process holds more than so many bytes. */
  readonly maxMemory?: number
}

export interface Worker {
  /** Changes when it was given up and begins anew. */
  readonly id: string
  readonly stats: { readonly done: number; readonly failed: number; readonly running: number }
  start(): Promise<void>
  /** Takes nothing more, waits for what runs at most `deadlineMs`, and hands back the rest. */
  stop(deadlineMs: number): Promise<void>
  /** Resolves with the reason when it ends by itself. */
  readonly ended: Promise<'jobs' | 'memory'>
}

const mostOutcomes = 500
const lingerMs = 4
const lastWordMs = 250

/** Takes jobs from an engine and runs them, many at once; claims and what became of them go in batches. */
export function createWorker(options: WorkerOptions): Worker {
  const { engine, jobs, concurrency, clock, log, observer, within, tracing } = options
  const order = createQueueOrder(options.queues)
  const prefetch = createPrefetch(concurrency)
  const startedAt = Math.round(clock.now())
  let lives = 0
  const newId = () => `${hostname().slice(0, 60)}:${process.pid}:${(lives++).toString(36)}${Math.random().toString(36).slice(2, 8)}`
  let id = newId()
  const tools: AttemptTools = { ...options, worker: () => id }

  const buffer: Delivery[] = []
  const running = new Set<Attempt>()
  let outcomes: Settlement[] = []
  let suspects = 0
  let done = 0
  let failed = 0
  let accepting = false
  let closed = false
  let stopping = false
  let registered = false
  let mayHaveWork = true
  let told = 0
  let lanes = 0
  // Asked for, and not answered yet.
  let requested = 0
  let isReconciling = false
  let scheduled: NodeJS.Immediate | undefined
  let linger: NodeJS.Timeout | undefined
  let idleWaiters: (() => void)[] = []
  const end = Promise.withResolvers<'jobs' | 'memory'>()
  const doubt = createDoubt(clock)
  const reach = createReach(log)
  // Whoever dispatches wakes the worker, in a context with its request, its span and its transaction: none of the jobs' business.
  const inOwnContext = AsyncLocalStorage.snapshot()

  function startNext(): void {
    while (running.size < concurrency) {
      const delivery = buffer.shift()
      if (delivery === undefined) return
      begin(delivery)
    }
  }

  function begin(delivery: Delivery): void {
    const job = jobs.get(delivery.job)
    if (job === undefined) return void outcomes.push(withoutHandler(delivery))
    const attempt = new Attempt(job.compiled, delivery, tools)
    observer?.started(delivery, attempt.startedAt)
    const span = tracing?.process(delivery, id)
    const run = () => within(delivery.meta.requestId, attempt)
    const settled = span === undefined ? run() : span.run(run)
    if (!(settled instanceof Promise)) return ended(attempt, settled, span)
    running.add(attempt)
    void settled.then((settlement) => {
      running.delete(attempt)
      ended(attempt, settlement, span)
      startNext()
    })
  }

  /** A release that knows the job may run elsewhere: it is tried again as any failure is. */
  function withoutHandler(delivery: Delivery): Settlement {
    const now = Math.round(clock.now())
    const failure = toFailure(unknownJob(delivery.job, jobs), { at: now, attempt: delivery.attempt, worker: id })
    failed++
    const settlement =
      delivery.attempt >= delivery.tries
        ? { kind: 'bury' as const, delivery, failure }
        : { kind: 'retry' as const, delivery, failure, runAt: now + 30_000 * delivery.attempt }
    tellFailure(log, settlement)
    return settlement
  }

  function ended(attempt: Attempt, settlement: Ended, span: AttemptSpan | undefined): void {
    const now = clock.monotonic()
    const runMs = now - attempt.startedAt
    prefetch.ran(runMs)
    const { delivery } = attempt
    if (delivery.crashes > 0) suspects--
    // Others of its kind may have waited for it to end.
    if (delivery.groupKey !== undefined || delivery.crashes > 0 || options.isLimited(delivery.queue)) {
      told++
      mayHaveWork = true
    }
    if (settlement !== undefined) {
      if (settlement.kind === 'complete') done++
      else if (settlement.kind === 'retry' || settlement.kind === 'bury') failed++
      if (settlement.kind !== 'complete' || settlement.recorded !== true) outcomes.push(settlement)
      observer?.ended(settlement, runMs, now)
      if (settlement.kind === 'retry' || settlement.kind === 'bury') tellFailure(log, settlement)
    } else observer?.abandoned()
    span?.end(
      settlement === undefined ? undefined : outcomeOf[settlement.kind],
      settlement !== undefined && 'failure' in settlement ? settlement.failure : undefined,
    )
    if (options.maxJobs !== undefined && done + failed >= options.maxJobs && accepting) {
      accepting = false
      stopping = true
      end.resolve('jobs')
    }
    later()
  }

  /** One that has nothing to do waits for nobody; otherwise a few more outcomes go in the same batch. */
  const isUrgent = () => (buffer.length === 0 && running.size < concurrency) || outcomes.length >= mostOutcomes / 2

  function later(): void {
    if (isUrgent()) soon()
    else linger ??= setTimeout(soon, lingerMs)
  }

  function soon(): void {
    if (linger !== undefined) {
      clearTimeout(linger)
      linger = undefined
    }
    scheduled ??= setImmediate(() => {
      scheduled = undefined
      inOwnContext(turn)
    })
  }

  function turn(): void {
    // After a failure one at a time, so that what is handed back is not what another answer is about to bring.
    if (isReconciling || lanes >= (doubt.isAlive ? 1 : engine.lanes)) return
    lanes++
    void turns().finally(() => {
      lanes--
      if (outcomes.length > 0 && !closed) later()
      if (lanes === 0 && outcomes.length === 0 && running.size === 0 && buffer.length === 0) {
        for (const resolve of idleWaiters.splice(0)) resolve()
      }
    })
  }

  /** Records outcomes and claims, until there is neither. */
  async function turns(): Promise<void> {
    for (let round = 0; ; round++) {
      const request = nextRequest()
      const isDoubtful = registered && doubt.isDue && lanes === 1
      // Where jobs end one by one as fast as they are recorded, each would be a batch of its own.
      if (round > 0 && request === undefined && !isDoubtful && !isUrgent()) return
      const batch = outcomes.length <= mostOutcomes ? outcomes : outcomes.slice(0, mostOutcomes)
      outcomes = outcomes.length <= mostOutcomes ? [] : outcomes.slice(mostOutcomes)
      if (batch.length === 0 && request === undefined && !isDoubtful) return
      const wakes = told
      requested += request?.limit ?? 0
      let again: readonly Settlement[] = []
      let isAway = false
      try {
        if (isDoubtful) await reconcile(batch)
        if (batch.length > 0) {
          const { refused, unsettled = [], deliveries } = await engine.settle(batch, request)
          again = unsettled
          tellRefused(refused)
          take(deliveries, request, wakes)
        } else if (request !== undefined) take(await engine.claim(request), request, wakes)
        if (again.length === 0) reach.answered()
        else reach.failed(undefined, 'What became of jobs could not be recorded; told again until it is')
      } catch (err) {
        reach.failed(err, 'The queue could not be reached; its jobs stay where they are until it can')
        doubt.arise()
        again = batch
        isAway = true
      } finally {
        requested -= request?.limit ?? 0
      }
      if (again.length === 0 && !isAway) continue
      outcomes = [...again, ...outcomes]
      await new Promise<void>((resolve) => void setTimeout(resolve, 200 + 300 * Math.random()))
      if (closed) return
    }
  }

  /** A claim whose answer was lost may have given out jobs that nobody runs. */
  async function reconcile(batch: readonly Settlement[]): Promise<void> {
    isReconciling = true
    const held = [...batch, ...outcomes, ...running].map(({ delivery }) => delivery)
    const ids = new Set([...held, ...buffer].map((delivery) => delivery.id))
    const count = await engine.reconcile(id, ids).finally(() => (isReconciling = false))
    doubt.looked()
    if (count === 0) return
    mayHaveWork = true
    log.info({ jobs: count, worker: id }, 'Jobs were handed back that had been claimed for this worker without its hearing of them')
  }

  function tellRefused(refused: readonly string[]): void {
    for (const job of refused) log.warn({ jobId: job, worker: id }, 'The job belonged to another worker by now; what became of it here is not recorded')
  }

  function nextRequest(): ClaimRequest | undefined {
    if (!accepting || !registered || !mayHaveWork) return undefined
    // Not more than are settled in one turn, so that each lane has its share.
    const limit = Math.min(mostOutcomes, prefetch.wanted(running.size, buffer.length + requested))
    return limit <= 0 ? undefined : { worker: id, queues: order.next(), limit, suspects: suspects === 0 ? 1 : 0 }
  }

  function take(deliveries: readonly Delivery[], request: ClaimRequest | undefined, wakes: number): void {
    // Unless somebody has said otherwise meanwhile.
    if (request !== undefined && deliveries.length === 0 && wakes === told) mayHaveWork = false
    // It stops, or was given up while the claim was under way.
    if (!accepting || request?.worker !== id) {
      for (const delivery of deliveries) outcomes.push({ kind: 'release', delivery, runAt: Math.round(clock.now()) })
      return
    }
    for (const delivery of deliveries) if (delivery.crashes > 0) suspects++
    buffer.push(...deliveries)
    startNext()
  }

  const record = (state: WorkerRecord['state']): WorkerRecord => {
    const cpu = process.cpuUsage()
    return {
      id,
      host: hostname(),
      pid: process.pid,
      queues: order.names,
      concurrency,
      startedAt,
      state,
      running: running.size,
      done,
      failed,
      memoryBytes: process.memoryUsage.rss(),
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      seenAt: Math.round(clock.now()),
    }
  }

  /** It was silent for too long, and its jobs are with others: what it still does is in vain. */
  function begunAnew(): void {
    log.error({ worker: id }, 'The worker was silent for longer than its lease, and its jobs were handed to others')
    for (const attempt of running) attempt.abort(fail('JOB_LEASE_LOST', { job: attempt.delivery.job, id: attempt.delivery.id }))
    buffer.length = 0
    outcomes = []
    suspects = 0
    registered = false
    id = newId()
  }

  const chores = createChores({
    engine,
    log,
    reach,
    clock,
    leaseMs: options.leaseMs,
    record: () => record(stopping ? 'stopping' : running.size > 0 ? 'busy' : 'idle'),
    onLost: begunAnew,
    onRegistered: () => {
      registered = true
      if (accepting) soon()
    },
    cancel: (ids) => {
      for (const attempt of running) {
        const { delivery } = attempt
        if (ids.includes(delivery.id)) attempt.abort(fail('JOB_CANCELLED', { job: delivery.job, id: delivery.id }))
      }
    },
    onWork: () => {
      told++
      mayHaveWork = true
      if (accepting) soon()
    },
    handles: (queue) => order.names.includes(queue),
    watch: () => {
      const now = clock.monotonic()
      for (const attempt of running) {
        if (now < attempt.deadline) continue
        const { job } = attempt.delivery
        attempt.abort(fail('JOB_TIMED_OUT', { job, timeoutMs: Math.round(attempt.deadline - attempt.startedAt) }))
      }
      if (options.maxMemory !== undefined && accepting && process.memoryUsage.rss() > options.maxMemory) {
        accepting = false
        stopping = true
        end.resolve('memory')
      }
    },
  })

  const idle = () =>
    new Promise<void>((resolve) => {
      idleWaiters.push(resolve)
      inOwnContext(turn)
    })

  return {
    get id() {
      return id
    },
    get stats() {
      return { done, failed, running: running.size }
    },
    ended: end.promise,
    start: async () => {
      await chores.start()
      accepting = true
      soon()
    },
    stop: async (deadlineMs) => {
      accepting = false
      stopping = true
      const now = Math.round(clock.now())
      for (const delivery of buffer.splice(0)) outcomes.push({ kind: 'release', delivery, runAt: now })
      const finished = idle()
      const late = setTimeout(() => {
        for (const attempt of running) attempt.abort(fail('JOB_WORKER_STOPPING', { job: attempt.delivery.job }))
      }, deadlineMs)
      let lastWord: NodeJS.Timeout | undefined
      await Promise.race([finished, new Promise<void>((resolve) => void (lastWord = setTimeout(resolve, deadlineMs + lastWordMs + 5_000)))])
      clearTimeout(late)
      clearTimeout(lastWord)
      closed = true
      await chores.stop()
      await engine.leave(id)
    },
  }
}
