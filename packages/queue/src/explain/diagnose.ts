import type { QueueDepth, QueueLimitRecord, WorkerRecord } from '../engine/engine.ts'
import type { Baseline, DepthSample, HostRecord, JobNumbers } from '../metrics/job-metrics.ts'
import { findQueueLimits } from './find-queue-limits.ts'

/** Jobs that share limits, and how those stand. */
export interface GroupEvidence {
  readonly key: string
  readonly waiting: number
  readonly active: number
  readonly concurrency: number | undefined
  readonly rate: { readonly limit: number; readonly perMs: number; readonly used: number } | undefined
}

/** Everything that is looked at. Times in ms since the epoch. */
export interface Evidence {
  readonly queue: string
  readonly now: number
  readonly depth: QueueDepth | undefined
  /** Of other queues, for who is served first. */
  readonly otherDepths: readonly QueueDepth[]
  readonly workers: readonly WorkerRecord[]
  /** Of the last five minutes. */
  readonly numbers: readonly JobNumbers[]
  readonly baselines: readonly Baseline[]
  readonly depthSamples: readonly DepthSample[]
  /** Of the whole queue, where it has any. */
  readonly limits: QueueLimitRecord | undefined
  readonly groups: readonly GroupEvidence[]
  /** Jobs that came back from lost workers, by class. */
  readonly suspects: readonly { readonly job: string; readonly count: number }[]
  /** The jobs that have run longest. */
  readonly longest: readonly { readonly id: string; readonly job: string; readonly runningMs: number; readonly groupKey: string | undefined }[]
  readonly blocked: { readonly count: number; readonly onDeadLetters: number }
  readonly outbox: number
  /** How long a small query of the queue's store took. */
  readonly storeMs: number
  readonly hosts: readonly HostRecord[]
}

export const causes = [
  'paused',
  'no-worker',
  'workers-crashed',
  'host-saturated',
  'slow-database',
  'poison-class',
  'long-running',
  'queue-concurrency-cap',
  'queue-rate-limit',
  'concurrency-cap',
  'rate-limit',
  'served-after-others',
  'failing-class',
  'slow-class',
  'too-few-places',
  'blocked',
  'delayed',
  'outbox',
] as const
export type Cause = (typeof causes)[number]

export interface Finding {
  readonly cause: Cause
  /** What was found, with its numbers. */
  readonly evidence: string
  /** What helps. */
  readonly advice: string
}

export interface Explanation {
  readonly queue: string
  /** Jobs that are ready to run. */
  readonly backlog: number
  readonly oldestSeconds: number
  /** What holds the queue back, the weightiest first; none when nothing does. */
  readonly findings: readonly Finding[]
  readonly arrivalsPerSecond: number
  readonly throughputPerSecond: number
  /** Until the backlog is gone as things are; undefined when it does not shrink. */
  readonly drainSeconds: number | undefined
  /** Jobs at once, over all workers, that bring the backlog down within the target; undefined while no run time is known. */
  readonly placesNeeded: number | undefined
  readonly placesNow: number
  readonly targetSeconds: number
}

const windowSeconds = 300
const slowStoreMs = 100
const longMs = 60_000

