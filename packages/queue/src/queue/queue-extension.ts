import { Database } from '@glueful/database'
import {
  AuditLog,
  coreSettings,
  defineExtension,
  Extensions,
  listen,
  LoggerService,
  MetricsService,
  provide,
  Redaction,
  Redis,
  RuntimeService,
  ServerListening,
  service,
  suggest,
  type Clock,
  type Duration,
  type Logger,
  type Runtime,
  type Service,
  type Use,
  refuseUnknownOptions,
} from 'glueful'
import { createDatabaseEngine } from '../engine/engines/database/database-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { holdBack } from '../engine/hold-back.ts'
import { createRedisEngine } from '../engine/engines/redis/redis-engine.ts'
import { createSyncEngine } from '../engine/engines/sync.ts'
import type { Limits, NewJob } from '../engine/stored-job.ts'
import { countOpen } from '../dead-letters/count-open.ts'
import { createDeadLetters } from '../dead-letters/create-dead-letters.ts'
import { runLetterInSandbox } from '../dead-letters/run-in-sandbox.ts'
import { fail } from '../errors.ts'
import { explainQueue } from '../explain/explain-queue.ts'
import { addDispatcher, withDispatcher } from '../job/dispatcher.ts'
import type { AnyJob } from '../job/job.ts'
import type { MetricsStore } from '../metrics/metrics-store.ts'
import { createRecorder } from '../metrics/recorder.ts'
import { createDatabaseMetricsStore } from '../metrics/stores/database-metrics-store.ts'
import { createRedisMetricsStore } from '../metrics/stores/redis-metrics-store.ts'
import type { Scheduled } from '../schedule/scheduled.ts'
import { createScheduler } from '../schedule/scheduler.ts'
import { createJobTracing } from '../tracing/job-tracing.ts'
import { runOnce } from '../worker/run-once.ts'
import { createWorker, type Worker } from '../worker/worker.ts'
import { parseQueues, type QueueShare } from '../worker/queue-order.ts'
import { adminRoutes } from '../admin/admin-routes.ts'
import { queueCommands } from '../commands/queue-commands.ts'
import { collectJobs, collectSchedules, type JobModule } from './collect-jobs.ts'
import { createQueue } from './create-queue.ts'
import { declaredQueues } from './declared-depths.ts'
import { QueueService, type QueueParts } from './queue-parts.ts'
import { Queue } from './queue.ts'
import { queueMigrations } from './queue-migrations.ts'
import { readQueueLimits, type QueueLimits } from './queue-limits.ts'
import { queueSettings } from './queue-settings.ts'
import { requestOption } from './request-option.ts'

export interface QueueOptions {
  /** The jobs of the application: `import * as jobs from './jobs/index.ts'`, or a list. */
  readonly jobs: JobModule | readonly unknown[]
  /** What is dispatched at its times. Schedules among the values of `jobs` count as well. */
  readonly schedule?: readonly Scheduled[]
  /** What whole queues may do, over all workers and hosts: `{ emails: { concurrency: 5, rateLimit: { limit: 100, per: '1m' } } }`. */
  readonly queues?: Readonly<Record<string, QueueLimits>>
  /**
   * Serves the administration: GET /admin/queues, /admin/dead-letters and more, for callers with the permissions
   * `queue.view` and `queue.manage`; or under another path. Default: false.
   */
  readonly admin?: boolean | { readonly prefix: string }
  /** Runs jobs in the processes that serve HTTP. Default: QUEUE_WORKER. */
  readonly worker?: boolean
}

/** The worker beside the server, where there is one. */
const EmbeddedWorker = service<{ start(): Promise<void>; stop(): Promise<void> }>('queue-embedded-worker')

/**
 * Background jobs as an extension.
 *
 * @example
 * createApp({ name: 'shop', routes, extensions: [database(), queue({ jobs })] })
 *
 * @throws `JOB_NAME_TAKEN`, `QUEUE_LIMIT_INVALID`
 */
