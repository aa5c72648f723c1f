import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import { Reply } from '../context/reply.ts'

/** One event of a stream; any other value stands for `{ data: value }`. */
export interface ServerEvent {
  /** Text as it is, anything else as JSON. */
  readonly data: unknown
  readonly event?: string | undefined
  /** What the client sends as `Last-Event-ID` when it comes back. */
  readonly id?: string | undefined
  /** How long the client waits before it comes back, in whole ms. */
  readonly retry?: number | undefined
}

export interface EventsOptions {
  /**
   * A comment is sent when nothing else was for this long, so that proxies keep the connection; from 1 ms to 1 day,
   * or false for none. Default: 15 s.
   */
  readonly heartbeat?: Duration | false
  /** How long clients wait before they come back, in whole ms; sent once at the start. Default: the client's own (some seconds). */
  readonly retry?: number
}

type Source = AsyncIterable<unknown> | ((lastEventId: string | undefined, signal: AbortSignal) => AsyncIterable<unknown>)

export interface EventSource {
  readonly source: Source
  /** In ms. */
  readonly heartbeat: number | undefined
  readonly retry: number | undefined
}

/**
 * Server-Sent Events (WHATWG HTML, 9.2): one frame for each value of the source, pulled as the client reads. The
 * function form is told where the client left off. When the client goes, the signal is aborted and the source's
 * `return` is called; a source that fails cuts the connection, and the client comes back by itself.
 * @throws `INVALID_NUMBER`, `INVALID_DURATION` for options out of range.
 *
 * @example
 * route.get('/ticks', () => events(async function* (lastEventId, signal) { yield { id: '1', data: { tick: 1 } } }))
 */
export function events(source: Source, options: EventsOptions = {}): Reply<200, EventSource> {
  return new Reply(200, 'events', { source, heartbeat: heartbeatOf(options.heartbeat ?? '15s'), retry: retryOf(options.retry) }, [
    'content-type',
    'text/event-stream; charset=utf-8',
    'cache-control',
    'no-cache, no-transform',
    'x-accel-buffering',
    'no',
  ])
}

function heartbeatOf(value: Duration | false): number | undefined {
  if (value === false) return undefined
  const ms = parseDuration(value, 'heartbeat')
  // Timers of more than 24 days fire at once.
  if (ms < 1 || ms > 86_400_000) throw fail('INVALID_NUMBER', { name: 'heartbeat', found: String(value), expected: '1 ms to 1 day, or false' })
  return ms
}

function retryOf(value: number | undefined): number | undefined {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
    throw fail('INVALID_NUMBER', { name: 'retry', found: String(value), expected: 'whole milliseconds' })
  return value
}
