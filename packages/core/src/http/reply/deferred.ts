import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { noContent } from './constructors.ts'
import type { Reply } from '../context/reply.ts'

export interface Deferred<T> {
  /** What the handler returns: settles by `resolve`, `reject`, the time-out or the client's departure. */
  readonly answer: Promise<T | Reply<204, undefined>>
  resolve(value: T): void
  reject(error: unknown): void
}

/**
 * An answer that comes later (long polling): return `answer` from the handler and resolve it when there is news.
 * After `timeout` (default 25 s, below what proxies allow) the client gets 204 and asks again; `onSettled` is where the
 * waiting entry is removed.
 */
export function deferred<T>(options: { readonly signal: AbortSignal; readonly timeout?: Duration; readonly onSettled?: () => void }): Deferred<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T | Reply<204, undefined>>()
  const nothing = () => settle(() => resolve(noContent()))
  const timer = setTimeout(nothing, parseDuration(options.timeout ?? '25s', 'timeout'))
  let settled = false
  function settle(how: () => void): void {
    if (settled) return
    settled = true
    clearTimeout(timer)
    options.signal.removeEventListener('abort', nothing)
    options.onSettled?.()
    how()
  }
  options.signal.addEventListener('abort', nothing, { once: true })
  return { answer: promise, resolve: (value) => settle(() => resolve(value)), reject: (error) => settle(() => reject(error)) }
}
