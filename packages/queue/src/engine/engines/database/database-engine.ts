import { afterCommit, inTransaction, outsideTransaction, sql, type Database } from '@glueful/database'
import type { Clock, Logger } from 'glueful'
import { fail } from '../../../errors.ts'
import type { ClaimRequest, Delivery, Engine, Settled, Settlement } from '../../engine.ts'
import type { Limits, NewJob } from '../../stored-job.ts'
import { addBatch, findBatch } from './batches.ts'
import { claimGroups } from './claim-groups.ts'
import { cancelJob, setPaused } from './control.ts'
import { createDepths } from './depths.ts'
import { enqueueJobs } from './enqueue.ts'
import { findJob, listJobs } from './inspect.ts'
import { pruneJobs, pruneRest, queuesOfRecovered, recoverLost } from './maintain.ts'
import { createQueueLimits } from './queue-limits.ts'
import { reconcile } from './reconcile.ts'
import { leavesNothing, settleEach } from './settle.ts'
import { createSettling } from './settle-apart.ts'
import { statementsFor } from './statements.ts'
import { createVacuum } from './vacuum.ts'
import { createWakeSignal } from './wake.ts'
import { listWorkers, pulse } from './workers.ts'

export interface DatabaseEngineOptions {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  /** Of whole queues, by name. */
  readonly limits: ReadonlyMap<string, Limits>
  /** Told of what was stored, once it is committed. */
  readonly onEnqueued: (jobs: readonly NewJob[]) => void
}

const lookAroundMs = 1_000
const pruneRestMs = 60_000

