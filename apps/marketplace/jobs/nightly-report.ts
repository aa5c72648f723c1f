import { cron, job } from '@glueful/queue'
import { RuntimeService } from 'glueful'
import { Car, Order } from '../models/index.ts'

/** What was sold since the night before, and what is left. */
export const NightlyReport = job('reports.nightly', { queue: 'reports', timeout: '5m', keep: '7d' }, async ({ log, use }) => {
  const since = new Date(use(RuntimeService).clock.now() - 86_400_000)
  const orders = Order.where('createdAt', '>=', since).where('status', 'captured')
  const [count, total, cars] = await Promise.all([orders.clone().count(), orders.clone().sum('total'), Car.where('stock', '>', 0).count()])
  const report = { since: since.toISOString(), orders: count, total, carsOnOffer: cars }
  log.info(report, 'Nightly report')
  return report
})

export const schedule = [cron('0 3 * * *', { timeZone: 'Europe/Berlin' }).run(NightlyReport)]
