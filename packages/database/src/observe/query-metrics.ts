import type { Counter, Histogram, Metrics } from 'glueful'
import type { Usage } from '../driver/driver.ts'

const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Every instrument of the data layer. */
export interface QueryMetrics {
  duration(database: string, operation: string, table: string): Histogram
  failed(database: string, code: string): Counter
  slow(database: string): Counter
  transaction(database: string, outcome: TransactionOutcome): Counter
  routeQueries(route: string): Histogram
  routeTime(route: string): Histogram
  /** Shows the connections of a pool until the returned function is called. */
  watch(database: string, role: string, usage: () => Usage): () => void
}

export type TransactionOutcome = 'committed' | 'rolled_back' | 'retried' | 'unknown'

// A registry takes each name once, and one application may open its databases several times.
const known = new WeakMap<Metrics, QueryMetrics>()

export function queryMetrics(metrics: Metrics): QueryMetrics {
  let found = known.get(metrics)
  if (found === undefined) known.set(metrics, (found = register(metrics)))
  return found
}

function register(metrics: Metrics): QueryMetrics {
  const duration = metrics.histogram({
    name: 'glueful_db_query_duration_seconds',
    help: 'Time that queries took, by connection, operation and table.',
    labels: ['database', 'operation', 'table'],
    buckets,
  })
  const failed = metrics.counter({ name: 'glueful_db_query_errors_total', help: 'Queries that failed, by error code.', labels: ['database', 'code'] })
  const slow = metrics.counter({ name: 'glueful_db_slow_queries_total', help: 'Queries that took longer than DATABASE_SLOW_QUERY.', labels: ['database'] })
  const transactions = metrics.counter({
    name: 'glueful_db_transactions_total',
    help: 'Outermost transactions, by outcome; retried ones were rolled back because of others and run again.',
    labels: ['database', 'outcome'],
  })
  const connections = metrics.gauge({
    name: 'glueful_db_connections',
    help: 'Connections that are in use and idle, and requests that wait for one.',
    labels: ['database', 'role', 'state'],
  })
  const routeQueries = metrics.histogram({
    name: 'glueful_db_route_queries',
    help: 'Queries of a request, by route; requests without any are left out.',
    labels: ['route'],
    buckets: [1, 2, 3, 5, 8, 13, 21, 34, 55, 100, 250],
  })
  const routeTime = metrics.histogram({
    name: 'glueful_db_route_duration_seconds',
    help: 'Time that the queries of a request took together, by route.',
    labels: ['route'],
    buckets,
  })
  const watched = new Set<() => void>()
  metrics.onCollect(() => watched.forEach((show) => show()))
  return {
    duration: (database, operation, table) => duration.with(database, operation, table),
    failed: (database, code) => failed.with(database, code),
    slow: (database) => slow.with(database),
    transaction: (database, outcome) => transactions.with(database, outcome),
    routeQueries: (route) => routeQueries.with(route),
    routeTime: (route) => routeTime.with(route),
    watch(database, role, usage) {
      const [inUse, idle, waiting] = [
        connections.with(database, role, 'in_use'),
        connections.with(database, role, 'idle'),
        connections.with(database, role, 'waiting'),
      ]
      const show = () => {
        const now = usage()
        inUse.set(now.inUse)
        idle.set(now.idle)
        waiting.set(now.waiting)
      }
      watched.add(show)
      return () => void watched.delete(show)
    },
  }
}
