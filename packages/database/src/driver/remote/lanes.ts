import type { Awaitable } from 'glueful'
import type { Pool } from '../../connection/pool.ts'
import type { RemoteSession } from './remote-driver.ts'

/** Connections that are shared before deeper ones are. */
const few = 2
/** Statements under way on one connection before another one is taken. */
const deepest = 8
/** A statement that takes longer keeps its connection for itself, in ms. */
const slow = 5

/**
 * Lets reads that have always been quick share connections: they are sent without waiting for the answers of those before
 * (pipelining), which costs little more than half of what a connection for each does. A connection whose statement takes
 * long after all is left alone, and nobody shares while somebody waits for a connection of their own.
 */
export function createLanes(pool: Pool<RemoteSession>) {
  const users = new Map<RemoteSession, number>()

  function leastBusy(): RemoteSession | undefined {
    let found: RemoteSession | undefined
    let least = deepest
    const now = performance.now()
    for (const [session, count] of users) {
      if (count >= least || session.broken || (session.busySince !== undefined && now - session.busySince > slow)) continue
      least = count
      found = session
    }
    return found
  }

  function share(session: RemoteSession): RemoteSession {
    users.set(session, (users.get(session) ?? 0) + 1)
    return session
  }

  return {
    acquire(): Awaitable<RemoteSession> {
      if (users.size >= few && pool.waiting === 0) {
        const found = leastBusy()
        if (found !== undefined) return share(found)
      }
      const session = pool.acquire()
      return session instanceof Promise ? session.then(share) : share(session)
    },
    /** @returns whether the session was shared */
    release(session: RemoteSession): boolean {
      const count = users.get(session)
      if (count === undefined) return false
      if (count > 1) users.set(session, count - 1)
      else {
        users.delete(session)
        pool.release(session)
      }
      return true
    },
  }
}
