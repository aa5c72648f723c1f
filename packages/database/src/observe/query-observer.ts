import { GluefulError, isTracing, traced, type Histogram, type Logger } from 'glueful'
import type { Dialect } from '../sql/dialect.ts'
import type { StatementDescription } from '../sql/describe-statement.ts'
import { CallPlace } from './call-place.ts'
import type { QueryMetrics } from './query-metrics.ts'
import { slowQueryTable, type SlowQueries } from './slow-queries.ts'

export interface QueryObserverParts {
  readonly database: string
  readonly dialect: Dialect
  readonly log: Logger
  readonly metrics: QueryMetrics
  /** Queries that take longer are logged, in ms. */
  readonly slowQuery: number
  /** Whether every query remembers where it came from; otherwise those do that have been slow before. */
  readonly placesAlways: boolean
  /** Where they are noted too, for `db optimize`. */
  readonly slowQueries: SlowQueries | undefined
}

/** A statement as it is known to one database: what it does, and what its executions are told to. */
export interface ObservedStatement extends StatementDescription {
  readonly text: string
  readonly duration: Histogram
  /** Set once the statement has been slow: from then on its executions remember where they came from. */
  wasSlow: boolean
  /** How sure it is that the next execution is quick. */
  quickRuns: number
}

/** Sees every query of a database. */
export interface QueryObserver {
  statement(text: string, description: StatementDescription): ObservedStatement
  /** Runs the query in a span; undefined where nobody traces. */
  readonly run: (<T>(statement: ObservedStatement, query: () => T) => T) | undefined
  /** Where the query comes from, if that is wanted; called before it runs. */
  placeOf(statement: ObservedStatement): CallPlace | undefined
  /** Called when a query has ended; `synchronous` when whoever asked is still waiting on the stack. */
  ended(statement: ObservedStatement, ms: number, place: CallPlace | undefined, error: unknown, synchronous: boolean): void
}

const longestText = 2_000
/** Operations that have a plan worth a look. */
const explained: ReadonlySet<string> = new Set(['select', 'update', 'delete'])
const systems: Readonly<Record<Dialect, string>> = { sqlite: 'sqlite', postgres: 'postgresql', mysql: 'mysql' }
/** SpanKind.CLIENT of OpenTelemetry. */
const spanKindClient = 2

function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}

function spanName({ operation, table }: ObservedStatement): string {
  return table === '' ? operation : `${operation} ${table}`
}

export function createQueryObserver({ database, dialect, log, metrics, slowQuery, placesAlways, slowQueries }: QueryObserverParts): QueryObserver {
  /** OpenTelemetry, semantic conventions for database calls. */
  function spanOptions({ text, operation, table }: ObservedStatement) {
    const attributes = {
      'db.system.name': systems[dialect],
      'db.namespace': database,
      'db.operation.name': operation,
      'db.query.text': shorten(text),
      ...(table === '' ? {} : { 'db.collection.name': table }),
    }
    return { kind: spanKindClient, attributes }
  }

  function slow(statement: ObservedStatement, ms: number, place: CallPlace | undefined): void {
    statement.wasSlow = true
    metrics.slow(database).inc()
    const { text, operation, table } = statement
    if (explained.has(operation) && table !== slowQueryTable) slowQueries?.note(database, text, ms, place?.toString())
    // Values are left out: they are what a log must not hold.
    log.warn({ database, dialect, operation, table, duration: Math.round(ms * 10) / 10, query: shorten(text), place: place?.toString() }, 'Slow query')
  }

  return {
    statement: (text, description) => ({
      ...description,
      text,
      duration: metrics.duration(database, description.operation, description.table),
      wasSlow: false,
      quickRuns: 0,
    }),
    run: isTracing() ? (statement, query) => traced(spanName(statement), query, spanOptions(statement)) : undefined,
    placeOf: (statement) => (placesAlways || statement.wasSlow ? new CallPlace() : undefined),
    ended(statement, ms, place, error, synchronous) {
      statement.duration.observe(ms / 1_000)
      if (error !== undefined) metrics.failed(database, error instanceof GluefulError ? error.code : 'UNKNOWN').inc()
      if (ms >= slowQuery) slow(statement, ms, place ?? (synchronous ? new CallPlace() : undefined))
    },
  }
}
