import { afterCommit, inTransaction, outsideTransaction, sql, type Database } from '@glueful/database'
import { GluefulError, withTimeout, type Clock, type Logger, type RedisConnection } from 'glueful'
import { fail } from '../../../errors.ts'
import type { Dispatched } from '../../../job/dispatcher.ts'
import type { ClaimRequest, Delivery, Engine, Settled, Settlement } from '../../engine.ts'
import type { Limits, NewJob } from '../../stored-job.ts'
import { enqueueFollowing } from '../database/follow.ts'
import { createBringOver } from './bring-over.ts'
import { createRedisClaims } from './claim-from-redis.ts'
import { createHeldJobs } from './held-jobs.ts'
import { findJob, listJobs, queueDepths } from './look-into-redis.ts'
import { createOutbox } from './outbox.ts'
import { createRedisParents } from './parents-in-redis.ts'
import { fitsRedis, isInRedis, type RedisJob } from './redis-job.ts'
import { createRedisQueues } from './redis-queues.ts'
import { requireDurableServer } from './require-durable-server.ts'
import { createRedisSettling } from './settle-in-redis.ts'
import { storeInRedis } from './store-in-redis.ts'

export interface RedisEngineOptions {
  readonly redis: RedisConnection
  readonly database: Database
  /** Keeps what needs a database: keys, limits, dependencies, batches, results, dead letters, workers. */
  readonly books: Engine
  readonly clock: Clock
  readonly log: Logger
  readonly leaseMs: number
  readonly allowLoss: boolean
  /** Of whole queues, by name; those of which `books` knows. */
  readonly limits: ReadonlyMap<string, Limits>
  readonly onEnqueued: (jobs: readonly NewJob[]) => void
}

const booksMs = 50
const effectsKeptMs = 7 * 86_400_000
/** How long the start waits for Redis, to which it connects in the background for as long as it takes. */
const patience = '10s'

