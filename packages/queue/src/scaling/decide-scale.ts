/** How many processes there may be, and how quickly that changes. */
export interface ScaleRules {
  readonly min: number
  readonly max: number
  /** The backlog should be gone within so many ms. Default: 30 s. */
  readonly drainMs: number
  /** How long more are needed before one is added, and fewer before one is taken away, in ms. Default: 5 s and 60 s. */
  readonly upAfterMs: number
  readonly downAfterMs: number
}

export const defaultScaleRules: ScaleRules = { min: 1, max: 1, drainMs: 30_000, upAfterMs: 5_000, downAfterMs: 60_000 }

/** What is seen at one moment. */
export interface ScaleSample {
  /** Monotonic ms. */
  readonly at: number
  /** Jobs that are ready to run. */
  readonly backlog: number
  /** Jobs that have ended since the workers began. */
  readonly ended: number
  /** Jobs that run now, over all processes. */
  readonly running: number
  /** Jobs that all processes could run at once. */
  readonly places: number
  readonly processes: number
}

export interface ScaleDecision {
  readonly target: number
  readonly reason: string
}

const windowMs = 15_000

/**
 * Decides how many worker processes to have. What is needed follows from the backlog and from what one process gets done;
 * more are started soon, fewer only after a long calm, one at a time, so that a wave does not make them come and go.
 */
export function createScaler(rules: ScaleRules) {
  const samples: ScaleSample[] = []
  let aboveSince: number | undefined
  let belowSince: number | undefined

  return (sample: ScaleSample): ScaleDecision => {
    samples.push(sample)
    while (samples.length > 2 && (samples[0] as ScaleSample).at < sample.at - windowMs) samples.shift()
    const { processes, at } = sample
    const { needed, why } = need(rules, samples)
    aboveSince = needed > processes ? (aboveSince ?? at) : undefined
    belowSince = needed < processes ? (belowSince ?? at) : undefined
    if (processes < rules.min) return { target: rules.min, reason: `at least ${rules.min}` }
    if (processes > rules.max) return { target: rules.max, reason: `at most ${rules.max}` }
    if (aboveSince !== undefined && at - aboveSince >= rules.upAfterMs) {
      aboveSince = at
      return { target: needed, reason: why }
    }
    if (belowSince !== undefined && at - belowSince >= rules.downAfterMs) {
      belowSince = at
      return { target: processes - 1, reason: why }
    }
    return { target: processes, reason: why }
  }
}

function need({ min, max, drainMs }: ScaleRules, samples: readonly ScaleSample[]): { readonly needed: number; readonly why: string } {
  const [first, last] = [samples[0] as ScaleSample, samples.at(-1) as ScaleSample]
  const { backlog, processes, running, places } = last
  const clamp = (count: number) => Math.min(max, Math.max(min, count))
  if (!Number.isFinite(backlog) || backlog < 0) return { needed: clamp(processes), why: 'the backlog is unknown' }
  const busy = places === 0 ? 0 : running / places
  if (backlog === 0) {
    // With nothing waiting, as many as keep what runs now at two thirds of their places.
    const needed = places === 0 ? min : Math.ceil((processes * busy) / 0.66)
    return { needed: clamp(Math.min(needed, processes)), why: `nothing waits, ${Math.round(busy * 100)} % of the places are taken` }
  }
  const seconds = (last.at - first.at) / 1_000
  const rate = seconds <= 0 ? 0 : Math.max(0, last.ended - first.ended) / seconds
  if (rate === 0) return { needed: clamp(processes + 1), why: `${backlog} jobs wait and none has ended lately` }
  const arrivals = Math.max(0, rate + (backlog - first.backlog) / seconds)
  const each = rate / Math.max(1, averageProcesses(samples))
  const needed = Math.ceil((arrivals + backlog / (drainMs / 1_000)) / each)
  return { needed: clamp(needed), why: `${backlog} jobs wait, ${arrivals.toFixed(1)}/s come in, a process does ${each.toFixed(1)}/s` }
}

function averageProcesses(samples: readonly ScaleSample[]): number {
  return samples.reduce((sum, { processes }) => sum + processes, 0) / samples.length
}