/** Weighs the evidence. Every rule looks at numbers alone, so that it can be tried without a queue. */
export function diagnose(evidence: Evidence, targetSeconds: number): Explanation {
  const { depth, now, queue } = evidence
  const backlog = readyOf(depth)
  const findings: Finding[] = []
  const find = (cause: Cause, text: string, advice: string) => void findings.push({ cause, evidence: text, advice })
  const live = evidence.workers.filter(({ state }) => state !== 'crashed' && state !== 'stopping')
  const mine = live.filter(({ queues }) => queues.includes(queue))
  const numbers = evidence.numbers.filter((one) => one.queue === queue)
  const places = mine.reduce((sum, { concurrency }) => sum + concurrency, 0)
  const running = mine.reduce((sum, worker) => sum + worker.running, 0)
  const crashed = evidence.workers.filter(({ state, seenAt, queues }) => state === 'crashed' && queues.includes(queue) && now - seenAt < windowSeconds * 1_000)
  const work = backlog > 0 || (depth?.states.active ?? 0) > 0

  if (depth?.paused === true) find('paused', 'The queue is paused.', `glueful queue resume ${queue}`)
  if (crashed.length > 0 && work) {
    const [last] = crashed.toSorted((a, b) => b.seenAt - a.seenAt)
    find(
      'workers-crashed',
      `${crashed.length} workers were lost in the last 5 minutes, the last one ${last?.id}.`,
      'Look at their logs and memory; see also poison-class.',
    )
  }
  if (mine.length === 0 && work) {
    find(
      'no-worker',
      live.length === 0 ? 'No worker runs.' : `${live.length} workers run, and none takes jobs from ${queue}.`,
      `glueful queue work --queue=${queue}`,
    )
  }
  const suspects = evidence.suspects.toSorted((a, b) => b.count - a.count)[0]
  if (suspects !== undefined) {
    find(
      'poison-class',
      `${suspects.count} jobs of ${suspects.job} were with workers that were lost, and are tried one at a time.`,
      `Look at what ${suspects.job} does to its process; inThread(…) keeps it apart.`,
    )
  }
  for (const host of evidence.hosts) {
    if (!mine.some((worker) => worker.host === host.host) || now - host.at > windowSeconds * 1_000) continue
    const memory = host.memoryUsedBytes / host.memoryTotalBytes
    if (host.cpuRatio > 0.9 || host.load1 > host.cores * 2 || memory > 0.95) {
      const seen = `${host.host}: ${percent(host.cpuRatio)} of ${host.cores} cores, load ${host.load1.toFixed(1)}, ${percent(memory)} of memory`
      find('host-saturated', seen, 'More workers on this host would not help; add a host, or make jobs cheaper.')
    }
  }
  if (evidence.storeMs > slowStoreMs) {
    find('slow-database', `A small query of the queue took ${Math.round(evidence.storeMs)} ms.`, 'Look for long transactions, locks and load on the database.')
  }
  const capped = evidence.groups.filter(({ waiting, active, concurrency }) => waiting > 0 && concurrency !== undefined && active >= concurrency)
  const ofQueue = findQueueLimits(evidence.limits, backlog)
  const isFull = ofQueue.some(({ cause }) => cause === 'queue-concurrency-cap')
  for (const { job, runningMs, id, groupKey } of evidence.longest) {
    const usual = usualOf(evidence, job)
    const holds = groupKey !== undefined && capped.some(({ key }) => key === groupKey) ? groupKey : isFull ? queue : undefined
    if (runningMs < (holds === undefined ? longMs : 10_000) || (usual !== undefined && runningMs < usual * 10_000)) continue
    const seen = `${job} ${id} has run for ${seconds(runningMs)}${usual === undefined ? '' : `, usual are ${usual.toFixed(2)} s`}${holds === undefined ? '' : `, and holds a place of ${holds}`}.`
    find('long-running', seen, `Set a timeout for ${job}, or cancel it.`)
    break
  }
  findings.push(...ofQueue)
  const worst = capped.toSorted((a, b) => b.waiting - a.waiting)[0]
  if (worst !== undefined) {
    const all = capped.reduce((sum, { waiting }) => sum + waiting, 0)
    find(
      'concurrency-cap',
      `${all} jobs wait for a place: ${worst.key} runs ${worst.active} of ${worst.concurrency} and ${worst.waiting} of it wait.`,
      'Raise concurrency of the job, or make it shorter.',
    )
  }
  const limited = evidence.groups
    .filter(({ waiting, rate }) => waiting > 0 && rate !== undefined && rate.used >= rate.limit)
    .toSorted((a, b) => b.waiting - a.waiting)[0]
  if (limited?.rate !== undefined) {
    find(
      'rate-limit',
      `${limited.waiting} jobs of ${limited.key} wait: ${limited.rate.used} of ${limited.rate.limit} have started within ${seconds(limited.rate.perMs)}.`,
      'Raise rateLimit of the job, if what it calls allows it.',
    )
  }
  const before = mine.length > 0 && backlog > 0 ? servedBefore(evidence, mine) : undefined
  if (before !== undefined) {
    find(
      'served-after-others',
      `All ${mine.length} workers serve ${before.queue} first, where ${readyOf(before)} jobs wait.`,
      `Give ${queue} a weight (${before.queue}:3,${queue}:1) or workers of its own.`,
    )
  }
  const ended = numbers.reduce((sum, { attempts }) => sum + attempts.completed + attempts.retried + attempts.failed, 0)
  for (const { job, attempts, failureRatio } of numbers) {
    const failedOnes = attempts.retried + attempts.failed
    if (failedOnes >= 5 && failureRatio >= 0.5 && failedOnes >= ended * 0.25) {
      find(
        'failing-class',
        `${failedOnes} of ${failedOnes + attempts.completed} attempts of ${job} failed in the last 5 minutes.`,
        `glueful queue failed --job=${job}`,
      )
    }
  }
  for (const { job, runSeconds } of numbers) {
    const usual = evidence.baselines.find((one) => one.job === job && one.queue === queue)
    if (runSeconds === undefined || usual === undefined || usual.samples < 20 || runSeconds.count < 5) continue
    if (runSeconds.p50 > usual.runP50Seconds * 3 && runSeconds.p50 > 0.01) {
      find('slow-class', `${job} takes ${runSeconds.p50.toFixed(3)} s (median), usual are ${usual.runP50Seconds.toFixed(3)} s.`, `Look at what ${job} calls.`)
    }
  }
  const { arrivals, throughput } = ratesOf(evidence, ended)
  const free = (depth?.states.waiting ?? 0) + (depth?.states.suspect ?? 0)
  if (free > 0 && mine.length > 0 && running >= places * 0.9 && depth?.paused !== true && !isFull) {
    find(
      'too-few-places',
      `${running} of ${places} places are taken, ${free} jobs wait, ${arrivals.toFixed(1)}/s come in and ${throughput.toFixed(1)}/s end.`,
      'Raise --concurrency for jobs that wait for others, --max for jobs that compute.',
    )
  }
  const { count, onDeadLetters } = evidence.blocked
  if (count > 0 && backlog === 0) {
    find(
      'blocked',
      `${count} jobs wait for others${onDeadLetters > 0 ? `, ${onDeadLetters} of them for dead letters` : ''}.`,
      onDeadLetters > 0 ? 'Retry or resolve those dead letters.' : 'Look at the jobs they wait for.',
    )
  }
  const delayed = depth?.states.delayed ?? 0
  if (delayed > 0 && backlog === 0)
    find('delayed', `${delayed} jobs wait for their time.`, 'Nothing: they were dispatched with a delay, or wait for another attempt.')
  if (evidence.outbox > 0)
    find('outbox', `${evidence.outbox} jobs are on their way to Redis.`, 'Look whether Redis answers, and whether a worker runs that hands them on.')

  const drain = throughput - arrivals
  const mean = meanRun(numbers)
  return {
    queue,
    backlog,
    oldestSeconds: depth?.oldestAt === undefined ? 0 : Math.max(0, now - depth.oldestAt) / 1_000,
    findings,
    arrivalsPerSecond: arrivals,
    throughputPerSecond: throughput,
    drainSeconds: backlog === 0 ? 0 : drain > 0 ? backlog / drain : undefined,
    placesNeeded: mean === undefined ? undefined : Math.max(1, Math.ceil((arrivals + backlog / targetSeconds) * mean)),
    placesNow: places,
    targetSeconds,
  }
}

