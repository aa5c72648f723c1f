import cluster, { type Worker } from 'node:cluster'
import type { Logger } from '../../foundation/logging/logger.ts'

export interface ClusterOptions {
  readonly workers: number
  /** The script each worker runs, and its arguments. */
  readonly exec: string
  readonly args: readonly string[]
  readonly log: Logger
  /** How long a worker may drain before it is killed, in ms. */
  readonly shutdownTimeout: number
  /** How long a worker may take until it listens, in ms. Default: 30,000. */
  readonly startTimeout?: number
}

const firstBackoff = 100
const longestBackoff = 10_000
/** A worker that lived this long, in ms, was healthy: its crash starts the back-off anew. */
const healthyAfter = 30_000
/** A worker that ends with code 0 was told to by somebody else: no crash. It is replaced at once, but not more often than this, in ms. */
const orderlyPace = 1_000

/**
 * Runs the application in several processes that share the port. A crashed worker is replaced after a growing pause,
 * one that somebody told to end at once;
 * SIGHUP replaces the workers one by one, each new one listening before an old one drains; SIGTERM and SIGINT drain all
 * and a second one kills. Resolves with the exit code: 0 after a drain, 1 when the first workers cannot start.
 */
export function runCluster(options: ClusterOptions): Promise<number> {
  const { workers, log, shutdownTimeout, startTimeout = 30_000 } = options
  cluster.setupPrimary({ exec: options.exec, args: [...options.args] })

  return new Promise((resolve) => {
    let stopping = false
    let everReady = false
    let reloading: Promise<void> = Promise.resolve()
    let backoff = firstBackoff
    const restarts = new Set<NodeJS.Timeout>()
    const startedAt = new Map<Worker, number>()
    /** Workers whose end was asked for; the end of any other is a crash. */
    const retired = new Set<Worker>()
    const served = new WeakSet<Worker>()

    const alive = () => Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker !== undefined && !worker.isDead())

    function start(): Worker {
      const worker = cluster.fork()
      startedAt.set(worker, Date.now())
      worker.once('exit', (code, signal) => ended(worker, code, signal))
      return worker
    }

    function ended(worker: Worker, code: number, signal: string | null): void {
      const lived = Date.now() - (startedAt.get(worker) ?? 0)
      startedAt.delete(worker)
      const expected = retired.delete(worker)
      if (stopping) {
        if (alive().length === 0) finish(everReady || expected ? 0 : 1)
        return
      }
      if (expected) return
      if (!everReady && alive().length === 0) {
        finish(code === 0 ? 1 : code)
        return
      }
      if (!everReady) return
      if (lived > healthyAfter) backoff = firstBackoff
      if (code === 0 && served.has(worker)) {
        log.info({ worker: worker.process.pid }, 'A worker has drained and is replaced')
        startIn(Math.max(0, orderlyPace - lived))
        return
      }
      log.error({ worker: worker.process.pid, exitCode: code, signal, restartInMs: backoff }, 'A worker ended unexpectedly and is replaced')
      startIn(backoff)
      backoff = Math.min(backoff * 2, longestBackoff)
    }

    function startIn(ms: number): void {
      const timer = setTimeout(() => {
        restarts.delete(timer)
        start()
      }, ms)
      restarts.add(timer)
    }

    function listening(worker: Worker): Promise<boolean> {
      return new Promise((done) => {
        const timer = setTimeout(() => done(false), startTimeout)
        worker.once('listening', () => done(true))
        worker.once('exit', () => done(false))
        worker.once('listening', () => clearTimeout(timer))
        worker.once('exit', () => clearTimeout(timer))
      })
    }

    function retire(worker: Worker): Promise<void> {
      retired.add(worker)
      return new Promise((done) => {
        if (worker.isDead()) return done()
        const timer = setTimeout(() => worker.process.kill('SIGKILL'), shutdownTimeout + 2_000)
        worker.once('exit', () => {
          clearTimeout(timer)
          done()
        })
        worker.process.kill('SIGTERM')
      })
    }

    async function reload(): Promise<void> {
      log.info('Replacing the workers one by one')
      for (const old of alive()) {
        if (stopping) return
        const fresh = start()
        if (!(await listening(fresh))) {
          // The old ones keep serving: a release that does not start must not take the service down.
          retired.add(fresh)
          fresh.process.kill('SIGKILL')
          log.error('A new worker did not start; the old ones stay')
          return
        }
        if (!old.isDead()) await retire(old)
      }
      log.info('All workers are replaced')
    }

    function stop(): void {
      if (stopping) {
        for (const worker of alive()) worker.process.kill('SIGKILL')
        finish(1)
        return
      }
      stopping = true
      for (const timer of restarts) clearTimeout(timer)
      const running = alive()
      if (running.length === 0) finish(0)
      for (const worker of running) void retire(worker)
    }

    const onReload = () => {
      reloading = reloading.then(reload)
    }

    function finish(code: number): void {
      process.off('SIGTERM', stop)
      process.off('SIGINT', stop)
      process.off('SIGHUP', onReload)
      resolve(code)
    }

    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    process.on('SIGHUP', onReload)
    cluster.on('listening', (worker) => {
      if (!everReady && process.connected) process.send?.('ready')
      everReady = true
      served.add(worker)
      log.info({ worker: worker.process.pid }, 'A worker is ready')
    })
    for (let i = 0; i < workers; i++) start()
  })
}
