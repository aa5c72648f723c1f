import { outcomes, type JobNumbers, type Outcome, type Spread, type StoredNumbers } from './job-metrics.ts'
import { Sketch, type EncodedSketch } from './sketch.ts'

/** Numbers that are being counted, or merged. */
export class Numbers {
  readonly attempts = outcomes.map(() => 0)
  readonly wait = new Sketch()
  readonly run = new Sketch()
  readonly cpu = new Sketch()
  readonly memory = new Sketch()

  get isEmpty(): boolean {
    return this.wait.count === 0 && this.attempts.every((count) => count === 0)
  }

  count(outcome: Outcome): void {
    ;(this.attempts[outcomes.indexOf(outcome)] as number)++
  }

  merge(other: Numbers): void {
    for (const [index, count] of other.attempts.entries()) (this.attempts[index] as number) += count
    for (const name of ['wait', 'run', 'cpu', 'memory'] as const) this[name].merge(other[name])
  }

  /** Begins anew, with the room that it has. */
  clear(): void {
    this.attempts.fill(0)
    for (const name of ['wait', 'run', 'cpu', 'memory'] as const) this[name].clear()
  }

  encode(): string {
    const stored: StoredNumbers = {
      attempts: this.attempts,
      wait: this.wait.encode(),
      run: this.run.encode(),
      cpu: this.cpu.encode(),
      memory: this.memory.encode(),
    }
    return JSON.stringify(stored)
  }

  static from(stored: StoredNumbers): Numbers {
    const numbers = new Numbers()
    for (const [index, count] of stored.attempts.entries()) numbers.attempts[index] = count
    for (const name of ['wait', 'run', 'cpu', 'memory'] as const) numbers[name].merge(Sketch.decode(stored[name] as EncodedSketch))
    return numbers
  }

  toJobNumbers(job: string, queue: string, connection: string, seconds: number): JobNumbers {
    const attempts = Object.fromEntries(outcomes.map((outcome, index) => [outcome, this.attempts[index]])) as Record<Outcome, number>
    const judged = attempts.completed + attempts.retried + attempts.failed
    return {
      job,
      queue,
      connection,
      attempts,
      throughputPerSecond: seconds <= 0 ? 0 : judged / seconds,
      failureRatio: judged === 0 ? 0 : (attempts.retried + attempts.failed) / judged,
      waitSeconds: spread(this.wait),
      runSeconds: spread(this.run),
      cpuSeconds: spread(this.cpu),
      memoryGrowthBytes: spread(this.memory),
    }
  }
}

function spread(sketch: Sketch): Spread | undefined {
  if (sketch.count === 0) return undefined
  const at = (q: number) => sketch.quantile(q) as number
  return { count: sketch.count, mean: sketch.sum / sketch.count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sketch.max }
}
