/** Where they are kept; what is asked of it is not noted in turn. */
export const slowQueryTable = 'glueful_slow_queries'

/** A statement that was slow, with how often and how long; never with its values. */
export interface SlowQuery {
  /** The connection that it was asked of. */
  readonly database: string
  readonly text: string
  runs: number
  /** In ms. */
  totalMs: number
  longestMs: number
  /** The line of the application that asked last, as far as it is known. */
  place: string | undefined
}

/** What was slow since it was last taken. */
export interface SlowQueries {
  note(database: string, text: string, ms: number, place: string | undefined): void
  take(): readonly SlowQuery[]
}

const mostStatements = 200
/** Longer ones are made by programs for one time. */
const longestText = 10_000

export function createSlowQueries(): SlowQueries {
  let noted = new Map<string, SlowQuery>()
  return {
    note(database, text, ms, place) {
      const key = `${database}\0${text}`
      const known = noted.get(key)
      if (known === undefined) {
        if (noted.size < mostStatements && text.length <= longestText) noted.set(key, { database, text, runs: 1, totalMs: ms, longestMs: ms, place })
        return
      }
      known.runs++
      known.totalMs += ms
      known.longestMs = Math.max(known.longestMs, ms)
      known.place = place ?? known.place
    },
    take() {
      const taken = [...noted.values()]
      noted = new Map()
      return taken
    },
  }
}
