import { fork } from 'node:child_process'
import { coreSettings, parseByteSize, parseDuration, RuntimeService, suggest, type ByteSize, type Command, type CommandInput, type Duration } from 'glueful'
import { fail } from '../errors.ts'
import { QueueService, type QueueParts, type WorkerRequest } from '../queue/queue-parts.ts'
import { queueSettings } from '../queue/queue-settings.ts'
import { defaultScaleRules, type ScaleRules } from '../scaling/decide-scale.ts'
import { startableJobs } from '../scaling/startable-jobs.ts'
import { supervise, type ChildReport } from '../scaling/supervise.ts'
import { parseQueues } from '../worker/queue-order.ts'
import { requireKnown, textOption, wholeOption } from './read-options.ts'

const options = {
  queue: { summary: 'Queues in order, or with weights: critical,default or critical:3,default:1 (default: QUEUE_QUEUES)', value: 'QUEUES' },
  concurrency: { summary: 'Jobs at once in each process (default: QUEUE_CONCURRENCY)', value: 'N' },
  min: { summary: 'Fewest worker processes (default: 1)', value: 'N' },
  max: { summary: 'Most worker processes; more than one scales with the backlog (default: min)', value: 'N' },
  drain: { summary: 'The backlog should be gone within this time (default: 30s)', value: 'DURATION' },
  'max-jobs': { summary: 'Replace a process after so many jobs', value: 'N' },
  'max-memory': { summary: 'Replace a process that holds more, such as 512mb', value: 'SIZE' },
  'stop-when-empty': 'End when nothing is due',
  'metrics-port': { summary: 'Answer /metrics and the health routes on this port (default: QUEUE_METRICS_PORT, or none)', value: 'PORT' },
  'metrics-host': { summary: 'Address of that port (default: QUEUE_METRICS_HOST, 127.0.0.1)', value: 'HOST' },
  supervised: 'Set by the supervising process for its own',
}

/** `glueful queue work`: a worker in this process, or worker processes that are supervised. */
export const queueWork: Command = {
  name: 'queue work',
  summary: 'Run jobs until told to stop',
  options,
  run: async (input) => {
    requireKnown('queue work', input.options, options)
    const request = requestOf(input)
    const rules = rulesOf(input)
    const operated = operatedBy(input)
    const alone = input.options['supervised'] === true || (rules.max === 1 && request.maxJobs === undefined && request.maxMemory === undefined)
    await input.app.ready()
    const parts = input.app.use(QueueService)
    if (parts.engine.name === 'sync') throw fail('QUEUE_DRIVER_WITHOUT_WORKERS', undefined)
    if (input.options['supervised'] !== true) warnOfUnknownQueues(input, parts, request)
    const isSupervisor = !alone && input.options['stop-when-empty'] !== true
    await operate(input, operated, isSupervisor)
    return isSupervisor ? workInProcesses(input, parts, request, rules) : workHere(input, parts, request)
  },
}

interface Operated {
  readonly port: number | undefined
  readonly host: string | undefined
}

function operatedBy({ options }: CommandInput): Operated {
  return { port: wholeOption('queue work', options, 'metrics-port', 0, 65_535), host: textOption('queue work', options, 'metrics-host') }
}

/** Opens the port that operators ask; worker processes leave theirs to their supervisor, which answers for all. */
async function operate({ app, options }: CommandInput, { port, host }: Operated, isSupervisor: boolean): Promise<void> {
  const settings = app.use(queueSettings)
  const wanted = { port: port ?? settings.metricsPort, host: host ?? settings.metricsHost }
  if (wanted.port === undefined) return
  if (options['supervised'] === true) return void (await app.operate({ role: 'supervised' }))
  const listening = await app.operate({ port: wanted.port, host: wanted.host, role: isSupervisor ? 'supervisor' : 'alone' })
  app.log().info({ url: listening?.url }, 'Metrics and health are served')
}

function requestOf({ options }: CommandInput): WorkerRequest {
  const queues = textOption('queue work', options, 'queue')
  const concurrency = wholeOption('queue work', options, 'concurrency', 1, 10_000)
  const maxJobs = wholeOption('queue work', options, 'max-jobs', 1, Number.MAX_SAFE_INTEGER)
  const memory = textOption('queue work', options, 'max-memory')
  return {
    ...(queues === undefined ? undefined : { queues: parseQueues(queues) }),
    ...(concurrency === undefined ? undefined : { concurrency }),
    ...(maxJobs === undefined ? undefined : { maxJobs }),
    ...(memory === undefined ? undefined : { maxMemory: parseByteSize(memory as ByteSize, '--max-memory') }),
  }
}