function readyOf(depth: QueueDepth | undefined): number {
  return (depth?.states.waiting ?? 0) + (depth?.states.grouped ?? 0) + (depth?.states.suspect ?? 0)
}

/** A queue with a backlog that every worker of this one asks before it. */
function servedBefore({ otherDepths, queue }: Evidence, mine: readonly WorkerRecord[]): QueueDepth | undefined {
  const before = (other: string) => mine.every(({ queues }) => queues.includes(other) && queues.indexOf(other) < queues.indexOf(queue))
  return otherDepths.filter((other) => readyOf(other) > 0 && !other.paused && before(other.queue)).toSorted((a, b) => readyOf(b) - readyOf(a))[0]
}

function ratesOf({ depthSamples, numbers, queue, now }: Evidence, ended: number): { readonly arrivals: number; readonly throughput: number } {
  // Attempts that are tried again did not bring the queue forward.
  const gone = numbers.filter((one) => one.queue === queue).reduce((sum, { attempts }) => sum + attempts.completed + attempts.failed + attempts.cancelled, 0)
  const throughput = (ended === 0 ? 0 : gone) / windowSeconds
  const samples = depthSamples.filter((one) => one.queue === queue)
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.at === first.at) return { arrivals: 0, throughput }
  const total = (sample: DepthSample) => sample.waiting + sample.delayed + sample.active
  const span = Math.min(windowSeconds, (now - first.at) / 1_000)
  const over = Math.max(throughput, span > 0 ? gone / span : 0)
  return { arrivals: Math.max(0, over + (total(last) - total(first)) / ((last.at - first.at) / 1_000)), throughput: over }
}

function usualOf({ numbers, baselines }: Evidence, job: string): number | undefined {
  return baselines.find((one) => one.job === job)?.runP95Seconds ?? numbers.find((one) => one.job === job)?.runSeconds?.p95
}

function meanRun(numbers: readonly JobNumbers[]): number | undefined {
  let count = 0
  let sum = 0
  for (const { runSeconds } of numbers) {
    if (runSeconds === undefined) continue
    count += runSeconds.count
    sum += runSeconds.mean * runSeconds.count
  }
  return count === 0 ? undefined : sum / count
}

const percent = (ratio: number) => `${Math.round(ratio * 100)} %`
const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`
