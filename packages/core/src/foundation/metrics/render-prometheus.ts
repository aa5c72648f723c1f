import type { FamilySnapshot, MetricsSnapshot, SeriesSnapshot } from './metrics.ts'

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

/** Prometheus text format 0.0.4. What has no series yet is named too, so that a scrape says what there is to know. */
export function renderPrometheus(snapshot: MetricsSnapshot): string {
  return snapshot.map(renderFamily).join('')
}

function renderFamily(family: FamilySnapshot): string {
  const lines = family.series.flatMap((series) =>
    family.type === 'histogram' ? histogram(family, series) : [`${family.name}${labels(family.labels, series.values)} ${number(series.numbers[0] ?? 0)}`],
  )
  return `# HELP ${family.name} ${family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${family.name} ${family.type}\n${lines.map((line) => `${line}\n`).join('')}`
}

function histogram(family: FamilySnapshot, { values, numbers }: SeriesSnapshot): string[] {
  const { name, buckets } = family
  const names = [...family.labels, 'le']
  let sum = 0
  const lines = [...buckets, Infinity].map((bound, index) => {
    sum += numbers[index] ?? 0
    return `${name}_bucket${labels(names, [...values, number(bound)])} ${sum}`
  })
  const own = labels(family.labels, values)
  return [...lines, `${name}_sum${own} ${number(numbers[buckets.length + 2] ?? 0)}`, `${name}_count${own} ${number(numbers[buckets.length + 1] ?? 0)}`]
}

function labels(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return ''
  return `{${names.map((name, index) => `${name}="${escape(values[index] ?? '')}"`).join(',')}}`
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function number(value: number): string {
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)
}
