import { afterCommit, inTransaction, outsideTransaction, sql, type Database } from '@glueful/database'
import type * as Bull from 'bullmq'
import type { Queue as BullQueue, Worker as BullWorker } from 'bullmq'
import type { Clock, Logger, RedisConnection } from 'glueful'
import type { Redis } from 'ioredis'
import { fail } from '../../../errors.ts'
import type { ClaimRequest, Delivery, Engine, Settled, Settlement } from '../../engine.ts'
import type { Dispatched } from '../../../job/dispatcher.ts'
import type { Failure, NewJob } from '../../stored-job.ts'
import { buryForeign } from '../database/bury.ts'
import { releaseDependents } from '../database/dependents.ts'
import { withFailure } from '../database/settle.ts'
import { findJob, listJobs, queueDepths } from './look-into-redis.ts'
import { createOutbox } from './outbox.ts'
import { attemptOf, fitsRedis, toBull, toDelivery, toNewJob, type RedisJob, type RedisJobData } from './redis-job.ts'
import { requireDurableServer } from './require-durable-server.ts'

export interface RedisEngineOptions {
  readonly redis: RedisConnection
  readonly database: Database
  /** Keeps what needs a database: keys, limits, dependencies, batches, results, dead letters, workers. */
  readonly books: Engine
  readonly clock: Clock
  readonly log: Logger
  readonly leaseMs: number
  readonly allowLoss: boolean
  readonly onEnqueued: (jobs: readonly NewJob[]) => void
}

type Claims = BullWorker<RedisJobData>

/** Jobs that a worker of this process has from Redis, by their ids. */
type Held = Map<string, { readonly job: RedisJob; readonly claim: string }>

