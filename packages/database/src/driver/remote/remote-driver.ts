import { GluefulError, type Awaitable } from 'glueful'
import { createPool } from '../../connection/pool.ts'
import type { Dialect } from '../../sql/dialect.ts'
import type { Driver, Purpose, Session } from '../driver.ts'
import { createLanes } from './lanes.ts'
import type { RemoteOptions } from './remote-options.ts'

/** A connection to a server. */
export interface RemoteSession extends Session {
  /** When the statement under way was sent, by `performance.now()`; undefined when none is. */
  readonly busySince: number | undefined
  /** Asks the server whether it is there. */
  ping(): Promise<void>
  /** Gives the connection up at once; what is under way fails. */
  destroy(): void
}

export interface RemoteDriverParts extends Pick<RemoteOptions, 'poolMax' | 'acquireTimeout' | 'statementTimeout' | 'patient'> {
  readonly dialect: Dialect
  /** Whether a session sends statements without waiting for the answers of those before. */
  readonly pipelines: boolean
  /** @throws `DATABASE_UNREACHABLE` when it may work later */
  readonly open: () => Promise<RemoteSession>
}

const idleTimeout = 60_000
const validateAfter = 10_000
const aliveWithin = 1_000
/** How much longer than the server may take is waited for its answer, in ms. */
const grace = 2_000

/** A pool of connections to a server, each for one user at a time. */
export function createRemoteDriver({ dialect, open, poolMax, acquireTimeout, statementTimeout, patient, pipelines }: RemoteDriverParts): Driver {
  const sessions = new Set<RemoteSession>()
  const pool = createPool<RemoteSession>({
    open: async () => {
      const session = await open()
      sessions.add(session)
      return session
    },
    close,
    max: poolMax,
    acquireTimeout,
    idleTimeout,
    validateAfter,
    isAlive: (session) => alive(session),
    isTransient: (error) => patient && error instanceof GluefulError && error.code === 'DATABASE_UNREACHABLE',
  })
  const lanes = pipelines ? createLanes(pool) : undefined
  // A server that vanishes without a word answers nothing; one timer finds that for all connections.
  const watch = setInterval(giveUpSilent, Math.min(1_000, statementTimeout)).unref()

  function giveUpSilent(): void {
    const now = performance.now()
    for (const session of sessions) {
      if (session.broken) sessions.delete(session)
      else if (session.busySince !== undefined && now - session.busySince > statementTimeout + grace) session.destroy()
    }
  }

  async function close(session: RemoteSession): Promise<void> {
    sessions.delete(session)
    if (!session.broken) await session.close()
  }

  async function alive(session: RemoteSession): Promise<boolean> {
    const timer = setTimeout(() => session.destroy(), aliveWithin)
    try {
      await session.ping()
      return true
    } catch {
      session.destroy()
      return false
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    dialect,
    acquire: (purpose: Purpose): Awaitable<Session> => (lanes !== undefined && purpose === 'quick-read' ? lanes.acquire() : pool.acquire()),
    release(session) {
      if (lanes?.release(session as RemoteSession) !== true) pool.release(session as RemoteSession)
    },
    usage: () => ({ inUse: pool.inUse, idle: pool.idle, waiting: pool.waiting }),
    async start() {
      pool.release(await pool.acquire())
    },
    /** Never waits for the pool: a busy database is a healthy one, and one that is gone should be known soon. */
    async check() {
      const idle = pool.takeIdle()
      if (idle !== undefined && (await alive(idle))) return pool.release(idle)
      if (idle !== undefined) pool.release(idle)
      const session = await open()
      await session.ping()
      await session.close()
    },
    async close() {
      clearInterval(watch)
      await pool.close()
    },
  }
}
