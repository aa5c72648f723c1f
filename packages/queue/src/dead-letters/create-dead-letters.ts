import { sql, type Database, type Sql } from '@glueful/database'
import type { AuditLog, Clock } from 'glueful'
import { cancelledOf, countInBatches } from '../engine/engines/database/batches.ts'
import { cancelDependents, type TakenOut } from '../engine/engines/database/dependents.ts'
import type { Engine } from '../engine/engine.ts'
import type { Failure, JobGroup, JobMeta, NewJob } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import { createJobId } from '../job/job-id.ts'
import type { AnyJob } from '../job/job.ts'
import { decodePayload, encodePayload } from '../job/payload.ts'
import { readPayload } from '../worker/run-job.ts'
import type { SandboxRequest, SandboxRun } from './sandbox-run.ts'
import type { Actor, DeadLetter, DeadLetterGroup, DeadLetters, DeadLetterSelection, DeadLetterState } from './dead-letter.ts'

export interface DeadLettersParts {
  readonly database: Database
  readonly engine: Engine
  readonly jobs: ReadonlyMap<string, AnyJob>
  readonly clock: Clock
  readonly payloadLimit: number
  readonly audit: () => AuditLog | undefined
  readonly runInSandbox: (letter: DeadLetter, request: SandboxRequest) => Promise<SandboxRun>
  /** Told how many were resolved, by hand or by a retry. */
  readonly onResolved: (how: 'retried' | 'resolved' | 'discarded', count: number) => void
}

interface Row {
  readonly id: string
  readonly job_id: string
  readonly job: string
  readonly queue: string
  readonly payload: string
  readonly meta: string | null
  readonly sort_order: unknown
  readonly tries: unknown
  readonly attempts: unknown
  readonly keep_ms: unknown
  readonly failures: string
  readonly fingerprint: string
  readonly error_name: string
  readonly error_message: string
  readonly state: DeadLetterState
  readonly note: string | null
  readonly settled_by: string | null
  readonly settled_at: unknown
  readonly created_at: unknown
  readonly failed_at: unknown
}

const columns = sql`id, job_id, job, queue, payload, meta, sort_order, tries, attempts, keep_ms, failures, fingerprint, error_name, error_message, state, note, settled_by, settled_at, created_at, failed_at`
const partSize = 500

