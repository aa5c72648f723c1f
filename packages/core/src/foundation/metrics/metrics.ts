import { fail } from '../errors/catalog.ts'

export type Labels = Readonly<Record<string, string>>
/** How values of several processes become one. */
export type Aggregation = 'sum' | 'max' | 'min'

export interface Counter {
  inc(by?: number): void
}

export interface Gauge {
  set(value: number): void
  inc(by?: number): void
}

export interface Histogram {
  observe(value: number): void
}

interface Family {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export interface MetricFamily<Instrument> {
  /** The series of these label values, made when first asked for; keep it where it is used often. */
  with(...values: readonly string[]): Instrument
}

/** One series as numbers; histograms hold their buckets (not cumulative), then count and sum. */
export interface SeriesSnapshot {
  readonly values: readonly string[]
  readonly numbers: readonly number[]
}

export interface FamilySnapshot extends Family {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly aggregation: Aggregation
  readonly buckets: readonly number[]
  readonly series: readonly SeriesSnapshot[]
}

export type MetricsSnapshot = readonly FamilySnapshot[]

export interface Metrics {
  counter(definition: Family): MetricFamily<Counter>
  gauge(definition: Family & { readonly aggregation?: Aggregation }): MetricFamily<Gauge>
  /** `buckets` are upper bounds in ascending order. */
  histogram(definition: Family & { readonly buckets: readonly number[] }): MetricFamily<Histogram>
  /** Called before each snapshot: sets the gauges that are read rather than counted. */
  onCollect(collect: () => void): void
  /**
   * Called before a scrape: sets the gauges that have to be asked for elsewhere, such as in a database, so that they are
   * right in every process and after a start. What fails is logged, and leaves the gauges as they were.
   */
  onScrape(look: () => Promise<void>): void
  /** Looks now, and waits for it `mostMs` at most: what takes longer is seen by the next scrape. Gives what failed. */
  look(mostMs: number): Promise<readonly unknown[]>
  snapshot(): MetricsSnapshot
}

/** More series than this under one name are counted as one whose labels are `other`. */
const mostSeries = 2_000

/** A registry of metrics: numbers in typed arrays, rendered when somebody asks. */
export function createMetrics(): Metrics {
  const families = new Map<string, () => FamilySnapshot>()
  const collectors: (() => void)[] = []
  const lookers: (() => Promise<void>)[] = []
  let looking: Promise<readonly unknown[]> | undefined

  function family<I>(
    definition: Family,
    type: FamilySnapshot['type'],
    aggregation: Aggregation,
    buckets: readonly number[],
    size: number,
    make: (numbers: Float64Array) => I,
  ): MetricFamily<I> {
    check(definition, buckets)
    if (families.has(definition.name)) throw fail('METRIC_INVALID', { name: definition.name, reason: 'the name is taken' })
    const series = new Map<string, { values: readonly string[]; numbers: Float64Array; instrument: I }>()
    const { name, help, labels } = definition
    families.set(name, () => ({
      name,
      help,
      labels,
      type,
      aggregation,
      buckets,
      series: [...series.values()].map(({ values, numbers }) => ({ values, numbers: [...numbers] })),
    }))
    const find = (given: readonly string[]): I => {
      if (given.length !== labels.length) throw fail('METRIC_INVALID', { name, reason: `it has ${labels.length} labels and was given ${given.length} values` })
      let key = given.join('\0')
      const there = series.get(key)
      if (there !== undefined) return there.instrument
      let values = given
      if (series.size >= mostSeries) {
        values = labels.map(() => 'other')
        key = values.join('\0')
        const other = series.get(key)
        if (other !== undefined) return other.instrument
      }
      const numbers = new Float64Array(size)
      const instrument = make(numbers)
      series.set(key, { values, numbers, instrument })
      return instrument
    }
    // A family without labels is one series, and is there from the start.
    if (labels.length === 0) find([])
    return { with: (...values) => find(values) }
  }

  return {
    counter: (definition) => family(definition, 'counter', 'sum', [], 1, (numbers) => ({ inc: (by = 1) => void ((numbers[0] as number) += by) })),
    gauge: (definition) =>
      family(definition, 'gauge', definition.aggregation ?? 'sum', [], 1, (numbers) => ({
        set: (value) => void (numbers[0] = value),
        inc: (by = 1) => void ((numbers[0] as number) += by),
      })),
    histogram: (definition) => {
      const { buckets } = definition
      const last = buckets.length
      return family(definition, 'histogram', 'sum', buckets, last + 3, (numbers) => ({
        observe: (value) => {
          let at = 0
          while (at < last && value > (buckets[at] as number)) at++
          ;(numbers[at] as number)++
          ;(numbers[last + 1] as number)++
          ;(numbers[last + 2] as number) += value
        },
      }))
    },
    onCollect: (collect) => void collectors.push(collect),
    onScrape: (look) => void lookers.push(look),
    look: async (mostMs) => {
      // However many ask at once, a database is asked by one of them.
      looking ??= Promise.allSettled(lookers.map((look) => look())).then((results) => {
        looking = undefined
        return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
      })
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<readonly unknown[]>((resolve) => (timer = setTimeout(resolve, mostMs, [])))
      return Promise.race([looking, late]).finally(() => clearTimeout(timer))
    },
    snapshot: () => {
      for (const collect of collectors) collect()
      return [...families.values()].map((read) => read())
    },
  }
}

function check({ name, labels }: Family, buckets: readonly number[]): void {
  const refuse = (reason: string) => fail('METRIC_INVALID', { name, reason })
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw refuse('a name is lower case letters, digits and underscores')
  for (const label of labels) if (!/^[a-z][a-z0-9_]*$/.test(label) || label === 'le') throw refuse(`${label} is no name for a label`)
  if (buckets.some((bound, index) => !Number.isFinite(bound) || (index > 0 && bound <= (buckets[index - 1] as number)))) throw refuse('buckets must ascend')
}
