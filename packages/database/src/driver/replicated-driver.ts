import { GluefulError, type Awaitable, type Logger } from 'glueful'
import type { Driver, Purpose, Session } from './driver.ts'

/** How long a replica that did not answer is left alone, in ms. */
const rest = 5_000

export interface ReplicatedParts {
  readonly primary: Driver
  readonly replicas: readonly Driver[]
  readonly log: Logger
}

/**
 * Writes and transactions go to the primary, reads to the replicas in turn. A replica that cannot be reached is left out
 * for a while, and the primary stands in when none can.
 */
export function createReplicatedDriver({ primary, replicas, log }: ReplicatedParts): Driver {
  const restsUntil = new Map<Driver, number>()
  const owners = new WeakMap<Session, Driver>()
  let turn = 0

  function next(): Driver | undefined {
    const now = performance.now()
    for (let tried = 0; tried < replicas.length; tried++) {
      const replica = replicas[turn++ % replicas.length] as Driver
      if ((restsUntil.get(replica) ?? 0) <= now) return replica
    }
    return undefined
  }

  async function fromReplica(purpose: Purpose): Promise<Session> {
    for (let replica = next(); replica !== undefined; replica = next()) {
      try {
        const session = await replica.acquire(purpose)
        owners.set(session, replica)
        return session
      } catch (error) {
        if (!(error instanceof GluefulError) || error.code !== 'DATABASE_UNREACHABLE') throw error
        restsUntil.set(replica, performance.now() + rest)
        log.warn({ err: error }, 'A replica does not answer; others are read from')
      }
    }
    return primary.acquire(purpose)
  }

  return {
    dialect: primary.dialect,
    acquire(purpose: Purpose, onPrimary = false): Awaitable<Session> {
      const reads = purpose === 'read' || purpose === 'quick-read' || purpose === 'cursor' || purpose === 'read-transaction'
      return reads && !onPrimary ? fromReplica(purpose) : primary.acquire(purpose)
    },
    release: (session) => (owners.get(session) ?? primary).release(session),
    usage: primary.usage,
    start: primary.start,
    subscribe: primary.subscribe,
    async check() {
      await primary.check()
      const results = await Promise.allSettled(replicas.map(async (replica) => replica.check()))
      const down = results.filter(({ status }) => status === 'rejected').length
      return down === 0 ? undefined : { status: 'degraded', detail: `${down} of ${replicas.length} replicas do not answer` }
    },
    async close() {
      await Promise.all([primary, ...replicas].map((driver) => driver.close()))
    },
  }
}