/** The dead letters of all engines lie in the application's database, beside what failed to be written. */
export function createDeadLetters({ database, engine, jobs, clock, payloadLimit, audit, runInSandbox, onResolved }: DeadLettersParts): DeadLetters {
  const now = () => Math.round(clock.now())

  async function record(actor: Actor, action: string, target: string, after: unknown, before?: unknown): Promise<void> {
    const { id, requestId = null, ip = null } = actor
    await audit()?.record({ actor: id, action, target, after, ...(before === undefined ? undefined : { before }), result: 'ok', requestId, ip })
  }

  async function rows(where: Sql, limit: number): Promise<Row[]> {
    return database.all<Row>(sql`select ${columns} from glueful_dead_letters where ${where} order by id desc limit ${limit}`)
  }

  /** Hands every part of what is selected to `work`, in a transaction that holds the rows. */
  async function inParts(selection: DeadLetterSelection, work: (list: readonly Row[]) => Promise<void>): Promise<number> {
    const where = sql`state = 'open' and ${conditionOf(selection)}`
    const lock = database.dialect === 'sqlite' ? sql`` : sql` for update`
    let count = 0
    for (;;) {
      const list = await database.all<Row>(sql`select ${columns} from glueful_dead_letters where ${where} order by id limit ${partSize}${lock}`)
      if (list.length > 0) await work(list)
      count += list.length
      if (list.length < partSize) return count
    }
  }

  async function releaseWaiting(list: readonly Row[]): Promise<void> {
    const taken: TakenOut[] = []
    for (const { job_id } of list) taken.push(...(await cancelDependents({ database, now }, job_id)))
    await countInBatches({ database, now, enqueue: (following) => engine.enqueue(following) }, cancelledOf(taken))
  }

  async function find(id: string): Promise<DeadLetter | undefined> {
    if (!/^[0-9a-f-]{36}$/i.test(id)) return undefined
    const [row] = await rows(sql`id = ${id}`, 1)
    return row === undefined ? undefined : toDeadLetter(row)
  }

  return {
    find,
    list: async ({ fingerprint, job, queue, state = 'open', limit = 50, before } = {}) => {
      const conditions = [sql`1 = 1`]
      if (state !== 'all') conditions.push(sql`state = ${state}`)
      if (fingerprint !== undefined) conditions.push(sql`fingerprint = ${fingerprint}`)
      if (job !== undefined) conditions.push(sql`job = ${job}`)
      if (queue !== undefined) conditions.push(sql`queue = ${queue}`)
      if (before !== undefined) conditions.push(sql`id < ${before}`)
      return (await rows(sql.join(conditions, sql` and `), Math.min(500, Math.max(1, limit)))).map(toDeadLetter)
    },
    groups: async ({ job, queue } = {}) => {
      const only = [sql`state = 'open'`, ...(job === undefined ? [] : [sql`job = ${job}`]), ...(queue === undefined ? [] : [sql`queue = ${queue}`])]
      const found = await database.all<
        Record<string, unknown>
      >(sql`select fingerprint, min(job) as job, min(error_name) as error_name, min(error_message) as error_message,
        count(*) as n, min(failed_at) as first_at, max(failed_at) as last_at from glueful_dead_letters where ${sql.join(only, sql` and `)}
        group by fingerprint order by n desc, last_at desc limit 200`)
      return found.map(toGroup)
    },
    edit: (id, payload, actor) =>
      database.transaction(async () => {
        const before = await find(id)
        if (before?.state !== 'open') throw fail('DEAD_LETTER_UNKNOWN', { id, state: before?.state })
        const job = jobs.get(before.job)?.compiled
        const text = encodePayload(before.job, payload, payloadLimit)
        const parsed = await job?.parse(decodePayload(text))
        if (parsed !== undefined && 'faults' in parsed) throw fail('JOB_PAYLOAD_INVALID', { job: before.job, faults: parsed.faults })
        const { rowCount } = await database.run(sql`update glueful_dead_letters set payload = ${text} where id = ${id} and state = 'open'`)
        // Somebody has retried or resolved it meanwhile.
        if (rowCount === 0) throw fail('DEAD_LETTER_UNKNOWN', { id, state: (await find(id))?.state })
        await record(actor, 'dead-letter.edited', `dead-letter:${id}`, { payload }, { payload: before.payload })
        return { ...before, payload: decodePayload(text) }
      }),
    sandbox: async (id, request, actor) => {
      const letter = await find(id)
      if (letter === undefined) throw fail('DEAD_LETTER_UNKNOWN', { id, state: undefined })
      const run = await runInSandbox(letter, request)
      const { outcome, effectCount } = run
      await record(actor, 'dead-letter.sandboxed', `dead-letter:${id}`, {
        outcome,
        effectCount,
        ...('payload' in request ? { payload: request.payload } : undefined),
      })
      return run
    },
    retry: async (selection, { rate, stopAfter }, actor) => {
      if (rate !== undefined && !(rate > 0 && rate <= 100_000))
        throw fail('DEAD_LETTER_OPTION_INVALID', { option: 'rate', found: String(rate), expected: 'jobs a second, above 0' })
      if (stopAfter !== undefined && !(Number.isInteger(stopAfter) && stopAfter >= 1))
        throw fail('DEAD_LETTER_OPTION_INVALID', { option: 'stopAfter', found: String(stopAfter), expected: 'a whole number of at least 1' })
      const redrive = createJobId(now())
      return database.transaction(async () => {
        const start = now()
        let turn = 0
        const count = await inParts(selection, async (list) => {
          const ids = sql.join(list.map(({ id }) => id))
          await database.run(
            sql`update glueful_dead_letters set state = 'retried', redrive_id = ${redrive}, settled_at = ${start}, settled_by = ${actor.id} where id in (${ids})`,
          )
          const again = list.map((row) => toNewJob(row, redrive, start, rate === undefined ? start : start + Math.floor((turn++ * 1_000) / rate)))
          await engine.enqueue(await Promise.all(again))
          for (const { job_id } of list) await keepDependents(job_id)
        })
        await database.run(
          sql`insert into glueful_redrives (id, total, failed, stop_after, state, created_at) values (${redrive}, ${count}, 0, ${stopAfter ?? null}, 'open', ${start})`,
        )
        if (count > 0) await record(actor, 'dead-letter.retried', `redrive:${redrive}`, { selection, count, rate, stopAfter })
        onResolved('retried', count)
        return { redrive, count }
      })
    },
    redrive: async (id) => {
      if (!/^[0-9a-f-]{36}$/i.test(id)) return undefined
      const row = await database.first<Record<string, unknown>>(sql`select total, failed, state from glueful_redrives where id = ${id}`)
      return row === undefined ? undefined : { id, total: Number(row['total']), failed: Number(row['failed']), state: row['state'] as 'open' | 'stopped' }
    },
    resolve: async (selection, note, actor) => {
      const count = await database.transaction(async () => {
        const found = await inParts(selection, async (list) => {
          const ids = sql.join(list.map(({ id }) => id))
          await database.run(
            sql`update glueful_dead_letters set state = 'resolved', note = ${note}, settled_at = ${now()}, settled_by = ${actor.id} where id in (${ids})`,
          )
          await releaseWaiting(list)
        })
        if (found > 0) await record(actor, 'dead-letter.resolved', targetOf(selection), { note, count: found })
        return found
      })
      onResolved('resolved', count)
      return count
    },
    discard: async (selection, actor) => {
      const count = await database.transaction(async () => {
        const found = await inParts(selection, async (list) => {
          await database.run(sql`delete from glueful_dead_letters where id in (${sql.join(list.map(({ id }) => id))})`)
          await releaseWaiting(list)
        })
        if (found > 0) await record(actor, 'dead-letter.discarded', targetOf(selection), { count: found })
        return found
      })
      onResolved('discarded', count)
      return count
    },
    // One whose job has not ended is what its redrive brings back where it may stop itself.
    purge: async (before) =>
      (
        await database.run(sql`delete from glueful_dead_letters where state <> 'open' and settled_at < ${before}
          and not exists (select 1 from glueful_redrives r join glueful_jobs j on j.id = glueful_dead_letters.job_id
            where r.id = glueful_dead_letters.redrive_id and r.state = 'open' and r.stop_after is not null)`)
      ).rowCount,
  }

  /** Jobs that waited for the dead one wait for it as before. */
  async function keepDependents(id: string): Promise<void> {
    await database.run(
      sql`update glueful_jobs set dependents = 1 where id = ${id} and exists (select 1 from glueful_job_dependencies d where d.parent_id = ${id})`,
    )
  }

  /** As at a dispatch: by the payload as the handler gets it. One that cannot be read will not run, and needs no place. */
  async function groupOf(row: Row): Promise<JobGroup | undefined> {
    const job = jobs.get(row.job)?.compiled
    if (job?.groupOf === undefined) return undefined
    try {
      return job.groupOf(await readPayload(job, row.payload))
    } catch (error) {
      if ((error as { code?: unknown }).code === 'JOB_PAYLOAD_INVALID') return undefined
      throw error
    }
  }

  async function toNewJob(row: Row, redrive: string, createdAt: number, runAt: number): Promise<NewJob> {
    const group = await groupOf(row)
    const meta = { ...(row.meta === null ? undefined : (JSON.parse(row.meta) as JobMeta)), redrive }
    return {
      id: row.job_id,
      job: row.job,
      queue: row.queue,
      payload: row.payload,
      priority: 0 - Number(row.sort_order),
      createdAt,
      runAt,
      tries: Number(row.tries),
      keepMs: Number(row.keep_ms),
      failures: JSON.parse(row.failures) as Failure[],
      meta,
      ...(group === undefined ? undefined : { group }),
    }
  }
}

