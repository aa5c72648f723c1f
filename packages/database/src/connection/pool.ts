import { outsideSandbox, type Awaitable } from 'glueful'
import { fail } from '../errors.ts'

export interface PoolOptions<Session> {
  readonly open: () => Awaitable<Session>
  readonly close: (session: Session) => Awaitable<void>
  readonly max: number
  /** How long to wait for a free session, in ms. */
  readonly acquireTimeout: number
  /** Sessions that nobody wanted for so long are closed, in ms; Infinity keeps them. */
  readonly idleTimeout?: number
  /** Sessions idle for longer than this are asked whether they are alive before they are given out, in ms. */
  readonly validateAfter?: number
  readonly isAlive?: (session: Session) => Promise<boolean>
  /** Whether opening may be tried again until the time is up. */
  readonly isTransient?: (error: unknown) => boolean
}

export interface Pool<Session> {
  /**
   * A session of one's own, at once where one is idle.
   * @throws `DATABASE_BUSY` when none is free in time, `DATABASE_CLOSED`, or why none can be opened
   */
  acquire(): Awaitable<Session>
  /** An idle session without waiting or opening one. */
  takeIdle(): Session | undefined
  /** Gives it back; a broken one is closed. */
  release(session: Session): void
  readonly inUse: number
  readonly idle: number
  readonly waiting: number
  /** Closes idle sessions at once and others when they come back; who waits is refused. */
  close(): Promise<void>
}

interface Waiter<Session> {
  readonly resolve: (session: Session) => void
  readonly reject: (error: unknown) => void
  readonly timer: NodeJS.Timeout
}

const firstPause = 50
const longestPause = 500

/** Shares a limited number of sessions; the one used last is given out first, and waiting is in order of arrival. */
export function createPool<Session extends { readonly broken: boolean }>(options: PoolOptions<Session>): Pool<Session> {
  const { open, close, max, acquireTimeout, idleTimeout = Infinity, validateAfter = Infinity, isAlive, isTransient = () => false } = options
  const idle: Session[] = []
  /** When each of them came back, where anybody asks. */
  const since: number[] = []
  const timed = idleTimeout !== Infinity || validateAfter !== Infinity
  const waiters = new Set<Waiter<Session>>()
  let size = 0
  let closed = false
  let lastFailure: unknown
  let drained: (() => void) | undefined
  const sweep = idleTimeout === Infinity ? undefined : setInterval(closeIdle, Math.max(1_000, idleTimeout / 2)).unref()

  function acquire(): Awaitable<Session> {
    if (closed) throw fail('DATABASE_CLOSED', undefined)
    while (idle.length > 0) {
      const session = idle.pop() as Session
      const returned = timed ? (since.pop() as number) : 0
      if (session.broken) {
        discard(session)
        continue
      }
      if (isAlive !== undefined && performance.now() - returned > validateAfter) return validated(session, isAlive)
      return session
    }
    return size < max ? openOne() : wait()
  }

  async function validated(session: Session, alive: (session: Session) => Promise<boolean>): Promise<Session> {
    if (await alive(session)) return session
    discard(session)
    return acquire()
  }

  function openOne(): Awaitable<Session> {
    size++
    let opening: Awaitable<Session>
    try {
      // A connection is for whoever comes after, too.
      opening = outsideSandbox(open)
    } catch (error) {
      size--
      throw error
    }
    return opening instanceof Promise ? opened(opening) : opening
  }

  async function opened(first: Promise<Session>): Promise<Session> {
    const deadline = performance.now() + acquireTimeout
    let opening = first
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        const session = await opening
        lastFailure = undefined
        return session
      } catch (error) {
        lastFailure = error
        if (closed || !isTransient(error) || performance.now() + pause >= deadline) {
          size--
          drainedIfEmpty()
          replenish()
          throw error
        }
      }
      await new Promise((resolve) => void setTimeout(resolve, pause * (0.5 + Math.random() / 2)))
      opening = Promise.resolve(outsideSandbox(open))
    }
  }

  function wait(): Promise<Session> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiters.delete(waiter)
        reject(lastFailure ?? fail('DATABASE_BUSY', { waitedMs: acquireTimeout }, { headers: ['retry-after', '1'] }))
      }, acquireTimeout)
      const waiter: Waiter<Session> = { resolve, reject, timer }
      waiters.add(waiter)
    })
  }

  function nextWaiter(): Waiter<Session> | undefined {
    for (const waiter of waiters) {
      waiters.delete(waiter)
      clearTimeout(waiter.timer)
      return waiter
    }
    return undefined
  }

  function release(session: Session): void {
    if (session.broken || closed) return discard(session)
    const waiter = waiters.size > 0 ? nextWaiter() : undefined
    if (waiter !== undefined) return waiter.resolve(session)
    idle.push(session)
    if (timed) since.push(performance.now())
  }

  function discard(session: Session): void {
    size--
    // A session that cannot be closed is gone all the same.
    void (async () => close(session))().catch(() => undefined)
    drainedIfEmpty()
    replenish()
  }

  /** Opens one for who waits, where there is room again. */
  function replenish(): void {
    if (closed || waiters.size === 0 || size >= max) return
    const waiter = nextWaiter()
    if (waiter === undefined) return
    void (async () => openOne())().then(waiter.resolve, waiter.reject)
  }

  function closeIdle(): void {
    const now = performance.now()
    while (idle.length > 0 && now - (since[0] as number) > idleTimeout) {
      since.shift()
      discard(idle.shift() as Session)
    }
  }

  function drainedIfEmpty(): void {
    if (closed && size === 0) drained?.()
  }

  return {
    acquire,
    takeIdle() {
      since.pop()
      return idle.pop()
    },
    release,
    get inUse() {
      return size - idle.length
    },
    get idle() {
      return idle.length
    },
    get waiting() {
      return waiters.size
    },
    async close() {
      closed = true
      clearInterval(sweep)
      for (let waiter = nextWaiter(); waiter !== undefined; waiter = nextWaiter()) waiter.reject(fail('DATABASE_CLOSED', undefined))
      const empty = new Promise<void>((resolve) => void (drained = resolve))
      since.length = 0
      for (const session of idle.splice(0)) discard(session)
      if (size > 0) await empty
    },
  }
}
