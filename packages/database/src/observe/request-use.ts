import type { CallPlace } from './call-place.ts'

/** What a request has asked of its databases so far. */
export interface RequestUse {
  queries: number
  /** Time spent in queries, in ms. */
  ms: number
  /** Names of the connections that the request has written to: it reads from their primaries from then on. */
  wrote: Set<string> | undefined
  /** Each query with its place, for a route that has a budget and for trials. */
  readonly asked: AskedQuery[] | undefined
  /** How many of them are kept. */
  readonly mostAsked: number
}

export interface AskedQuery {
  readonly text: string
  readonly place: CallPlace
  readonly database: string
  /** What it took, in ms; undefined while it runs. */
  ms: number | undefined
  /** The code of the error that it failed with. */
  failed: string | undefined
}

export function createRequestUse(records: boolean, mostAsked = Infinity): RequestUse {
  return { queries: 0, ms: 0, wrote: undefined, asked: records ? [] : undefined, mostAsked }
}

const mostShown = 3

/** The queries that were asked most often, each with where they came from: `50 × select … at routes/cars.ts:12:5`. */
export function describeAsked(asked: readonly AskedQuery[]): string[] {
  const counts = new Map<string, number>()
  for (const { text, place } of asked) {
    const line = `${text.length > 200 ? `${text.slice(0, 200)}…` : text} at ${place.toString() ?? '(unknown)'}`
    counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, mostShown)
    .map(([line, count]) => `${count} × ${line}`)
}