export function queue(options: QueueOptions) {
  refuseUnknownOptions<QueueOptions>('queue()', options, { jobs: true, schedule: true, queues: true, admin: true, worker: true })
  // Mistakes show where the extension is declared; what others bring is known when the application boots.
  const jobs = collectJobs(options.jobs)
  const limits = readQueueLimits(options.queues)
  let runtime: Runtime | undefined
  return defineExtension({
    name: 'queue',
    settings: queueSettings,
    migrations: queueMigrations,
    services: [
      provide(QueueService, ({ use }) => createParts(use, (runtime = use(RuntimeService)), options, limits), {
        start: ({ engine }) => engine.start(),
        stop: ({ engine }) => engine.stop(),
      }),
      provide(Queue, ({ use }) => use(QueueService).queue, dispatcherLife()),
      provide(EmbeddedWorker, ({ use }) => embeddedWorker(use, options.worker ?? use(queueSettings).worker), { stop: (worker) => worker.stop() }),
    ],
    options: [requestOption],
    redact: { names: [...jobs.values()].flatMap(({ compiled }) => compiled.marked()) },
    commands: queueCommands,
    ...(options.admin === undefined || options.admin === false ? undefined : { routes: adminRoutes(options.admin === true ? '/admin' : options.admin.prefix) }),
    listeners: [listen(ServerListening, () => runtime?.use(EmbeddedWorker).start(), { name: 'queue-worker' })],
  })
}

/** `job.dispatch` finds the queue from its start to its stop. */
function dispatcherLife() {
  const removals = new WeakMap<Queue, () => void>()
  return {
    start: (queue: Queue) => void removals.set(queue, addDispatcher(queue)),
    stop: (queue: Queue) => removals.get(queue)?.(),
  }
}

function createParts(use: Use, runtime: Runtime, options: QueueOptions, limits: ReadonlyMap<string, Limits>): QueueParts {
  const brought = use(Extensions).map((extension) => extension.jobs)
  const jobs = collectJobs(options.jobs, ...brought)
  const schedules = collectSchedules(options.jobs, options.schedule, ...brought)
  const settings = use(queueSettings)
  const log = use(LoggerService)
  warnOfUnknown(limits, [...declaredQueues(jobs), ...settings.queues.map((share) => share.split(':')[0] as string), 'default'], log)
  const { clock, emit } = runtime
  const tools = { log, clock, emit, use: <T>(token: Service<T>) => runtime.use(token) }
  const taps: ((list: readonly NewJob[]) => void)[] = []
  const tell = (list: readonly NewJob[]) => {
    for (const listener of taps) listener(list)
  }
  const tracing = use(coreSettings).tracing ? createJobTracing(use(Redaction)) : undefined
  const runNow = (job: NewJob) => withDispatcher(queue, job.meta?.requestId, () => runOnce(jobs, job, { ...tools, tracing }))
  const engine = settings.driver === 'sync' ? createSyncEngine(runNow) : holdBack(createStoredEngine(use, runtime, limits, tell))
  const letters =
    settings.driver === 'sync'
      ? undefined
      : createDeadLetters({
          database: use(Database),
          engine,
          jobs,
          clock,
          payloadLimit: settings.payloadLimit,
          audit: () => (runtime.provides(AuditLog) ? runtime.use(AuditLog) : undefined),
          runInSandbox: (letter, request) =>
            runLetterInSandbox(letter, request, { jobs, use: tools.use, emit, clock, dispatcher: queue, payloadLimit: settings.payloadLimit }),
          onResolved: (how, count) => resolved.with(how).inc(count),
        })
  const resolved = use(MetricsService).counter({ name: 'dlq_resolved_total', help: 'Dead letters that were dealt with.', labels: ['how'] })
  const deadLetters = () => {
    if (letters === undefined) throw fail('QUEUE_WITHOUT_DATABASE', undefined)
    return letters
  }
  const queue = createQueue({
    engine,
    jobs,
    deadLetters,
    schedule: () => requireScheduler(),
    metrics: () => requireStore(),
    explain: (name, targetSeconds) => explainQueue({ database: runtime.use(Database), engine, metrics: requireStore(), clock }, name, targetSeconds),
    clock,
    payloadLimit: settings.payloadLimit,
    tracing,
    runNow: (_job, prepared) => runNow(prepared),
  })
  const scheduler = settings.driver === 'sync' ? undefined : createScheduler({ database: use(Database), schedules, queue, engine, clock, log })
  const store = createStore(use, clock)
  const recorder =
    store === undefined || !settings.metrics
      ? undefined
      : createRecorder({
          store,
          engine,
          metrics: use(MetricsService),
          clock,
          log,
          queues: declaredQueues(jobs),
          deadLetters: () => countOpen(use(Database)),
        })
  function requireStore() {
    if (store === undefined) throw fail('QUEUE_WITHOUT_DATABASE', undefined)
    return store
  }
  function requireScheduler() {
    if (scheduler === undefined) throw fail('QUEUE_WITHOUT_DATABASE', undefined)
    return scheduler
  }
  return {
    engine,
    jobs,
    queue,
    schedules,
    recorder,
    scheduler: requireScheduler,
    defaultQueues: () => queuesOf(settings.queues, jobs),
    tap: (listener) => void taps.push(listener),
    createWorker: (request = {}) =>
      createWorker({
        ...tools,
        engine,
        jobs,
        random: Math.random,
        queues: request.queues ?? queuesOf(settings.queues, jobs),
        concurrency: request.concurrency ?? settings.concurrency,
        leaseMs: settings.lease,
        within: (requestId, attempt) => withDispatcher(queue, requestId, () => attempt.run()),
        tracing,
        isLimited: (name) => limits.has(name),
        ...(recorder === undefined ? undefined : { observer: recorder.observer }),
        ...(request.maxJobs === undefined ? undefined : { maxJobs: request.maxJobs }),
        ...(request.maxMemory === undefined ? undefined : { maxMemory: request.maxMemory }),
      }),
  }
}

