import { sql, type Database } from '@glueful/database'
import type { Pulse, WorkerRecord } from '../../engine.ts'

/** Says that a worker is alive; its one row is the lease of all its jobs. */
export async function pulse(database: Database, worker: WorkerRecord, now: number, leaseMs: number, first: boolean): Promise<Pulse> {
  const { id, state, running, done, failed, memoryBytes, cpuSeconds } = worker
  if (first) {
    await database.run(sql`insert into glueful_queue_workers (id, host, pid, queues, concurrency, state, running, done, failed, memory_bytes, cpu_seconds, started_at, seen_at, lease_until)
      values (${id}, ${worker.host}, ${worker.pid}, ${JSON.stringify(worker.queues)}, ${worker.concurrency}, ${state}, ${running}, ${done}, ${failed},
      ${Math.round(memoryBytes)}, ${cpuSeconds}, ${worker.startedAt}, ${now}, ${now + leaseMs})`)
    return { alive: true, cancelled: [] }
  }
  const { rowCount } = await database.run(sql`update glueful_queue_workers set state = ${state}, running = ${running}, done = ${done}, failed = ${failed},
    memory_bytes = ${Math.round(memoryBytes)}, cpu_seconds = ${cpuSeconds}, concurrency = ${worker.concurrency}, seen_at = ${now}, lease_until = ${now + leaseMs}
    where id = ${id} and state <> 'crashed'`)
  if (rowCount === 0) return { alive: false, cancelled: [] }
  const cancelled = await database.all<{ id: string }>(sql`select id from glueful_jobs where worker = ${id} and state = 'active' and cancel_asked = 1`)
  return { alive: true, cancelled: cancelled.map((job) => job.id) }
}

interface WorkerRow {
  readonly id: string
  readonly host: string
  readonly pid: unknown
  readonly queues: string
  readonly concurrency: unknown
  readonly state: WorkerRecord['state']
  readonly running: unknown
  readonly done: unknown
  readonly failed: unknown
  readonly memory_bytes: unknown
  readonly cpu_seconds: unknown
  readonly started_at: unknown
  readonly seen_at: unknown
}

export async function listWorkers(database: Database): Promise<WorkerRecord[]> {
  const rows =
    await database.all<WorkerRow>(sql`select id, host, pid, queues, concurrency, state, running, done, failed, memory_bytes, cpu_seconds, started_at, seen_at
    from glueful_queue_workers order by started_at, id limit 1000`)
  const paused = await database.all<{ queue: string }>(sql`select queue from glueful_queues where paused = 1`)
  // A worker is not told; its queues are.
  const stateOf = ({ state, queues }: WorkerRow): WorkerRecord['state'] =>
    state === 'idle' && paused.length > 0 && (JSON.parse(queues) as string[]).every((name) => paused.some(({ queue }) => queue === name)) ? 'paused' : state
  return rows.map((row) => ({
    id: row.id,
    host: row.host,
    pid: Number(row.pid),
    queues: JSON.parse(row.queues) as string[],
    concurrency: Number(row.concurrency),
    state: stateOf(row),
    running: Number(row.running),
    done: Number(row.done),
    failed: Number(row.failed),
    memoryBytes: Number(row.memory_bytes),
    cpuSeconds: Number(row.cpu_seconds),
    startedAt: Number(row.started_at),
    seenAt: Number(row.seen_at),
  }))
}
