import type { ChildProcess } from 'node:child_process'
import type { Clock, Logger } from 'glueful'
import { createScaler, type ScaleRules } from './decide-scale.ts'

/** What a worker process tells the one that supervises it, every second. */
export interface ChildReport {
  readonly kind: 'worker-report'
  readonly ended: number
  readonly running: number
  readonly places: number
}

export interface SuperviseOptions {
  readonly rules: ScaleRules
  /** Starts a worker process that reports over IPC. */
  readonly spawn: () => ChildProcess
  /** Jobs that are ready to run. */
  readonly backlog: () => Promise<number>
  readonly log: Logger
  readonly clock: Clock
  /** How long a process may take to stop before it is killed, in ms. */
  readonly stopMs: number
}

interface Child {
  readonly process: ChildProcess
  report: ChildReport
  stopping: boolean
}

const tickMs = 1_000
const longestPauseMs = 30_000

/** Keeps as many worker processes as the rules and the backlog ask for, and replaces those that end. */
export function supervise({ rules, spawn, backlog, log, clock, stopMs }: SuperviseOptions) {
  const children = new Set<Child>()
  const decide = createScaler(rules)
  let endedBefore = 0
  let crashes = 0
  let notBefore = 0
  let stopping = false
  let wanted = rules.min
  const allGone = Promise.withResolvers<void>()

  function start(): void {
    const process = spawn()
    const child: Child = { process, report: { kind: 'worker-report', ended: 0, running: 0, places: 0 }, stopping: false }
    children.add(child)
    process.on('message', (message: ChildReport) => {
      if (message.kind !== 'worker-report') return
      child.report = message
      crashes = 0
    })
    const gone = () => {
      if (!children.delete(child)) return
      endedBefore += child.report.ended
      if (!stopping) return fill()
      if (children.size === 0) allGone.resolve()
    }
    const crashed = (fields: object, message: string) => {
      if (child.stopping) return
      crashes++
      notBefore = clock.monotonic() + Math.min(longestPauseMs, 250 * 2 ** crashes)
      log.error({ pid: process.pid, ...fields, crashes }, message)
    }
    process.once('exit', (code, signal) => {
      if (code !== 0) crashed({ code, signal }, 'A worker process crashed; another takes its place')
      gone()
    })
    // The machine has no room for another process: those that run must not end for that.
    process.on('error', (err) => {
      if (process.pid !== undefined) return log.warn({ err, pid: process.pid }, 'A worker process could not be signalled')
      crashed({ err }, 'A worker process could not be started; tried again')
      gone()
    })
  }

  /** As many as are wanted; the ones that have the least to do go first. */
  function fill(): void {
    const live = [...children].filter((child) => !child.stopping)
    if (clock.monotonic() >= notBefore) for (let count = live.length; count < wanted; count++) start()
    const spare = live.sort((a, b) => a.report.running - b.report.running).slice(0, Math.max(0, live.length - wanted))
    for (const child of spare) end(child)
  }

  function end(child: Child): void {
    child.stopping = true
    child.process.kill('SIGTERM')
    const timer = setTimeout(() => child.process.kill('SIGKILL'), stopMs)
    child.process.once('exit', () => clearTimeout(timer))
  }

  async function tick(): Promise<void> {
    const reports = [...children].map(({ report }) => report)
    const sum = (pick: (report: ChildReport) => number) => reports.reduce((total, report) => total + pick(report), 0)
    const processes = [...children].filter((child) => !child.stopping).length
    const { target, reason } = decide({
      at: clock.monotonic(),
      backlog: await backlog(),
      ended: endedBefore + sum(({ ended }) => ended),
      running: sum(({ running }) => running),
      places: sum(({ places }) => places),
      processes: Math.max(processes, crashes > 0 ? wanted : 0),
    })
    if (target !== wanted) log.info({ from: wanted, to: target, reason }, 'The number of worker processes changes')
    wanted = target
    fill()
  }

  fill()
  const timer = setInterval(() => {
    if (!stopping) tick().catch((err: unknown) => log.warn({ err }, 'The backlog could not be read; the number of worker processes stays'))
  }, tickMs)

  return {
    get processes() {
      return children.size
    },
    /** Stops all processes; resolves when they are gone. */
    async stop(): Promise<void> {
      stopping = true
      clearInterval(timer)
      if (children.size === 0) return
      for (const child of children) if (!child.stopping) end(child)
      await allGone.promise
    },
  }
}
