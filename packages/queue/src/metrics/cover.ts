import { resolutions, type MetricsWindow, type Resolution } from './job-metrics.ts'

/** A stretch of time that is read from rows of one resolution. */
export interface Stretch {
  readonly resolution: Resolution
  /** Begins of rows, in ms since the epoch: from here … */
  readonly from: number
  /** … to before there. */
  readonly to: number
}

/** Steps of the finest resolution that a window is worth: its edge is right within a twenty-fourth of it. */
const fewestSteps = 24
/** So many steps are read as they are. */
const mostSteps = 120

/**
 * The rows that a window needs, each time in one of them: days where it has whole days, hours, minutes and seconds at its
 * edge. A week is a few dozen rows of each class and process, not ten thousand.
 */
export function coverOf({ from, to }: Pick<MetricsWindow, 'from' | 'to'>, now: number): readonly Stretch[] {
  const finest = resolutions.findIndex(({ keptMs }, index) => {
    const next = resolutions[index + 1]
    const isEnough = next === undefined || (to - from) / (next.seconds * 1_000) < fewestSteps
    return isEnough && (from >= now - keptMs || next === undefined)
  })
  const levels = resolutions.slice(finest)
  const head: Stretch[] = []
  const tail: Stretch[] = []
  let begin = from
  let end = to
  for (const [index, { seconds }] of levels.entries()) {
    const coarser = levels[index + 1]
    if (coarser === undefined || end - begin <= mostSteps * seconds * 1_000) {
      head.push({ resolution: seconds, from: begin, to: end })
      break
    }
    const stepMs = coarser.seconds * 1_000
    const first = Math.ceil(begin / stepMs) * stepMs
    // What is being counted now is over where the window is, so that its coarsest row says all that there is.
    const last = to >= now ? end : Math.floor(end / stepMs) * stepMs
    if (first >= last) {
      head.push({ resolution: seconds, from: begin, to: end })
      break
    }
    head.push({ resolution: seconds, from: begin, to: first })
    tail.push({ resolution: seconds, from: last, to: end })
    begin = first
    end = last
  }
  return [...head, ...tail.reverse()].filter((stretch) => stretch.from < stretch.to)
}
