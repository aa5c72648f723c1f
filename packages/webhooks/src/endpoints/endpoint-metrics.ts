import type { Metrics } from 'glueful'
import type { DeliveryLog } from '../delivery/delivery-log.ts'
import type { Endpoints } from './endpoints.ts'

/** What the tables say, read for each scrape: the same from every process, and right after a start. */
export function addEndpointMetrics(metrics: Metrics, endpoints: Endpoints, log: DeliveryLog): void {
  const gauge = (name: string, help: string, labels: readonly string[] = []) => metrics.gauge({ name, help, labels, aggregation: 'max' })
  const failing = gauge('glueful_webhook_endpoints_failing', 'Endpoints whose last attempt failed, and that still get deliveries.').with()
  const disabled = gauge('glueful_webhook_endpoints_disabled', 'Endpoints that get no deliveries, by why.', ['reason'])
  const pending = gauge('glueful_webhook_deliveries_pending', 'Deliveries under way, those that wait for another attempt included.').with()
  metrics.onScrape(async () => {
    const [counts, waiting] = await Promise.all([endpoints.counts(), log.countPending()])
    failing.set(counts.failing)
    for (const [reason, count] of Object.entries(counts.disabled)) disabled.with(reason).set(count)
    pending.set(waiting)
  })
}
