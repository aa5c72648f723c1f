import type { Clock } from '../clock.ts'

export interface FailureShareRule {
  /** Above 0 and below 1. */
  readonly share: number
  readonly withinMs: number
  readonly calls: number
}

interface Slice {
  readonly number: number
  calls: number
  failures: number
}

/** Parts that the time is looked at in: what has happened is forgotten a part at a time. */
const slices = 10

/**
 * Whether of at least so many calls within a time more than a share have failed. Time is the clock's monotonic one:
 * neither does a wall clock that is set back keep old failures, nor one that is set forward forget fresh ones.
 */
export class FailureShare {
  private readonly rule: FailureShareRule
  private readonly clock: Clock
  private readonly kept: Slice[] = []

  constructor(rule: FailureShareRule, clock: Clock) {
    this.rule = rule
    this.clock = clock
  }

  /** Counts a call. */
  add(isFailure: boolean): void {
    const number = this.current()
    let last = this.kept.at(-1)
    if (last?.number !== number) this.kept.push((last = { number, calls: 0, failures: 0 }))
    last.calls++
    if (isFailure) last.failures++
  }

  get isExceeded(): boolean {
    const oldest = this.current() - slices
    while (this.kept[0] !== undefined && this.kept[0].number <= oldest) this.kept.shift()
    const { share, calls } = this.rule
    let all = 0
    let failed = 0
    for (const slice of this.kept) {
      all += slice.calls
      failed += slice.failures
    }
    return all >= calls && failed > share * all
  }

  clear(): void {
    this.kept.length = 0
  }

  private current(): number {
    return Math.floor((this.clock.monotonic() * slices) / this.rule.withinMs)
  }
}
