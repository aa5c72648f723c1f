import type { Database } from '@glueful/database'
import type { Clock, Logger } from 'glueful'

/** Dead rows that claims may step over, beside a part of those that live. */
const fewDead = 20_000
const deadPart = 0.1
const mostPauseMs = 60_000
const leastPauseMs = 1_000

const statsText = `select n_live_tup, n_dead_tup, n_ins_since_vacuum from pg_stat_user_tables where relid = 'glueful_jobs'::regclass`
// One that others are vacuuming is left to them; index pages are what claims read, so that none is put off.
const vacuumText = 'vacuum (skip_locked, index_cleanup on) glueful_jobs'

/**
 * PostgreSQL looks for dead rows once a minute at the most. A queue leaves a million of them in that time, and each claim
 * reads its way past all: at 30,000 jobs a second it took twenty times as long at the end of the minute as at its beginning.
 */
export function createVacuum(database: Database, clock: Clock, log: Logger) {
  let notBefore = -Infinity
  let pauseMs = leastPauseMs

  return async (): Promise<void> => {
    if (database.dialect !== 'postgres' || clock.monotonic() < notBefore) return
    const [live, dead, inserted] = await look()
    const most = fewDead + live * deadPart
    if (dead < most && inserted < most * 2) return
    const begun = clock.monotonic()
    try {
      await database.script(vacuumText)
    } catch (err) {
      log.debug({ err }, 'Dead rows of jobs could not be vacuumed; the server does so later')
    }
    // Where it does not help – an old transaction still sees the rows, or the role may not – it is tried the more seldom.
    const [, left] = await look()
    const took = clock.monotonic() - begun
    pauseMs = left < dead ? Math.max(leastPauseMs, took) : Math.min(mostPauseMs, pauseMs * 2)
    notBefore = clock.monotonic() + pauseMs
  }

  async function look(): Promise<readonly [live: number, dead: number, inserted: number]> {
    const [row] = (await database.execute(statsText, [], { fresh: true })).rows
    return [Number(row?.[0] ?? 0), Number(row?.[1] ?? 0), Number(row?.[2] ?? 0)]
  }
}
