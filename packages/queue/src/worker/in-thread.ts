import { availableParallelism } from 'node:os'
import { Worker as Thread } from 'node:worker_threads'
import { fail } from '../errors.ts'
import type { JobContext } from '../job/job-context.ts'

/** What a handler in a thread is told: plain data, because it crosses to another thread. */
export interface ThreadJob<Payload = unknown> {
  readonly payload: Payload
  readonly id: string
  readonly name: string
  readonly attempt: number
}

export interface InThreadOptions {
  /** Threads for this module, in each process. Default: one fewer than there are cores, at least one. */
  readonly threads?: number
}

interface Answer {
  readonly result?: unknown
  readonly error?: unknown
}

// The program of a thread; a text of its own, so that it is found from sources and from a build alike.
const program = `
const { parentPort, workerData } = require('node:worker_threads')
const loaded = import(workerData.module)
parentPort.on('message', async (job) => {
  try {
    const { default: handler } = await loaded
    parentPort.postMessage({ result: await handler(job) })
  } catch (error) {
    try { parentPort.postMessage({ error }) } catch { parentPort.postMessage({ error: new Error(String(error)) }) }
  }
})`

const idleMs = 30_000

/**
 * A handler whose work runs in a thread, for what keeps a core busy: the process goes on answering and saying that it is
 * alive. The module's default export gets `ThreadJob` and gives the result; both cross as copies. On time-out or
 * cancellation the thread is ended.
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
    const thread = new Thread(program, { eval: true, workerData: { module: module.href } })
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

  return async ({ payload, id, name, attempt, signal }) => {
    signal.throwIfAborted()
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
      const onMessage = (answer: Answer) => settle(() => ('error' in answer ? reject(answer.error) : resolve(answer.result as Result)), true)
      const onError = (error: unknown) => settle(() => reject(error), false)
      const onExit = (code: number) => settle(() => reject(fail('JOB_THREAD_EXITED', { job: name, code })), false)
      const onAbort = () => settle(() => reject(signal.reason), false)
      thread.once('message', onMessage)
      thread.once('error', onError)
      thread.once('exit', onExit)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) return onAbort()
      // While it works, the thread keeps the process alive.
      thread.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage({ payload, id, name, attempt } satisfies ThreadJob)
    })
  }
}
