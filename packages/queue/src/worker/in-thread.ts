import { availableParallelism } from 'node:os'
import { Worker as Thread } from 'node:worker_threads'
import { currentSandbox, telemetryFile, type LogFields, type Logger, type LogLevel } from 'glueful'
import { fail } from '../errors.ts'
import type { JobContext } from '../job/job-context.ts'
import { currentOrigin } from '../tracing/origin.ts'

/** What a handler in a thread is told: plain data, because it crosses to another thread. */
export interface ThreadJob<Payload = unknown> {
  readonly payload: Payload
  readonly id: string
  readonly name: string
  readonly attempt: number
  /** Of the HTTP request that it goes back to, also when jobs lie in between. */
  readonly requestId?: string
  /** W3C traceparent of the attempt's span; left out where nobody traces. */
  readonly traceparent?: string
  /** W3C tracestate that goes with it. */
  readonly tracestate?: string
}

/** What a handler in a thread may use besides. */
export interface ThreadTools {
  /** Writes to the application's log, with the fields of the attempt and the id of its trace. What cannot cross as a copy is written as text. */
  readonly log: Pick<Logger, LogLevel>
}

export interface InThreadOptions {
  /** Threads for this module, in each process. Default: one fewer than there are cores, at least one. */
  readonly threads?: number
}

interface Answer {
  readonly result?: unknown
  readonly error?: unknown
  /** A line for the log, before the answer. */
  readonly log?: readonly [LogLevel, LogFields, string | undefined]
}

// The program of a thread; a text of its own, so that it is found from sources and from a build alike. A provider that
// the handler's module has registered, or a preload of the process, sees the attempt's span as the active one.
const program = `
const { inspect } = require('node:util')
const { parentPort, workerData } = require('node:worker_threads')
const loaded = import(workerData.module)
const crossing = (value) => {
  try { return structuredClone(value) } catch { return inspect(value) }
}
const tell = (level, fields, message) =>
  parentPort.postMessage({ log: [level, Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, crossing(value)])), message] })
const log = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) =>
  [level, (first, message) => typeof first === 'string' ? tell(level, {}, first) : tell(level, first, message)]))
const within = ({ traceparent = '', tracestate }, work) => {
  const [, traceId, spanId, flags] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(traceparent) ?? []
  if (traceId === undefined || globalThis[Symbol.for('opentelemetry.js.api.1')] === undefined) return work()
  const { context, createTraceState, ROOT_CONTEXT, trace } = require(workerData.telemetry)
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  if (tracestate !== undefined) span.traceState = createTraceState(tracestate)
  return context.with(trace.setSpanContext(ROOT_CONTEXT, span), work)
}
parentPort.on('message', async (job) => {
  try {
    const { default: handler } = await loaded
    parentPort.postMessage({ result: await within(job, () => handler(job, { log })) })
  } catch (error) {
    try { parentPort.postMessage({ error }) } catch { parentPort.postMessage({ error: new Error(String(error)) }) }
  }
})`

const idleMs = 30_000

/**
 * A handler whose work runs in a thread, for what keeps a core busy: the process goes on answering and saying that it is
 * alive. The module's default export gets `ThreadJob` and `ThreadTools` and gives the result; both ways, values cross as
 * copies. On time-out or cancellation the thread is ended. Spans that are made there are below the attempt's.
 *
 * @example
 * export const Render = job('pdf.render', { payload, timeout: '2m' }, inThread(new URL('./render-pdf.ts', import.meta.url)))
 */
export function inThread<Payload, Result = unknown>(module: URL, options: InThreadOptions = {}): (ctx: JobContext<Payload>) => Promise<Result> {
  const { threads = Math.max(1, availableParallelism() - 1) } = options
  if (!Number.isInteger(threads) || threads < 1) {
    throw fail('JOB_OPTION_INVALID', { job: module.pathname, option: 'threads', found: String(threads), expected: 'a whole number of at least 1' })
  }
  const idle: Thread[] = []
  const queue: ((thread: Thread) => void)[] = []
  let count = 0

  function start(): Thread {
    count++
    const thread = new Thread(program, { eval: true, workerData: { module: module.href, telemetry: telemetryFile() } })
    thread.unref()
    thread.once('exit', () => {
      count--
      const at = idle.indexOf(thread)
      if (at !== -1) idle.splice(at, 1)
      const waiting = queue.shift()
      if (waiting !== undefined) waiting(start())
    })
    return thread
  }

  const take = (): Promise<Thread> | Thread => {
    const free = idle.pop()
    if (free !== undefined) return free
    return count < threads ? start() : new Promise((resolve) => void queue.push(resolve))
  }

  function giveBack(thread: Thread): void {
    const waiting = queue.shift()
    if (waiting !== undefined) return waiting(thread)
    idle.push(thread)
    const timer = setTimeout(() => {
      if (idle.includes(thread)) void thread.terminate()
    }, idleMs)
    timer.unref()
    thread.once('exit', () => clearTimeout(timer))
  }

  return async (ctx) => {
    const { payload, id, name, attempt, requestId, signal } = ctx
    signal.throwIfAborted()
    if (currentSandbox() !== undefined) throw fail('JOB_THREAD_NOT_SANDBOXED', { job: name })
    const { trace: traceparent, traceState: tracestate } = currentOrigin()
    const told: ThreadJob = {
      payload,
      id,
      name,
      attempt,
      ...(requestId === undefined ? undefined : { requestId }),
      ...(traceparent === undefined ? undefined : { traceparent }),
      ...(tracestate === undefined ? undefined : { tracestate }),
    }
    let log: Logger | undefined
    const write = ([level, fields, message]: NonNullable<Answer['log']>) => {
      log ??= traceparent === undefined ? ctx.log : ctx.log.child({ traceId: traceparent.slice(3, 35) })
      log[level](fields, message)
    }
    const thread = await take()
    return new Promise<Result>((resolve, reject) => {
      const settle = (work: () => void, reusable: boolean) => {
        thread.off('message', onMessage)
        thread.off('error', onError)
        thread.off('exit', onExit)
        signal.removeEventListener('abort', onAbort)
        thread.unref()
        if (reusable) giveBack(thread)
        else void thread.terminate()
        work()
      }
      const onMessage = (answer: Answer) => {
        if (answer.log !== undefined) return write(answer.log)
        settle(() => ('error' in answer ? reject(answer.error) : resolve(answer.result as Result)), true)
      }
      const onError = (error: unknown) => settle(() => reject(error), false)
      const onExit = (code: number) => settle(() => reject(fail('JOB_THREAD_EXITED', { job: name, code })), false)
      const onAbort = () => settle(() => reject(signal.reason), false)
      thread.on('message', onMessage)
      thread.once('error', onError)
      thread.once('exit', onExit)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) return onAbort()
      // While it works, the thread keeps the process alive.
      thread.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage(told)
    })
  }
}
