import type * as Bull from 'bullmq'
import type { Queue as BullQueue, Worker as BullWorker } from 'bullmq'
import type { Logger, RedisConnection } from 'glueful'
import type { Redis } from 'ioredis'
import { fail } from '../../../errors.ts'
import type { RedisJob, RedisJobData } from './redis-job.ts'

/** What takes jobs from one queue for one of our workers: BullMQ notes by its name who has a job. */
export type Claimer = BullWorker<RedisJobData>

export interface RedisQueuesOptions {
  readonly redis: RedisConnection
  readonly log: Logger
  readonly leaseMs: number
  /** Told of a job whose lock ended while somebody had it. */
  readonly onStalled: (queue: string, id: string) => Promise<void>
}

export type RedisQueues = ReturnType<typeof createRedisQueues>

/** How long Redis may say nothing while it is asked something, before the connection counts as lost. */
const silenceMs = 5_000

/**
 * BullMQ's queues and workers, made when they are first needed, over one connection. Commands fail while Redis is away
 * rather than wait for it: a worker has jobs from the database to run meanwhile, and whoever dispatches has an outbox.
 */
export function createRedisQueues({ redis, log, leaseMs, onStalled }: RedisQueuesOptions) {
  const prefix = redis.key('jobs')
  const namesKey = redis.key('jobs-queues')
  const queues = new Map<string, BullQueue<RedisJobData>>()
  const claimers = new Map<string, Claimer>()
  const named = new Set<string>()
  let connection: Redis | undefined
  // Loaded by the start, so that applications that keep their jobs in the database do not pay for it.
  let bull: typeof Bull | undefined

  const loaded = () => {
    if (bull === undefined) throw fail('QUEUE_NOT_BOOTED', { job: 'a job' })
    return bull
  }
  const client = (): Redis =>
    (connection ??= redis.duplicate({
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      // One timer for the connection: one for each command would be one for each job.
      socketTimeout: silenceMs,
    }))

  function queueOf(name: string): BullQueue<RedisJobData> {
    let queue = queues.get(name)
    if (queue === undefined) {
      queue = new (loaded().Queue)<RedisJobData>(name, { connection: client(), prefix, skipVersionCheck: true })
      queue.on('error', (err) => log.debug({ err, queue: name }, 'The connection of a queue failed'))
      queues.set(name, queue)
    }
    return queue
  }

  function claimerOf(queue: string, worker: string): Claimer {
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
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
        skipVersionCheck: true,
      })
      claimer.on('error', (err) => log.debug({ err, queue }, 'The connection of a worker failed'))
      claimer.on(
        'stalled',
        (id: string) => void onStalled(queue, id).catch((err: unknown) => log.warn({ err, jobId: id }, 'A lost job could not be looked at')),
      )
      void claimer.startStalledCheckTimer()
      claimers.set(key, claimer)
    }
    return claimer
  }

  return {
    client,
    queueOf,
    claimerOf,
    get isReady() {
      return client().status === 'ready'
    },
    names: (): Promise<string[]> => client().smembers(namesKey),
    isKnown: (name: string) => named.has(name),
    /** Makes a queue one that is looked into, before its first job is there. */
    async remember(name: string): Promise<void> {
      await client().sadd(namesKey, name)
      named.add(name)
    },
    /** A job as Redis gave it out to a claimer. */
    jobOf: (claimer: Claimer, data: Bull.JobJson, id: string) => loaded().Job.fromJSON(claimer, data, id) as RedisJob,
    async start(): Promise<void> {
      bull = await import('bullmq')
      if (client().status !== 'ready') await new Promise<void>((resolve) => void client().once('ready', resolve))
    },
    async leave(worker: string): Promise<void> {
      for (const [key, claimer] of claimers) {
        if (!key.startsWith(`${worker}\n`)) continue
        claimers.delete(key)
        await claimer.close(true)
      }
    },
    async stop(): Promise<void> {
      await Promise.all([...claimers.values()].map((claimer) => claimer.close(true)))
      await Promise.all([...queues.values()].map((queue) => queue.close()))
      connection?.disconnect()
    },
  }
}
