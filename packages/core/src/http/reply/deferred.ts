import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import { drainingOf } from '../context/draining.ts'
import type { Reply } from '../context/reply.ts'
import { noContent } from './constructors.ts'

export interface Deferred<T> {
  /** What the handler returns: settles by `resolve`, `reject`, the time-out, which the server's draining brings about too, or the client's departure. */
  readonly answer: Promise<T | Reply<204, undefined>>
  /** Later calls do nothing. */
  resolve(value: T): void
  reject(error: unknown): void
}

export interface DeferredOptions<T> {
  /** The request's: `ctx.signal`. When it is aborted nobody waits any more. */
  readonly signal: AbortSignal
  /** At most 1 day. Default: 25 s, below what proxies and REQUEST_TIMEOUT allow. */
  readonly timeout?: Duration
  /** What is answered when nothing has come in time. Default: 204, and the client asks again. */
  readonly onTimeout?: () => T
  /** Called once however it ends: the place to remove what is waiting. */
  readonly onSettled?: () => void
}

/**
 * An answer that comes later (long polling): return `answer` from the handler and resolve it when there is news.
 * @throws `INVALID_NUMBER`, `INVALID_DURATION` for a time-out out of range.
 *
 * @example
 * const next = deferred<Message>({ signal, onSettled: () => waiting.delete(next) })
 * waiting.add(next)
 * return next.answer
 */
export function deferred<T>({ signal, timeout = '25s', onTimeout, onSettled }: DeferredOptions<T>): Deferred<T> {
  const ms = parseDuration(timeout, 'timeout')
  // Timers of more than 24 days fire at once.
  if (ms > 86_400_000) throw fail('INVALID_NUMBER', { name: 'timeout', found: String(timeout), expected: 'at most 1 day' })
  const { promise: answer, resolve, reject } = Promise.withResolvers<T | Reply<204, undefined>>()
  const leave = () => settle(() => resolve(noContent()))
  const expire = () => settle(() => resolve(onTimeout === undefined ? noContent() : onTimeout()))
  const timer = setTimeout(expire, ms).unref()
  const draining = drainingOf(signal)
  let settled = false

  function settle(how: () => void): void {
    if (settled) return
    settled = true
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
    draining?.delete(expire)
    try {
      onSettled?.()
      how()
    } catch (error) {
      reject(error)
    }
  }

  // Not before the caller has what `onSettled` is going to remove.
  if (signal.aborted) queueMicrotask(leave)
  else if (draining?.hasStarted === true) queueMicrotask(expire)
  else {
    signal.addEventListener('abort', leave, { once: true })
    draining?.add(expire)
  }
  return { answer, resolve: (value) => settle(() => resolve(value)), reject: (error) => settle(() => reject(error)) }
}