/** Jobs in the application's own database: what is dispatched in a transaction commits with it. */
export function createDatabaseEngine({ database, clock, log, limits, onEnqueued }: DatabaseEngineOptions): Engine {
  const statements = statementsFor(database)
  const whenCommitted = (work: () => void) => (inTransaction() ? afterCommit(work) : work())
  const wake = createWakeSignal(database, log, whenCommitted)
  const now = () => Math.round(clock.now())
  const queueLimits = createQueueLimits({ database, now, limits })
  const counted = createDepths({ database, clock, log })
  const vacuum = createVacuum(database, clock, log)
  let restPrunedAt = -Infinity
  let claims = 0
  const createClaim = () => `${(++claims).toString(36)}.${Math.random().toString(36).slice(2, 14)}`
  const enqueue = async (jobs: readonly NewJob[]) => {
    const dispatched = await enqueueJobs({ database, statements, now }, jobs)
    if (jobs.some(({ group }) => group !== undefined)) around.groups = true
    wake.tell(new Set(jobs.map(({ queue }) => queue)))
    whenCommitted(() => onEnqueued(jobs.filter((_, index) => dispatched[index]?.outcome !== 'existing')))
    return dispatched
  }
  const parts = { database, statements, now, enqueue }
  const settleRest = createSettling(parts, log)

  // Most queues have neither groups nor suspects; whether there are any is looked up once a second, not in each claim.
  const around = { groups: true, suspects: true, at: -Infinity, turn: 0 }
  async function lookAround(): Promise<void> {
    if (clock.monotonic() - around.at < lookAroundMs) return
    around.at = clock.monotonic()
    const groups = await database.execute('select 1 from glueful_job_groups limit 1', [])
    const suspects = await database.execute(`select 1 from glueful_jobs where state = 'suspect' limit 1`, [])
    around.groups = groups.rows.length > 0
    around.suspects = suspects.rows.length > 0
  }

  const from = (request: ClaimRequest, queue: string, limit: number, state: 'waiting' | 'suspect') => ({
    queue,
    state,
    limit,
    worker: request.worker,
    claim: createClaim(),
    now: now(),
  })

  async function claim(request: ClaimRequest): Promise<Delivery[]> {
    await lookAround()
    const deliveries: Delivery[] = []
    for (const queue of request.queues) {
      const wanted = request.limit - deliveries.length
      const suspects = request.suspects - deliveries.filter(({ crashes }) => crashes > 0).length
      const limit = queueLimits.of(queue)
      const take = (room: number) => claimFrom({ ...request, limit: room, suspects }, queue)
      deliveries.push(...(await (limit === undefined ? take(wanted) : queueLimits.claimWithin(queue, limit, wanted, take))))
      if (deliveries.length >= request.limit) break
    }
    return deliveries
  }

  async function claimFrom(request: ClaimRequest, queue: string): Promise<Delivery[]> {
    const deliveries: Delivery[] = []
    const suspects = Math.min(request.suspects, request.limit)
    if (around.suspects && suspects > 0) deliveries.push(...(await statements.claim(from(request, queue, suspects, 'suspect'))))
    // Groups and the rest take turns at being first, so that neither can starve the other.
    const groupsFirst = around.groups && around.turn++ % 2 === 0
    for (const kind of groupsFirst ? (['groups', 'rest'] as const) : (['rest', 'groups'] as const)) {
      const limit = request.limit - deliveries.length
      if (limit <= 0 || (kind === 'groups' && !around.groups)) continue
      const given =
        kind === 'rest'
          ? await statements.claim(from(request, queue, limit, 'waiting'))
          : await claimGroups({ database, statements, now, createClaim }, { ...request, limit }, queue)
      deliveries.push(...given)
    }
    return deliveries
  }

  /** What leaves nothing behind goes in one statement for all; the rest, and what that one did not find, one by one. */
  async function settle(settlements: readonly Settlement[], next?: ClaimRequest): Promise<Settled> {
    const plain = settlements.filter(leavesNothing).map(({ delivery }) => delivery)
    const [queue] = next?.queues ?? []
    let removed: ReadonlySet<string> = new Set()
    let deliveries: readonly Delivery[] = []
    const isPlain = next?.queues.length === 1 && queue !== undefined && queueLimits.of(queue) === undefined && !around.groups && !around.suspects
    const together = next !== undefined && isPlain && plain.length > 0
    if (together) {
      const both = await statements.removeDoneAndClaim(plain, from(next, queue, next.limit, 'waiting'))
      removed = both.removed
      deliveries = both.deliveries
      await lookAround()
    } else if (plain.length > 0) removed = await statements.removeDone(plain)
    const rest = removed.size === settlements.length ? [] : settlements.filter(({ delivery }) => !removed.has(delivery.id))
    const { refused, unsettled } = await settleRest(rest)
    for (const { delivery } of rest) wake.tell([delivery.queue])
    if (!together && next !== undefined) deliveries = await claim(next)
    return { refused, ...(unsettled === undefined ? undefined : { unsettled }), deliveries }
  }

  return {
    name: 'database',
    pollMs: database.subscribe === undefined ? 100 : 1_000,
    // A file has one writer, and its statements run in this process.
    lanes: database.dialect === 'sqlite' ? 1 : 2,
    start: () => wake.start(),
    stop: async () => {
      await counted.stop()
      await wake.stop()
    },
    enqueue,
    enqueueBatch: (batch, jobs) => addBatch(parts, batch, jobs),
    findBatch: (id) => findBatch(parts, id),
    claim: (request) => outsideTransaction(() => claim(request)),
    settle: (settlements, next) => outsideTransaction(() => settle(settlements, next)),
    settleWithin: (delivery, work) =>
      database.transaction(async () => {
        const settlement = await work()
        const refused = await settleEach(parts, [settlement])
        if (refused.length > 0) throw fail('JOB_LEASE_LOST', { job: delivery.job, id: delivery.id })
        return true
      }),
    reconcile: (worker, held) => outsideTransaction(() => reconcile(database, worker, held)),
    reportProgress: (delivery, progress) =>
      outsideTransaction(
        async () => void (await database.run(sql`update glueful_jobs set progress = ${progress} where id = ${delivery.id} and claim = ${delivery.claim}`)),
      ),
    pulse: (worker, leaseMs, first) => outsideTransaction(() => pulse(database, worker, now(), leaseMs, first)),
    maintain: () =>
      outsideTransaction(async () => {
        const lost = await recoverLost(parts)
        if (lost.recovered > 0) {
          around.at = -Infinity
          wake.tell(await queuesOfRecovered(database))
        }
        const pruned = await pruneJobs(parts)
        if (clock.monotonic() - restPrunedAt >= pruneRestMs) {
          restPrunedAt = clock.monotonic()
          await pruneRest(parts)
        }
        await vacuum()
        return { ...lost, pruned }
      }),
    promote: () =>
      outsideTransaction(async () => {
        const promoted = await statements.promote(now(), 1_000)
        const opened = queueLimits.opened()
        if (promoted.length + opened.queues.length > 0) wake.tell([...promoted, ...opened.queues])
        const next = await database.execute(`select min(run_at) from glueful_jobs where state = 'delayed'`, [])
        const at = next.rows[0]?.[0]
        const nextAt = at === null || at === undefined ? opened.nextAt : Math.min(Number(at), opened.nextAt ?? Infinity)
        return { promoted, nextAt }
      }),
    leave: (worker) => outsideTransaction(async () => void (await database.run(sql`delete from glueful_queue_workers where id = ${worker}`))),
    onWork: wake.onWork,
    find: (id) => findJob(database, id),
    list: (filter) => listJobs(database, filter),
    depths: counted.depths,
    limits: () => queueLimits.list(),
    workers: () => listWorkers(database),
    pause: (queue) => setPaused(database, queue, true, now()),
    resume: async (queue) => {
      await setPaused(database, queue, false, now())
      wake.tell([queue])
    },
    cancel: async (id) => (await cancelJob({ database, now, enqueue }, id)) !== 'absent',
  }
}
