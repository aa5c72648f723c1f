import { Readable } from 'node:stream'
import type { Context } from '../context/context.ts'
import type { Reply } from '../context/reply.ts'
import type { EventSource } from './events.ts'
import { renderEvent } from './render-event.ts'
import { adoptStream } from './stream.ts'

/** The source's frames as the reply's payload; a HEAD request does not start the source. */
export function encodeEvents(ctx: Context, reply: Reply, source: EventSource): void {
  if (ctx.method === 'HEAD') closeEvents(source)
  else adoptStream(ctx, reply, new EventStream(ctx, source))
}

/** Closes a source that nobody will read. */
export function closeEvents({ source }: EventSource): void {
  if (typeof source !== 'function') void Promise.resolve(source[Symbol.asyncIterator]().return?.()).catch(() => undefined)
}

/** Pulls the source when the client reads, and says that it is alive while the source is silent. */
class EventStream extends Readable {
  private readonly ctx: Context
  private readonly values: AsyncIterator<unknown>
  private readonly heartbeat: number | undefined
  private opening: string | undefined
  private timer: NodeJS.Timeout | undefined = undefined
  private pulling = false
  private over = false
  private exhausted = false

  constructor(ctx: Context, { source, heartbeat, retry }: EventSource) {
    // Nothing is read ahead of the client.
    super({ highWaterMark: 0 })
    this.ctx = ctx
    this.heartbeat = heartbeat
    // Something is sent at once, so that proxies and clients see that the stream is open.
    this.opening = retry === undefined ? ':\n\n' : `retry: ${retry}\n\n`
    const iterable = typeof source === 'function' ? source(lastEventId(ctx), ctx.signal) : source
    this.values = iterable[Symbol.asyncIterator]()
    ctx.runtime.draining.add(this.leave)
  }

  /** The client comes back by itself, to a process that stays, with the id of the last event that it has. */
  private readonly leave = (): void => {
    if (this.over || this.destroyed) return
    this.over = true
    clearTimeout(this.timer)
    this.push(null)
  }

  override _read(): void {
    if (this.opening !== undefined) {
      this.push(this.opening)
      this.opening = undefined
      if (this.ctx.runtime.draining.hasStarted) this.leave()
      return
    }
    if (this.heartbeat !== undefined) this.timer = setTimeout(() => this.push(':\n\n'), this.heartbeat).unref()
    // After a heartbeat the source is still being waited for.
    if (!this.pulling) void this.pull()
  }

  private async pull(): Promise<void> {
    this.pulling = true
    try {
      const result = await this.next()
      if (this.destroyed || this.over) return
      const frame = result.done === true ? null : renderEvent(this.ctx, result.value)
      clearTimeout(this.timer)
      this.pulling = false
      this.over = frame === null
      this.push(frame)
    } catch (error) {
      if (this.destroyed || this.over) this.reportClosing(error)
      else this.destroy(error as Error)
    }
  }

  private async next(): Promise<IteratorResult<unknown>> {
    try {
      const result = await this.values.next()
      this.exhausted = result.done === true
      return result
    } catch (error) {
      this.exhausted = true
      throw error
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.timer)
    this.over = true
    this.ctx.runtime.draining.delete(this.leave)
    if (!this.exhausted) {
      // First the signal: it frees a generator that waits, which could not return before.
      this.ctx.abort(error ?? new DOMException('The client closed the connection.', 'AbortError'))
      void this.closeSource()
    }
    callback(error)
  }

  private async closeSource(): Promise<void> {
    try {
      await this.values.return?.()
    } catch (error) {
      this.reportClosing(error)
    }
  }

  /** What a source throws because of the signal is no fault. */
  private reportClosing(error: unknown): void {
    if ((error as Error | null)?.name !== 'AbortError') this.ctx.log.error({ err: error }, 'A source of events could not be closed')
  }
}

/** Clients send it in UTF-8; header values are read byte by byte. */
function lastEventId(ctx: Context): string | undefined {
  const value = ctx.readHeader('last-event-id')
  return value === undefined ? undefined : Buffer.from(value, 'latin1').toString('utf8')
}
