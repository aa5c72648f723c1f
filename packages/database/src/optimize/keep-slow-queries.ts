import type { Clock, Logger } from 'glueful'
import type { Database } from '../connection/database.ts'
import type { SlowQueries } from '../observe/slow-queries.ts'
import { writeSlowQueries } from './slow-query-table.ts'

export interface SlowQueryKeeper {
  start(): void
  stop(): Promise<void>
}

/** In ms. */
const pause = 10_000

/** Writes down what was slow every ten seconds, and when the application ends, so that `db optimize` finds it. */
export function keepSlowQueries(noted: SlowQueries, database: Database, clock: Clock, log: Logger): SlowQueryKeeper {
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    const queries = noted.take()
    if (queries.length === 0) return
    try {
      await writeSlowQueries(database, queries, clock.now())
    } catch (error) {
      log.warn({ err: error, queries: queries.length }, 'Slow queries could not be noted for glueful db optimize')
    }
  }

  /** One after the other. */
  const flush = () => (writing = writing.then(write))

  return {
    start() {
      timer = setInterval(() => void flush(), pause)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}
