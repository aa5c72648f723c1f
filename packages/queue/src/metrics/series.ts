import { resolutions, type Resolution } from './job-metrics.ts'
import type { NumbersRow } from './metrics-store.ts'
import { Numbers } from './numbers.ts'
import type { PrometheusSeries } from './prometheus.ts'

/** Names who counts: a process, or one whose clock was set back. */
export function newSource(): string {
  return `${process.pid}.${Math.random().toString(36).slice(2, 10)}`
}

/** By how much a clock may be set back without that being more than counting in a later second, in s. */
const lenience = 5

/**
 * The numbers of one job class in one queue: those of the second, the minute, the hour and the day that are being counted. What is
 * over is written, or waits for that as a text; so a process holds little, however many classes it has.
 */
export class Series {
  readonly job: string
  readonly queue: string
  readonly prometheus: PrometheusSeries
  private readonly connection: string
  private source: string
  private second = 0
  private readonly current = new Numbers()
  private readonly open = resolutions.slice(1).map(({ seconds }) => new Open(seconds))
  /** Counted since the last time that it was collected. */
  private isDirty = false

  constructor(job: string, queue: string, connection: string, source: string, prometheus: PrometheusSeries) {
    this.job = job
    this.queue = queue
    this.prometheus = prometheus
    this.connection = connection
    this.source = source
  }

  /** Nothing was counted in the second, minute, hour and day that it was last asked in. */
  get isIdle(): boolean {
    return this.current.isEmpty && this.open.every(({ numbers }) => numbers.isEmpty)
  }

  /** Where to count at this time, in ms; what is over by then goes to `done`. */
  at(now: number, done: (row: NumbersRow) => void): Numbers {
    const second = Math.floor(now / 1_000)
    if (second !== this.second) this.turn(second, done)
    this.isDirty = true
    return this.current
  }

  /** Gives what was counted since the last time, what is not over as it is now. */
  collect(now: number, give: (row: NumbersRow) => void): void {
    const second = Math.floor(now / 1_000)
    if (second !== this.second) this.turn(second, give)
    if (!this.isDirty) return
    this.isDirty = false
    if (!this.current.isEmpty) give(this.row(1, this.second, this.current))
    for (const { seconds, numbers } of this.open) {
      const all = new Numbers()
      all.merge(numbers)
      all.merge(this.current)
      give(this.row(seconds, this.second, all))
    }
  }

  private turn(second: number, done: (row: NumbersRow) => void): void {
    const before = this.second
    const isBack = second < before
    if (isBack && before - second <= lenience) return
    if (!this.current.isEmpty) {
      if (this.isDirty) done(this.row(1, before, this.current))
      for (const { numbers } of this.open) numbers.merge(this.current)
      this.current.clear()
    }
    let isOpen = false
    for (const one of this.open) {
      if (!isBack && Math.floor(second / one.seconds) === Math.floor(before / one.seconds)) {
        isOpen = true
        continue
      }
      if (this.isDirty && !one.numbers.isEmpty) done(this.row(one.seconds, before, one.numbers))
      one.numbers = new Numbers()
    }
    // Times that come again would replace what was written of them.
    if (isBack) this.source = newSource()
    this.isDirty &&= isOpen
    this.second = second
  }

  private row(resolution: Resolution, second: number, numbers: Numbers): NumbersRow {
    const { job, queue, connection, source } = this
    return { resolution, at: Math.floor(second / resolution) * resolution * 1_000, job, queue, connection, source, numbers: numbers.encode() }
  }
}

/** What a minute, an hour or a day has had so far, without the second that is being counted. */
class Open {
  readonly seconds: Resolution
  numbers = new Numbers()

  constructor(seconds: Resolution) {
    this.seconds = seconds
  }
}
