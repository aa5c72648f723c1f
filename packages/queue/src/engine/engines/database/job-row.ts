import type { Delivery } from '../../engine.ts'
import type { Failure, JobMeta, JobRecord, JobState, NewJob } from '../../stored-job.ts'

/** The columns of a new row, in the order of `rowOf`. */
export const insertColumns = [
  'id',
  'queue',
  'job',
  'state',
  'sort_order',
  'run_at',
  'created_at',
  'attempts',
  'tries',
  'crashes',
  'keep_ms',
  'waits',
  'dependents',
  'cancel_asked',
  'payload',
  'meta',
  'group_key',
  'unique_key',
  'unique_until',
  'batch_id',
  'failures',
] as const

export type JobRow = readonly (string | number | null)[]

export function rowOf(job: NewJob, state: JobState, waits: number): JobRow {
  return [
    job.id,
    job.queue,
    job.job,
    state,
    0 - job.priority,
    job.runAt,
    job.createdAt,
    job.attempts ?? 0,
    job.tries,
    0,
    job.keepMs,
    waits,
    0,
    0,
    job.payload,
    job.meta === undefined ? null : JSON.stringify(job.meta),
    job.group?.key ?? null,
    job.unique?.key ?? null,
    job.unique?.until ?? null,
    job.batchId ?? null,
    job.failures === undefined ? null : JSON.stringify(job.failures),
  ]
}

/** Where a job stands that nothing holds back but its time and its group. */
export function readyState(job: { readonly runAt: number; readonly group?: unknown }, now: number): JobState {
  if (job.runAt > now) return 'delayed'
  return job.group === undefined ? 'waiting' : 'grouped'
}

/** What a claim returns, in the order of `toDelivery`. */
export const deliveryColumns = [
  'id',
  'job',
  'queue',
  'payload',
  'sort_order',
  'created_at',
  'run_at',
  'attempts',
  'tries',
  'crashes',
  'keep_ms',
  'batch_id',
  'group_key',
  'unique_key',
  'unique_until',
  'failures',
  'meta',
] as const

const noFailures: readonly Failure[] = []
const noMeta: JobMeta = {}

export function toDelivery(row: readonly unknown[], claim: string): Delivery {
  return {
    id: row[0] as string,
    claim,
    job: row[1] as string,
    queue: row[2] as string,
    payload: row[3] as string,
    priority: 0 - Number(row[4]),
    createdAt: Number(row[5]),
    runAt: Number(row[6]),
    attempt: Number(row[7]),
    tries: Number(row[8]),
    crashes: Number(row[9]),
    keepMs: Number(row[10]),
    batchId: (row[11] as string | null) ?? undefined,
    groupKey: (row[12] as string | null) ?? undefined,
    uniqueKey: (row[13] as string | null) ?? undefined,
    uniqueUntil: row[14] === null ? undefined : Number(row[14]),
    failures: row[15] === null ? noFailures : (JSON.parse(row[15] as string) as Failure[]),
    meta: row[16] === null ? noMeta : (JSON.parse(row[16] as string) as JobMeta),
  }
}

/** As the queue gives them out: the most urgent first, then the oldest. */
export function inOrder(deliveries: Delivery[]): Delivery[] {
  return deliveries.sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1))
}

/** What a look at a job reads, in the order of `toRecord`. */
export const recordColumns = [
  'id',
  'job',
  'queue',
  'state',
  'payload',
  'sort_order',
  'created_at',
  'run_at',
  'started_at',
  'finished_at',
  'attempts',
  'tries',
  'worker',
  'progress',
  'result',
  'batch_id',
  'failures',
  'meta',
] as const

export function toRecord(row: readonly unknown[]): JobRecord {
  const optional = (value: unknown) => (value === null ? undefined : Number(value))
  const json = (value: unknown) => (value === null || value === '' ? undefined : (JSON.parse(value as string) as unknown))
  return {
    id: row[0] as string,
    job: row[1] as string,
    queue: row[2] as string,
    state: row[3] as JobState,
    payload: row[4] as string,
    priority: 0 - Number(row[5]),
    createdAt: Number(row[6]),
    runAt: Number(row[7]),
    startedAt: optional(row[8]),
    finishedAt: optional(row[9]),
    attempts: Number(row[10]),
    tries: Number(row[11]),
    worker: (row[12] as string | null) ?? undefined,
    progress: json(row[13]),
    result: json(row[14]),
    batchId: (row[15] as string | null) ?? undefined,
    failures: (json(row[16]) as Failure[] | undefined) ?? noFailures,
    meta: (json(row[17]) as JobMeta | undefined) ?? noMeta,
  }
}
