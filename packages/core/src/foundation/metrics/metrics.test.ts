import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeSnapshots } from './merge-snapshots.ts'
import { createMetrics, type MetricsSnapshot } from './metrics.ts'
import { renderPrometheus } from './render-prometheus.ts'

test('counters, gauges and histograms are rendered as Prometheus reads them', () => {
  const metrics = createMetrics()
  metrics
    .counter({ name: 'requests_total', help: 'Say "hi"\nand \\', labels: ['route'] })
    .with('a"\\\n')
    .inc(2)
  metrics.gauge({ name: 'depth', help: 'Depth.', labels: [] }).with().set(1.5)
  const histogram = metrics.histogram({ name: 'seconds', help: 'Time.', labels: [], buckets: [0.1, 1] }).with()
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value)
  expect(renderPrometheus(metrics.snapshot())).toBe(
    [
      '# HELP requests_total Say "hi"\\nand \\\\',
      '# TYPE requests_total counter',
      'requests_total{route="a\\"\\\\\\n"} 2',
      '# HELP depth Depth.',
      '# TYPE depth gauge',
      'depth 1.5',
      '# HELP seconds Time.',
      '# TYPE seconds histogram',
      'seconds_bucket{le="0.1"} 2',
      'seconds_bucket{le="1"} 3',
      'seconds_bucket{le="+Inf"} 4',
      'seconds_sum 7.65',
      'seconds_count 4',
      '',
    ].join('\n'),
  )
})

test('more series than two thousand are counted as one', () => {
  const metrics = createMetrics()
  const counter = metrics.counter({ name: 'x_total', help: 'x', labels: ['id'] })
  for (let i = 0; i < 2_500; i++) counter.with(String(i)).inc()
  const [family] = metrics.snapshot()
  expect(family?.series).toHaveLength(2_001)
  expect(family?.series.at(-1)).toEqual({ values: ['other'], numbers: [500] })
})

test.each([[{ name: 'Bad-Name', help: '', labels: [] }], [{ name: 'x', help: '', labels: ['le'] }], [{ name: 'x', help: '', labels: ['a-b'] }]])(
  '%j is METRIC_INVALID',
  (definition) => {
    expect(() => createMetrics().counter(definition)).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }))
  },
)

test('a taken name, wrong labels and buckets that do not ascend are METRIC_INVALID', () => {
  const metrics = createMetrics()
  const counter = metrics.counter({ name: 'x', help: '', labels: ['a'] })
  expect(() => metrics.gauge({ name: 'x', help: '', labels: [] })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }))
  expect(() => counter.with()).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }))
  expect(() => metrics.histogram({ name: 'h', help: '', labels: [], buckets: [1, 1] })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }))
})

describe('merging', () => {
  type Event = { readonly kind: 'count' | 'observe'; readonly label: string; readonly value: number }
  const event = fc.record<Event>({ kind: fc.constantFrom('count', 'observe'), label: fc.constantFrom('a', 'b', 'c'), value: fc.integer({ min: 0, max: 20 }) })
  const observed = (events: readonly Event[]): MetricsSnapshot => {
    const metrics = createMetrics()
    const counter = metrics.counter({ name: 'c_total', help: 'c', labels: ['l'] })
    const histogram = metrics.histogram({ name: 'h', help: 'h', labels: ['l'], buckets: [1, 5, 10] })
    for (const { kind, label, value } of events) kind === 'count' ? counter.with(label).inc(value) : histogram.with(label).observe(value)
    return metrics.snapshot()
  }
  const sorted = (snapshot: MetricsSnapshot) =>
    snapshot.map((family) => ({ ...family, series: [...family.series].sort((a, b) => (a.values.join() < b.values.join() ? -1 : 1)) }))

  test('equals one process that saw everything, in any order and grouping', () => {
    fc.assert(
      fc.property(fc.array(event), fc.array(event), fc.array(event), (a, b, c) => {
        const all = sorted(observed([...a, ...b, ...c]))
        expect(sorted(mergeSnapshots([observed(a), observed(b), observed(c)]))).toEqual(all)
        expect(sorted(mergeSnapshots([observed(c), mergeSnapshots([observed(b), observed(a)])]))).toEqual(all)
      }),
    )
  })

  test('leaves out what another release counts in another shape', () => {
    const counted = (labels: readonly string[], buckets: readonly number[]) => {
      const metrics = createMetrics()
      metrics
        .counter({ name: 'sold_total', help: 'Sold.', labels })
        .with(...labels)
        .inc()
      metrics.histogram({ name: 'seconds', help: 'Time.', labels: [], buckets }).with().observe(0.5)
      return metrics.snapshot()
    }
    const own = counted(['make'], [0.1, 1])
    expect(mergeSnapshots([own, counted(['make', 'model'], [0.1, 1, 10])])).toEqual(own)
  })
})

describe('gauges that are asked for elsewhere', () => {
  test('are looked at before a scrape, once for all who ask at once; what fails is told and the rest goes on', async () => {
    const metrics = createMetrics()
    const depth = metrics.gauge({ name: 'depth', help: 'Depth.', labels: [] }).with()
    let looks = 0
    metrics.onScrape(() => Promise.reject(new RangeError('away')))
    metrics.onScrape(async () => depth.set(++looks))
    const [first, second] = await Promise.all([metrics.look(60_000), metrics.look(60_000)])
    expect([first, second]).toEqual([[new RangeError('away')], [new RangeError('away')]])
    expect(metrics.snapshot()[0]?.series[0]?.numbers).toEqual([1])
    await metrics.look(60_000)
    expect(looks).toBe(2)
  })

  test('that take too long do not hold up the scrape, and are there for a later one', async () => {
    const metrics = createMetrics()
    const depth = metrics.gauge({ name: 'depth', help: 'Depth.', labels: [] }).with()
    const asked = Promise.withResolvers<void>()
    metrics.onScrape(async () => {
      await asked.promise
      depth.set(7)
    })
    expect(await metrics.look(1)).toEqual([])
    expect(metrics.snapshot()[0]?.series[0]?.numbers).toEqual([0])
    asked.resolve()
    await metrics.look(60_000)
    expect(metrics.snapshot()[0]?.series[0]?.numbers).toEqual([7])
  })
})

test('a family that has no series yet is named in a scrape', () => {
  const metrics = createMetrics()
  metrics.counter({ name: 'lost_total', help: 'Lost.', labels: ['why'] })
  expect(renderPrometheus(metrics.snapshot())).toBe('# HELP lost_total Lost.\n# TYPE lost_total counter\n')
})