function rulesOf({ options }: CommandInput): ScaleRules {
  const min = wholeOption('queue work', options, 'min', 1, 1_000) ?? 1
  const max = wholeOption('queue work', options, 'max', min, 1_000) ?? min
  const drain = textOption('queue work', options, 'drain')
  return { ...defaultScaleRules, min, max, ...(drain === undefined ? undefined : { drainMs: parseDuration(drain as Duration, '--drain') }) }
}

/** A dispatch may name any queue, so that a name that no job says may be right; mostly it is a slip, and the worker does nothing. */
function warnOfUnknownQueues({ app }: CommandInput, { jobs, defaultQueues }: QueueParts, { queues = defaultQueues() }: WorkerRequest): void {
  const known = [...new Set(['default', ...[...jobs.values()].map(({ compiled }) => compiled.queue)])]
  for (const { queue } of queues) {
    if (!known.includes(queue))
      app.log().warn({ queue, suggestion: suggest(queue, known) }, 'No job is for this queue; the worker runs what a dispatch sends there')
  }
}

/** Resolves with the signal that tells the process to stop. */
function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'))
    process.once('SIGINT', () => resolve('SIGINT'))
    // A worker whose supervisor is gone would live on unseen.
    process.once('disconnect', () => resolve('the supervisor is gone'))
  })
}

async function workHere({ app, options }: CommandInput, parts: QueueParts, request: WorkerRequest): Promise<number> {
  const log = app.log()
  const worker = parts.createWorker(request)
  await worker.start()
  parts.scheduler().start()
  parts.recorder?.start()
  log.info({ worker: worker.id }, 'The worker is ready')
  const report = setInterval(() => {
    const { done, failed, running } = worker.stats
    const message: ChildReport = { kind: 'worker-report', ended: done + failed, running, places: request.concurrency ?? app.use(queueSettings).concurrency }
    // A supervisor that is gone is told by 'disconnect', and a report to it would end the process with what it runs.
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }, 1_000)
  const names = (request.queues ?? parts.defaultQueues()).map(({ queue }) => queue)
  const empty = options['stop-when-empty'] === true ? untilEmpty(parts, names, () => worker.stats.running) : new Promise<never>(() => {})
  const reason = await Promise.race([toldToStop(), worker.ended, empty.then(() => 'nothing is due')])
  log.info({ worker: worker.id, reason }, 'The worker stops')
  await parts.scheduler().stop()
  await worker.stop(app.use(coreSettings).shutdownTimeout)
  await parts.recorder?.stop()
  clearInterval(report)
  if (process.connected) process.disconnect?.()
  return 0
}

/** Jobs that are ready to run in queues that give them out. */
async function backlogOf({ engine }: QueueParts, names: readonly string[]): Promise<number> {
  const own = (await engine.depths()).filter(({ queue, paused }) => names.includes(queue) && !paused)
  return own.reduce((sum, { states }) => sum + (states.waiting ?? 0) + (states.grouped ?? 0) + (states.suspect ?? 0), 0)
}

/** Jobs that more processes could start. */
async function startableOf({ queue }: QueueParts, names: readonly string[]): Promise<number> {
  const own = (await queue.depths()).filter((status) => names.includes(status.queue))
  return own.reduce((sum, status) => sum + startableJobs(status), 0)
}

async function untilEmpty(parts: QueueParts, names: readonly string[], running: () => number): Promise<void> {
  while ((await backlogOf(parts, names)) > 0 || running() > 0) await new Promise((resolve) => void setTimeout(resolve, 100))
}

async function workInProcesses({ app, options }: CommandInput, parts: QueueParts, request: WorkerRequest, rules: ScaleRules): Promise<number> {
  const names = (request.queues ?? parts.defaultQueues()).map(({ queue }) => queue)
  const passed = Object.entries(options).filter(([name]) => !['min', 'max', 'drain', 'app'].includes(name))
  const [script = '', ...words] = process.argv.slice(1)
  const kept = words.filter((word) => word.startsWith('--app='))
  const args = ['queue', 'work', '--supervised', ...passed.map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`)), ...kept]
  const { clock, log } = app.use(RuntimeService)
  const supervisor = supervise({
    rules,
    spawn: () => fork(script, args),
    backlog: () => startableOf(parts, names),
    log,
    clock,
    stopMs: app.use(coreSettings).shutdownTimeout + 2_000,
  })
  log.info({ min: rules.min, max: rules.max, queues: names }, 'Worker processes are supervised')
  const reason = await toldToStop()
  log.info({ reason }, 'The worker processes stop')
  await supervisor.stop()
  return 0
}