const mark = 'redis:'
const booksMs = 50
const effectsKeptMs = 7 * 86_400_000
/** Jobs in Redis, through BullMQ; what Redis cannot promise is kept in the database by the engine for it. */
export function createRedisEngine({ redis, database, books, clock, log, leaseMs, allowLoss, onEnqueued }: RedisEngineOptions): Engine {
  const prefix = redis.key('jobs')
  const namesKey = redis.key('jobs-queues')
  const cancelKey = redis.key('jobs-cancel')
  const parentsKey = redis.key('jobs-parents')
  const queues = new Map<string, BullQueue<RedisJobData>>()
  const claimers = new Map<string, Claims>()
  const held = new Map<string, Held>()
  const now = () => Math.round(clock.now())
  let connection: Redis | undefined
  // Loaded by the start, so that applications that keep their jobs in the database do not pay for it.
  let bull: typeof Bull | undefined
  const loaded = () => {
    if (bull === undefined) throw fail('QUEUE_NOT_BOOTED', { job: 'a job' })
    return bull
  }
  let claims = 0
  // Queues that gave as many jobs as were asked for.
  const full = new Set<string>()
  // The database is asked when it gave something, was given something, or was not asked for a while.
  let booksAt = -Infinity

  const client = (): Redis => (connection ??= redis.duplicate())

  function queueOf(name: string): BullQueue<RedisJobData> {
    let queue = queues.get(name)
    if (queue === undefined) {
      queue = new (loaded().Queue)<RedisJobData>(name, { connection: client(), prefix, skipVersionCheck: true })
      queue.on('error', (err) => log.debug({ err, queue: name }, 'The connection of a queue failed'))
      queues.set(name, queue)
    }
    return queue
  }

  /** BullMQ notes who has a job by the name of its worker, so there is one for each of ours and each queue. */
  function claimerOf(queue: string, worker: string): Claims {
    const key = `${worker}\n${queue}`
    let claimer = claimers.get(key)
    if (claimer === undefined) {
      claimer = new (loaded().Worker)<RedisJobData>(queue, null, {
        connection: client(),
        prefix,
        name: worker,
        autorun: false,
        lockDuration: leaseMs,
        skipLockRenewal: true,
        stalledInterval: Math.min(2_000, leaseMs / 4),
        maxStalledCount: Number.MAX_SAFE_INTEGER,
        skipVersionCheck: true,
      })
      claimer.on('error', (err) => log.debug({ err, queue }, 'The connection of a worker failed'))
      claimer.on(
        'stalled',
        (id: string) => void recovered(queue, id).catch((err: unknown) => log.warn({ err, jobId: id }, 'A lost job could not be looked at')),
      )
      void claimer.startStalledCheckTimer()
      claimers.set(key, claimer)
    }
    return claimer
  }

  async function names(): Promise<string[]> {
    return client().smembers(namesKey)
  }

  async function deliver(jobs: readonly NewJob[]): Promise<void> {
    const time = now()
    for (const [name, list] of Map.groupBy(jobs, ({ queue }) => queue)) {
      if (!queues.has(name)) await client().sadd(namesKey, name)
      const bulk = list.map((job) => toBull(job, time))
      if (bulk.length === 1) {
        const [{ name: job, data, opts }] = bulk as [(typeof bulk)[number]]
        await queueOf(name).add(job, data, opts)
      } else await queueOf(name).addBulk([...bulk])
    }
    for (const name of new Set(jobs.map(({ queue }) => queue))) tell(name)
  }

  const listeners = new Set<(queue: string) => void>()
  const tell = (queue: string) => {
    for (const listener of listeners) listener(queue)
  }
  const outbox = createOutbox(database, now, deliver, log)

  /** A worker was lost with the job: that counts as an attempt, and the last one ends in the dead letters. */
  async function recovered(queue: string, id: string): Promise<void> {
    const job = (await queueOf(queue).getJob(id)) as RedisJob | undefined
    if (job === undefined || job.stalledCounter <= (job.data.crashes ?? 0)) return
    const attempt = attemptOf(job)
    const worker = job.processedBy ?? 'unknown'
    const message = `The worker ${worker} was lost while it had the job.`
    const failures = withFailure({ failures: job.data.failures ?? [] }, { at: now(), attempt, worker, kind: 'crash', name: 'WorkerLost', message })
    if (attempt < job.data.tries) {
      await job.updateData({ ...job.data, failures, crashes: job.stalledCounter })
      return
    }
    await buryForeign(database, toNewJob(job, queue), attempt, failures, now())
    await job.remove()
  }

  async function claimFromRedis(queue: string, worker: string, limit: number): Promise<Delivery[]> {
    const claimer = claimerOf(queue, worker)
    const claim = `${mark}${(++claims).toString(36)}.${Math.random().toString(36).slice(2, 12)}`
    const one = () => claimer.getNextJob(claim, { block: false }) as Promise<RedisJob | undefined>
    const jobs: RedisJob[] = []
    // In growing rounds, so that an empty queue is asked once and one that was full the last time by the hundred.
    for (let size = full.has(queue) ? limit : 1; jobs.length < limit; size = Math.min(size * 8, limit)) {
      const round = Math.min(size, limit - jobs.length)
      const found = (await Promise.all(Array.from({ length: round }, one))).filter((job) => job !== undefined)
      jobs.push(...found)
      if (found.length < round) break
    }
    if (jobs.length < limit) full.delete(queue)
    else full.add(queue)
    let mine = held.get(worker)
    if (mine === undefined) held.set(worker, (mine = new Map()))
    const deliveries: Delivery[] = []
    for (const job of jobs) {
      // Taken by another before the loss was written down.
      if (job.stalledCounter > (job.data.crashes ?? 0)) await noteCrash(job)
      mine.set(job.id as string, { job, claim })
      deliveries.push(toDelivery(job, queue, claim))
    }
    return deliveries
  }

  async function noteCrash(job: RedisJob): Promise<void> {
    const failure: Failure = {
      at: now(),
      attempt: attemptOf(job) - 1,
      worker: 'unknown',
      kind: 'crash',
      name: 'WorkerLost',
      message: 'Its worker was lost while it had the job.',
    }
    await job.updateData({ ...job.data, failures: withFailure({ failures: job.data.failures ?? [] }, failure), crashes: job.stalledCounter })
  }

  async function claim(request: ClaimRequest): Promise<Delivery[]> {
    const deliveries: Delivery[] = []
    const begun = clock.monotonic()
    if (begun - booksAt >= booksMs) {
      booksAt = begun
      deliveries.push(...(await books.claim(request)))
      if (deliveries.length > 0) booksAt = -Infinity
    }
    for (const queue of request.queues) {
      const limit = request.limit - deliveries.length
      if (limit <= 0) break
      deliveries.push(...(await claimFromRedis(queue, request.worker, limit)))
    }
    return deliveries
  }

  /** False when the job belongs to somebody else by now. */
  async function settleInRedis(settlement: Settlement): Promise<boolean> {
    const { delivery } = settlement
    const { job, claim } = findHeld(delivery) ?? {}
    if (job === undefined || claim !== delivery.claim) return false
    try {
      switch (settlement.kind) {
        case 'complete':
          if (settlement.follow !== undefined) await enqueue(settlement.follow)
          await job.moveToCompleted(undefined, delivery.claim, false)
          break
        case 'cancel':
          await job.moveToCompleted(undefined, delivery.claim, false)
          break
        case 'retry':
          if ((await job.extendLock(delivery.claim, leaseMs)) !== 1) return false
          await job.updateData({ ...job.data, runAt: settlement.runAt, failures: withFailure(delivery, settlement.failure) })
          await job.moveToDelayed(settlement.runAt, delivery.claim)
          break
        case 'bury':
          if ((await job.extendLock(delivery.claim, leaseMs)) !== 1) return false
          await buryForeign(database, toNewJob(job, delivery.queue), delivery.attempt, withFailure(delivery, settlement.failure), now())
          await job.moveToCompleted(undefined, delivery.claim, false)
          break
        case 'release':
          if ((await job.extendLock(delivery.claim, leaseMs)) !== 1) return false
          await job.updateData({ ...job.data, runAt: settlement.runAt, released: (job.data.released ?? 0) + 1 })
          if (settlement.runAt > now()) await job.moveToDelayed(settlement.runAt, delivery.claim)
          else await job.moveToWait(delivery.claim)
      }
      return true
    } catch (err) {
      if (isLost(err)) return false
      throw err
    } finally {
      for (const mine of held.values()) if (mine.get(delivery.id)?.claim === delivery.claim) mine.delete(delivery.id)
    }
  }

  function findHeld(delivery: Delivery) {
    for (const mine of held.values()) {
      const found = mine.get(delivery.id)
      if (found?.claim === delivery.claim) return found
    }
    return undefined
  }

  async function settle(settlements: readonly Settlement[], next?: ClaimRequest): Promise<Settled> {
    const [inRedis, inBooks] = [settlements.filter(isInRedis), settlements.filter((settlement) => !isInRedis(settlement))]
    // What runs in the database may give room to what is claimed next; in Redis the two have nothing to do with each other.
    const claiming = next !== undefined && inBooks.length === 0 ? claim(next) : undefined
    claiming?.catch(() => undefined)
    const outcomes = await Promise.all(inRedis.map(settleInRedis))
    const refused = inRedis.filter((_, index) => outcomes[index] === false).map(({ delivery }) => delivery.id)
    await releaseWaiting(inRedis.filter(({ kind }, index) => kind === 'complete' && outcomes[index] === true).map(({ delivery }) => delivery.id))
    if (inBooks.length > 0) refused.push(...(await books.settle(inBooks)).refused)
    if (inBooks.length > 0) booksAt = -Infinity
    return { refused, deliveries: next === undefined ? [] : await (claiming ?? claim(next)) }
  }

  /** Redis and the database have no commit in common: the row of the job keeps its effects from happening twice. */
  async function settleWithin(delivery: Delivery, work: () => Promise<Settlement & { kind: 'complete' }>): Promise<void> {
    const lost = () => fail('JOB_LEASE_LOST', { job: delivery.job, id: delivery.id })
    const { job } = findHeld(delivery) ?? {}
    if (job === undefined) throw lost()
    await database.transaction(async () => {
      const done = await database.first(sql`select 1 as done from glueful_job_effects where job_id = ${delivery.id}`)
      if (done !== undefined) return
      await database.run(sql`insert into glueful_job_effects (job_id, at) values (${delivery.id}, ${now()})`)
      await work()
      if ((await job.extendLock(delivery.claim, leaseMs).catch(() => 0)) !== 1) throw lost()
    })
    await outsideTransaction(async () => {
      await settleInRedis({ kind: 'complete', delivery })
      await releaseWaiting([delivery.id])
    })
  }

  /** Jobs in the database that wait for jobs in Redis; Redis knows for which of them anybody waits. */
  async function releaseWaiting(done: readonly string[]): Promise<void> {
    if (done.length === 0) return
    const waited = await client().smismember(parentsKey, ...done)
    for (const [index, id] of done.entries()) {
      if (waited[index] !== 1) continue
      await database.transaction(() => releaseDependents({ database, now }, id))
      await client().srem(parentsKey, id)
      booksAt = -Infinity
    }
  }

  /** In Redis, or on its way there. */
  async function isElsewhere(id: string): Promise<boolean> {
    if ((await database.first(sql`select 1 as there from glueful_job_outbox where id = ${id}`)) !== undefined) return true
    return (await findInRedis(id)) !== undefined
  }

  /** Says in Redis that somebody waits, before looking who is there: whoever ends from then on finds it said. */
  async function withParents(job: NewJob): Promise<NewJob> {
    const { after } = job
    if (after === undefined) return job
    await client().sadd(parentsKey, ...after)
    const afterElsewhere: string[] = []
    for (const id of after) if (await isElsewhere(id)) afterElsewhere.push(id)
    return afterElsewhere.length === 0 ? job : { ...job, afterElsewhere }
  }

  /** One that has ended while its dependents were being written has found none. */
  async function lookAgain(jobs: readonly NewJob[]): Promise<void> {
    for (const id of new Set(jobs.flatMap(({ afterElsewhere }) => afterElsewhere ?? []))) if (!(await isElsewhere(id))) await releaseWaiting([id])
  }

  async function enqueue(jobs: readonly NewJob[]): Promise<readonly Dispatched[]> {
    const plain = jobs.filter(fitsRedis)
    const rest = jobs.filter((job) => !fitsRedis(job))
    const withTheirs = await Promise.all(rest.map(withParents))
    const kept = rest.length === 0 ? [] : await books.enqueue(withTheirs)
    if (rest.length > 0) booksAt = -Infinity
    if (inTransaction()) afterCommit(() => lookAgain(withTheirs))
    else await lookAgain(withTheirs)
    if (plain.length > 0) {
      if (inTransaction()) {
        await outbox.add(plain)
        afterCommit(() => onEnqueued(plain))
      } else {
        await deliver(plain)
        onEnqueued(plain)
      }
    }
    const byId = new Map(rest.map((job, index) => [job.id, kept[index]]))
    return jobs.map(({ id }) => byId.get(id) ?? { id, outcome: 'queued' as const })
  }

  const looking = { books, names, queueOf }
  const findInRedis = (id: string) => findJob(looking, id)

  return {
    ...books,
    name: 'redis',
    pollMs: 100,
    start: async () => {
      bull = await import('bullmq')
      await requireDurableServer(client(), allowLoss, log)
      await books.start()
    },
    stop: async () => {
      await outbox.idle()
      await Promise.all([...claimers.values()].map((claimer) => claimer.close(true)))
      await Promise.all([...queues.values()].map((queue) => queue.close()))
      connection?.disconnect()
      await books.stop()
    },
    enqueue,
    claim: (request) => outsideTransaction(() => claim(request)),
    settle: (settlements, next) => outsideTransaction(() => settle(settlements, next)),
    settleWithin: (delivery, work) => (isInRedis({ delivery }) ? settleWithin(delivery, work) : books.settleWithin(delivery, work)),
    reportProgress: async (delivery, progress) => {
      const { job } = findHeld(delivery) ?? {}
      if (job === undefined) return books.reportProgress(delivery, progress)
      await job.updateData({ ...job.data, progress: JSON.parse(progress) as unknown })
    },
    pulse: async (worker, lease, first) => {
      const mine = held.get(worker.id)
      // A lock that cannot be extended is lost: its settlement will be refused.
      if (mine !== undefined) await Promise.all([...mine.values()].map(({ job, claim }) => job.extendLock(claim, leaseMs).catch(() => 0)))
      const [pulse, asked] = await Promise.all([books.pulse(worker, lease, first), client().smembers(cancelKey)])
      if (!pulse.alive) held.delete(worker.id)
      return { ...pulse, cancelled: [...pulse.cancelled, ...asked.filter((id) => mine?.has(id) === true)] }
    },
    promote: async () => {
      const found = await books.promote()
      if (found.promoted.length > 0) booksAt = -Infinity
      return found
    },
    maintain: async () => {
      booksAt = -Infinity
      await outbox.relay()
      await database.run(sql`delete from glueful_job_effects where at < ${now() - effectsKeptMs}`)
      return books.maintain()
    },
    leave: async (worker) => {
      held.delete(worker)
      for (const [key, claimer] of claimers) {
        if (!key.startsWith(`${worker}\n`)) continue
        claimers.delete(key)
        await claimer.close(true)
      }
      await books.leave(worker)
    },
    onWork: (listener) => {
      listeners.add(listener)
      const stop = books.onWork((queue) => {
        booksAt = -Infinity
        listener(queue)
      })
      return () => {
        listeners.delete(listener)
        stop()
      }
    },
    find: async (id) => (await books.find(id)) ?? (await findInRedis(id)),
    list: (filter) => listJobs(looking, filter),
    depths: () => queueDepths(looking),
    pause: async (queue) => {
      await queueOf(queue).pause()
      await books.pause(queue)
    },
    resume: async (queue) => {
      booksAt = -Infinity
      await queueOf(queue).resume()
      await books.resume(queue)
      tell(queue)
    },
    cancel: async (id) => {
      if (await books.cancel(id)) return true
      const found = await findInRedis(id)
      if (found === undefined) return false
      if (found.state === 'active') {
        await client().sadd(cancelKey, id)
        await client().expire(cancelKey, 3_600)
        return true
      }
      await ((await queueOf(found.queue).getJob(id)) as RedisJob | undefined)?.remove()
      return true
    },
  }
}

function isInRedis({ delivery }: { readonly delivery: Delivery }): boolean {
  return delivery.claim.startsWith(mark)
}

/** BullMQ says so when the lock is missing or another's, or the job is not active any more. */
function isLost(error: unknown): boolean {
  return error instanceof Error && /Missing lock|Lock mismatch|not in the active state|Missing key/i.test(error.message)
}