/** A dispatch may name any queue, so that a name that nothing else says may be right; mostly it is a slip, and limits nothing. */
function warnOfUnknown(limits: ReadonlyMap<string, Limits>, known: readonly string[], log: Logger): void {
  for (const queue of limits.keys()) {
    if (!known.includes(queue)) log.warn({ queue, suggestion: suggest(queue, known) }, 'Limits are declared for a queue that no job and no worker names')
  }
}

function createStoredEngine(use: Use, runtime: Runtime, limits: ReadonlyMap<string, Limits>, onEnqueued: (jobs: readonly NewJob[]) => void): Engine {
  const settings = use(queueSettings)
  const database = use(Database)
  const { clock, log } = runtime
  const books = createDatabaseEngine({ database, clock, log, limits, onEnqueued })
  if (settings.driver === 'database') return books
  if (use(coreSettings).redisUrl === undefined) throw fail('QUEUE_REDIS_MISSING', undefined)
  const { lease, redisAllowLoss } = settings
  return createRedisEngine({ redis: use(Redis), database, books, clock, log, leaseMs: lease, allowLoss: redisAllowLoss, limits, onEnqueued })
}

/** Where the jobs are. */
function createStore(use: Use, clock: Clock): MetricsStore | undefined {
  const { driver } = use(queueSettings)
  if (driver === 'sync') return undefined
  return driver === 'redis' ? createRedisMetricsStore(use(Redis), clock) : createDatabaseMetricsStore(use(Database), clock)
}

/** Those that the settings name, else those of all jobs, `default` last. */
function queuesOf(named: readonly string[], jobs: ReadonlyMap<string, AnyJob>): QueueShare[] {
  if (named.length > 0) return parseQueues(named.join(','))
  const names = new Set([...jobs.values()].map(({ compiled }) => compiled.queue))
  names.delete('default')
  return [...[...names].sort(), 'default'].map((queue) => ({ queue }))
}

function embeddedWorker(use: Use, wanted: boolean) {
  const parts = use(QueueService)
  const grace: Duration = use(coreSettings).shutdownTimeout
  let worker: Worker | undefined
  return {
    start: async () => {
      if (!wanted || worker !== undefined || parts.engine.name === 'sync') return
      worker = parts.createWorker()
      await worker.start()
      parts.scheduler().start()
      parts.recorder?.start()
    },
    stop: async () => {
      // The container gives each service the same time; what runs is handed back before it is over.
      if (worker !== undefined) await parts.scheduler().stop()
      await worker?.stop(Math.max(0, Math.min(grace * 0.8, grace - 1_000)))
      if (worker !== undefined) await parts.recorder?.stop()
      worker = undefined
    },
  }
}