/** @throws `DEAD_LETTER_SELECTION_EMPTY`, so that a forgotten filter does not mean everything */
function conditionOf({ ids, fingerprint, job, queue, all }: DeadLetterSelection): Sql {
  const conditions = [
    ...(ids === undefined ? [] : [ids.length === 0 ? sql`1 = 0` : sql`id in (${sql.join(ids.filter((id) => /^[0-9a-f-]{36}$/i.test(id)).concat(nobody))})`]),
    ...(fingerprint === undefined ? [] : [sql`fingerprint = ${fingerprint}`]),
    ...(job === undefined ? [] : [sql`job = ${job}`]),
    ...(queue === undefined ? [] : [sql`queue = ${queue}`]),
    ...(all === true ? [sql`1 = 1`] : []),
  ]
  if (conditions.length === 0) throw fail('DEAD_LETTER_SELECTION_EMPTY', undefined)
  return sql.join(conditions, sql` and `)
}

const nobody = ['00000000-0000-0000-0000-000000000000']

function targetOf({ ids, fingerprint, job, queue }: DeadLetterSelection): string {
  if (ids?.length === 1) return `dead-letter:${ids[0]}`
  return `dead-letters:${fingerprint ?? job ?? queue ?? (ids === undefined ? 'all' : `${ids.length}`)}`
}

function toDeadLetter(row: Row): DeadLetter {
  const meta = row.meta === null ? {} : (JSON.parse(row.meta) as JobMeta)
  return {
    id: row.id,
    jobId: row.job_id,
    job: row.job,
    queue: row.queue,
    payload: decodePayload(row.payload),
    state: row.state,
    fingerprint: row.fingerprint,
    error: { name: row.error_name, message: row.error_message },
    failures: JSON.parse(row.failures) as Failure[],
    attempts: Number(row.attempts),
    tries: Number(row.tries),
    priority: 0 - Number(row.sort_order),
    meta,
    trace: meta.trace,
    requestId: meta.requestId,
    note: row.note ?? undefined,
    settledBy: row.settled_by ?? undefined,
    settledAt: row.settled_at === null ? undefined : Number(row.settled_at),
    createdAt: Number(row.created_at),
    failedAt: Number(row.failed_at),
  }
}

function toGroup(row: Record<string, unknown>): DeadLetterGroup {
  return {
    fingerprint: row['fingerprint'] as string,
    job: row['job'] as string,
    error: { name: row['error_name'] as string, message: row['error_message'] as string },
    count: Number(row['n']),
    firstAt: Number(row['first_at']),
    lastAt: Number(row['last_at']),
  }
}