/** Jobs in Redis, through BullMQ; what Redis cannot promise is kept in the database by the engine for it. */
export function createRedisEngine({ redis, database, books, clock, log, leaseMs, allowLoss, limits, onEnqueued }: RedisEngineOptions): Engine {
  const cancelKey = redis.key('jobs-cancel')
  const now = () => Math.round(clock.now())
  const queues = createRedisQueues({ redis, log, leaseMs, onStalled: (queue, id) => claims.recovered(queue, id) })
  const { client, queueOf } = queues
  const held = createHeldJobs()
  const claims = createRedisClaims({ queues, held, database, now, log })
  const looking = { books, names: queues.names, queueOf }
  const findInRedis = (id: string) => findJob(looking, id)
  const parents = createRedisParents({
    client,
    key: redis.key('jobs-parents'),
    database,
    now,
    enqueue: (jobs) => enqueue(jobs),
    isInRedis: async (id) => (await findInRedis(id)) !== undefined,
    onReleased: () => askBooks(),
  })
  const settling = createRedisSettling({ held, database, now, leaseMs, follow: (jobs) => enqueueFollowing({ database, now, enqueue }, jobs) })
  const bringOver = createBringOver({ books, claims, settling, held, queues: [...limits.keys()] })
  const outbox = createOutbox({ database, now, isReady: () => queues.isReady, deliver, log })

  // The database is asked when it gave something, was given something, or was not asked for a while.
  let booksAt = -Infinity
  const askBooks = () => {
    booksAt = -Infinity
  }
  const listeners = new Set<(queue: string) => void>()
  const tell = (queue: string) => {
    for (const listener of listeners) listener(queue)
  }

  async function deliver(jobs: readonly NewJob[]): Promise<void> {
    const time = now()
    for (const [name, list] of Map.groupBy(jobs, ({ queue }) => queue)) {
      if (!queues.isKnown(name)) await queues.remember(name)
      await storeInRedis(queueOf(name), list, time)
      tell(name)
    }
  }

  /** While Redis is away, the outbox takes what it should have had. */
  async function deliverSurely(jobs: readonly NewJob[]): Promise<void> {
    if (queues.isReady) {
      try {
        return await deliver(jobs)
      } catch (err) {
        log.warn({ err, jobs: jobs.length }, 'Redis did not take jobs; they are handed on from the outbox when it is back')
      }
    }
    await outbox.add(jobs)
  }

  async function enqueue(jobs: readonly NewJob[]): Promise<readonly Dispatched[]> {
    const plain = jobs.filter((job) => fitsRedis(job, limits))
    const rest = plain.length === jobs.length ? [] : jobs.filter((job) => !fitsRedis(job, limits))
    const kept = rest.length === 0 ? [] : await storeInBooks(rest, books.enqueue)
    if (plain.length > 0) {
      await (inTransaction() ? outbox.add(plain) : deliverSurely(plain))
      if (inTransaction()) afterCommit(() => onEnqueued(plain))
      else onEnqueued(plain)
    }
    if (rest.length === 0) return plain.map(({ id }) => ({ id, outcome: 'queued' }))
    const byId = new Map(rest.map((job, index) => [job.id, kept[index]]))
    return jobs.map(({ id }) => byId.get(id) ?? { id, outcome: 'queued' as const })
  }

  /** What comes after jobs in Redis waits for them in the database. */
  async function storeInBooks<T>(jobs: readonly NewJob[], store: (jobs: readonly NewJob[]) => Promise<T>): Promise<T> {
    const withTheirs = await Promise.all(jobs.map((job) => parents.note(job)))
    const stored = await store(withTheirs)
    askBooks()
    if (inTransaction()) afterCommit(() => parents.lookAgain(withTheirs))
    else await parents.lookAgain(withTheirs)
    return stored
  }

  async function claim(request: ClaimRequest): Promise<Delivery[]> {
    const deliveries: Delivery[] = []
    const begun = clock.monotonic()
    if (begun - booksAt >= booksMs) {
      booksAt = begun
      // At least one, whatever Redis gives in exchange: what is urgent lies there.
      deliveries.push(...(await books.claim({ ...request, limit: Math.max(1, request.limit) })))
      if (deliveries.length > 0) askBooks()
    }
    try {
      for (const queue of request.queues) {
        const limit = request.limit - deliveries.length
        if (limit <= 0) break
        if (limits.has(queue)) continue
        deliveries.push(...(await claims.claim(queue, request.worker, limit)))
      }
    } catch (err) {
      // What others have given out is run, whatever is wrong with Redis.
      if (deliveries.length === 0) throw err
      log.debug({ err }, 'Redis gave out no jobs')
    }
    return deliveries
  }

  async function settle(settlements: readonly Settlement[], next?: ClaimRequest): Promise<Settled> {
    const inRedis = settlements.filter(isInRedis)
    const inBooks = inRedis.length === settlements.length ? [] : settlements.filter((settlement) => !isInRedis(settlement))
    const unsettled: Settlement[] = []
    const refused: string[] = []
    const done: string[] = []
    const cancelled: string[] = []
    const exchanged: Delivery[] = []
    const [first] = next?.queues ?? []
    // A full queue that is asked first gives the next job for each that is done: one command instead of two.
    let exchanges = next !== undefined && first !== undefined && claims.isFull(first) ? next.limit : 0
    const one = async (settlement: Settlement) => {
      const { delivery, kind } = settlement
      const fetchNext = kind === 'complete' && delivery.queue === first && exchanges > 0
      if (fetchNext) exchanges--
      try {
        const { isAccepted, next: fetched } = await settling.settleOne(settlement, fetchNext)
        if (!isAccepted) refused.push(delivery.id)
        else if (kind === 'complete') done.push(delivery.id)
        else if (kind === 'cancel') cancelled.push(delivery.id)
        if (fetched !== undefined) exchanged.push(await claims.exchanged(fetched, delivery, (next as ClaimRequest).worker))
        else if (fetchNext && isAccepted) claims.dry(delivery.queue)
      } catch (err) {
        log.debug({ err }, 'Redis did not take what became of a job; told again')
        unsettled.push(settlement)
      }
    }
    // What runs in the database may give room to what is claimed next; in Redis the two have nothing to do with each other.
    const exchangeable = exchanges
    const settled = Promise.all(inRedis.map(one))
    const rest = next === undefined ? undefined : { ...next, limit: next.limit - (exchangeable - exchanges) }
    const claiming = rest !== undefined && inBooks.length === 0 ? surely(claim(rest)) : undefined
    await settled
    await Promise.all([parents.release(done), parents.takeOut(cancelled)]).catch((err: unknown) =>
      log.warn({ err }, 'Jobs that wait for others are released when Redis answers again'),
    )
    if (inBooks.length > 0) {
      try {
        const recorded = await books.settle(inBooks)
        refused.push(...recorded.refused)
        unsettled.push(...(recorded.unsettled ?? []))
      } catch (err) {
        log.debug({ err }, 'The database did not take what became of jobs; told again')
        unsettled.push(...inBooks)
      }
      askBooks()
    }
    const claimed = rest === undefined ? [] : await (claiming ?? surely(claim(rest)))
    return { refused, unsettled, deliveries: exchanged.length === 0 ? claimed : [...claimed, ...exchanged] }
  }

  /** What was settled stays settled when nothing can be claimed. */
  const surely = (claiming: Promise<readonly Delivery[]>) =>
    claiming.catch((err: unknown) => {
      log.debug({ err }, 'No jobs could be claimed')
      return []
    })

  return {
    ...books,
    name: 'redis',
    pollMs: 100,
    lanes: 2,
    start: async () => {
      await withTimeout(() => queues.start(), patience).catch((error: unknown) => {
        throw error instanceof GluefulError && error.code === 'TIMED_OUT' ? fail('QUEUE_REDIS_UNREACHABLE', { patience }) : error
      })
      await requireDurableServer(client(), allowLoss, log)
      await books.start()
    },
    stop: async () => {
      await outbox.idle()
      await queues.stop()
      await books.stop()
    },
    enqueue,
    enqueueBatch: (batch, jobs) => storeInBooks(jobs, (list) => books.enqueueBatch(batch, list)),
    claim: (request) => outsideTransaction(() => claim(request)),
    settle: (settlements, next) => outsideTransaction(() => settle(settlements, next)),
    settleWithin: async (delivery, work) => {
      if (!isInRedis({ delivery })) return books.settleWithin(delivery, work)
      const isRecorded = await settling.settleWithin(delivery, work)
      if (isRecorded)
        await outsideTransaction(() => parents.release([delivery.id])).catch((err: unknown) => log.debug({ err }, 'Dependents are released later'))
      return isRecorded
    },
    reconcile: async (worker, ids) => {
      // Without a sign of life from here, its lock ends and the job comes back.
      for (const one of held.of(worker)) if (!ids.has(one.delivery.id)) held.forget(one)
      return books.reconcile(worker, ids)
    },
    reportProgress: async (delivery, progress) => {
      const { job } = held.find(delivery) ?? {}
      if (job === undefined) return books.reportProgress(delivery, progress)
      await job.updateData({ ...job.data, progress: JSON.parse(progress) as unknown })
    },
    pulse: async (worker, lease, first) => {
      const mine = held.of(worker.id)
      // A lock that cannot be extended is lost: its settlement will be refused.
      await Promise.all(mine.map(({ job, delivery }) => job.extendLock(delivery.claim, leaseMs).catch(() => 0)))
      const [pulse, asked] = await Promise.all([
        books.pulse(worker, lease, first),
        client()
          .smembers(cancelKey)
          .catch((): string[] => []),
      ])
      if (!pulse.alive) held.leave(worker.id)
      return { ...pulse, cancelled: [...pulse.cancelled, ...mine.map(({ delivery }) => delivery.id).filter((id) => asked.includes(id))] }
    },
    promote: async () => {
      const found = await books.promote()
      if (found.promoted.length > 0) askBooks()
      return found
    },
    maintain: async () => {
      askBooks()
      if (queues.isReady) {
        await outbox.relay()
        await parents.sweep()
        await bringOver()
      }
      await database.run(sql`delete from glueful_job_effects where at < ${now() - effectsKeptMs}`)
      return books.maintain()
    },
    leave: async (worker) => {
      held.leave(worker)
      await queues.leave(worker)
      await books.leave(worker)
    },
    onWork: (listener) => {
      listeners.add(listener)
      const stop = books.onWork((queue) => {
        askBooks()
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
      askBooks()
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
      await parents.takeOut([id])
      return true
    },
  }
}
