import type { Metrics } from '../../foundation/metrics/metrics.ts'
import type { Health } from './health.ts'

/** Health as gauges, so that an alert can say which check it is. Over several processes, the worst of them counts. */
export function addHealthMetrics(metrics: Metrics, health: Health): void {
  const ready = metrics
    .gauge({ name: 'glueful_ready', help: '1 while requests may be sent here: started, not draining, no critical check down.', labels: [], aggregation: 'min' })
    .with()
  const up = metrics.gauge({ name: 'glueful_health_check_up', help: '0 while a health check is down.', labels: ['check'], aggregation: 'min' })
  metrics.onScrape(async () => {
    const { isReady, checks } = await health.states()
    ready.set(isReady ? 1 : 0)
    for (const [name, status] of Object.entries(checks)) up.with(name).set(status === 'down' ? 0 : 1)
  })
}
