import type { Aggregation, FamilySnapshot, MetricsSnapshot, SeriesSnapshot } from './metrics.ts'

/**
 * What one process would have counted that did the work of all. While one release follows another, a family may have
 * other labels or buckets in one of them: the first stands, since their sum would mean nothing.
 */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const merged = new Map<string, FamilySnapshot>()
  for (const family of snapshots.flat()) {
    const there = merged.get(family.name)
    if (there !== undefined && shapeOf(there) !== shapeOf(family)) continue
    merged.set(family.name, there === undefined ? family : { ...there, series: mergeSeries([...there.series, ...family.series], there.aggregation) })
  }
  return [...merged.values()]
}

const shapeOf = ({ type, labels, buckets }: FamilySnapshot) => JSON.stringify([type, labels, buckets])

function mergeSeries(series: readonly SeriesSnapshot[], aggregation: Aggregation): readonly SeriesSnapshot[] {
  const combine = combiners[aggregation]
  const merged = new Map<string, SeriesSnapshot>()
  for (const one of series) {
    const key = one.values.join('\0')
    const there = merged.get(key)
    const numbers = there === undefined ? one.numbers : one.numbers.map((number, index) => combine(number, there.numbers[index] ?? 0))
    merged.set(key, { values: one.values, numbers })
  }
  return [...merged.values()]
}

const combiners: Record<Aggregation, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
}
