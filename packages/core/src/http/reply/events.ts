import { fail } from '../../foundation/errors/catalog.ts'
import { parseDuration, type Duration } from '../../foundation/duration.ts'
import type { Context } from '../context/context.ts'
import { Reply } from '../context/reply.ts'

/** One event of a stream; a plain value stands for `{ data: value }`. */
export interface ServerEvent {
  /** Text as it is, anything else as JSON. */
  readonly data: unknown
  readonly event?: string
  /** What the client sends as `Last-Event-ID` when it comes back. */
  readonly id?: string
  /** How long the client waits before it comes back, in ms. */
  readonly retry?: number
}

export interface EventsOptions {
  /** A comment is sent when nothing else was for this long, so that proxies keep the connection. Default: 15 s. */
  readonly heartbeat?: Duration
  /** How long clients wait before they come back, in ms; sent once at the start. */
  readonly retry?: number
}

type Source = AsyncIterable<unknown> | ((lastEventId: string | undefined, signal: AbortSignal) => AsyncIterable<unknown>)

export interface EventSource {
  readonly source: Source
  readonly heartbeat: number
  readonly retry: number | undefined
}

/**
 * Server-Sent Events (WHATWG HTML, 9.2): one frame for each value of the source, pulled as the client reads. The
 * function form is told where the client left off. When the client goes, the source's `return` is called and the signal
 * aborted.
 *
 * @example
 * route.get('/ticks', () => events(async function* (lastEventId, signal) { yield { id: '1', data: { tick: 1 } } }))
 */
export function events(source: Source, options: EventsOptions = {}): Reply<200, EventSource> {
  const heartbeat = parseDuration(options.heartbeat ?? '15s', 'heartbeat')
  return new Reply(200, 'events', { source, heartbeat, retry: options.retry }, [
    'content-type', 'text/event-stream; charset=utf-8',
    'cache-control', 'no-cache, no-transform',
    'x-accel-buffering', 'no',
  ])
}

/** The frames of a source, with heartbeats between. */
export async function* encodeEvents(ctx: Context, { source, heartbeat, retry }: EventSource): AsyncGenerator<string> {
  const { signal } = ctx
  const iterable = typeof source === 'function' ? source(ctx.header('last-event-id'), signal) : source
  const iterator = iterable[Symbol.asyncIterator]()
  let beat: NodeJS.Timeout | undefined
  // An iterator that waits for something which will never come is left to the signal; the connection does not wait for it.
  const gone = new Promise<'gone'>((resolve) => {
    if (signal.aborted) resolve('gone')
    else signal.addEventListener('abort', () => resolve('gone'), { once: true })
  })
  try {
    yield retry === undefined ? ':ok\n\n' : `retry: ${retry}\n\n`
    let next = iterator.next()
    while (true) {
      const idle = new Promise<'idle'>((resolve) => (beat = setTimeout(() => resolve('idle'), heartbeat)))
      const result = await Promise.race([next, idle, gone])
      clearTimeout(beat)
      if (result === 'gone') return
      if (result === 'idle') {
        yield ':\n\n'
        continue
      }
      if (result.done === true) return
      yield renderEvent(result.value)
      next = iterator.next()
    }
  } catch (error) {
    if (!signal.aborted) ctx.log.error({ err: error }, 'A stream of events failed')
    throw error
  } finally {
    clearTimeout(beat)
    ctx.abort(new DOMException('The stream of events has ended.', 'AbortError'))
    void iterator.return?.()
  }
}

function renderEvent(value: unknown): string {
  const event = isServerEvent(value) ? value : { data: value }
  let frame = ''
  if (event.event !== undefined) frame += `event: ${oneLine('event', event.event)}\n`
  if (event.id !== undefined) frame += `id: ${oneLine('id', event.id)}\n`
  if (event.retry !== undefined) frame += `retry: ${event.retry}\n`
  const data = typeof event.data === 'string' ? event.data : (JSON.stringify(event.data) ?? 'null')
  for (const line of data.split(/\r\n|\r|\n/)) frame += `data: ${line}\n`
  return `${frame}\n`
}

function isServerEvent(value: unknown): value is ServerEvent {
  if (typeof value !== 'object' || value === null || !('data' in value)) return false
  return Object.keys(value).every((key) => key === 'data' || key === 'event' || key === 'id' || key === 'retry')
}

function oneLine(field: string, value: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/[\r\n\0]/.test(value)) throw fail('EVENT_INVALID', { field })
  return value
}
