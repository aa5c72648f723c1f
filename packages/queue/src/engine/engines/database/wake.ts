import { outsideTransaction, sql, type Database } from '@glueful/database'
import type { Logger } from 'glueful'

/** Tells workers of new work: those of this process directly, those of others through the database where it can. */
export interface WakeSignal {
  /** There is work in these queues, once what is being written here has been committed. */
  tell(queues: Iterable<string>): void
  onWork(listener: (queue: string) => void): () => void
  start(): Promise<void>
  stop(): Promise<void>
}

const channel = 'glueful_queue'
const coalesceMs = 20

/**
 * A notification in every insert would make inserts queue behind one lock, so that they are sent on their own, after the
 * commit, at most one in 20 ms; polling finds what a process that dies in between has not told.
 */
export function createWakeSignal(database: Database, log: Logger, afterCommit: (work: () => void) => void): WakeSignal {
  const listeners = new Set<(queue: string) => void>()
  const pending = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let unsubscribe: (() => Promise<void>) | undefined
  let sending: Promise<void> = Promise.resolve()
  const self = `${process.pid}.${Math.random().toString(36).slice(2)}`

  const here = (queue: string) => {
    for (const listener of listeners) listener(queue)
  }
  async function send(): Promise<void> {
    timer = undefined
    const queues = [...pending]
    pending.clear()
    try {
      await outsideTransaction(() => database.run(sql`select pg_notify(${channel}, ${JSON.stringify([self, ...queues])})`))
    } catch (err) {
      log.debug({ err }, 'Workers elsewhere could not be told of new jobs; they poll')
    }
  }
  const tellNow = (queues: Iterable<string>) => {
    for (const queue of queues) {
      here(queue)
      if (unsubscribe !== undefined) pending.add(queue)
    }
    if (pending.size > 0 && timer === undefined) {
      timer = setTimeout(() => void (sending = send()), coalesceMs)
      timer.unref()
    }
  }
  return {
    tell: (queues) => afterCommit(() => tellNow(queues)),
    onWork: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    start: async () => {
      unsubscribe = await database.subscribe?.(channel, (message) => {
        const [sender, ...queues] = JSON.parse(message) as string[]
        if (sender !== self) queues.forEach(here)
      })
    },
    stop: async () => {
      if (timer !== undefined) {
        clearTimeout(timer)
        await send()
      }
      await sending
      await unsubscribe?.()
      unsubscribe = undefined
    },
  }
}
