import { outcomes, type Outcome, type StoredNumbers } from './job-metrics.ts'
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
}
