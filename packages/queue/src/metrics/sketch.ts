/** No quantile is further off than this, relative to its value. */
export const relativeError = 0.01

const gamma = (1 + relativeError) / (1 - relativeError)
const logGamma = Math.log(gamma)
/** Values below are counted as zero: a nanosecond where values are seconds. */
const smallest = 1e-9

/** A sketch as it is stored: `[zeros, sum, max, [index, count, index, count, …]]`. */
export type EncodedSketch = readonly [zeros: number, sum: number, max: number, bins: readonly number[]]

/**
 * Counts values in bins whose width grows with the value, so that every quantile is right within 1 %, and that the
 * sketches of any number of processes and times merge into what one would have seen. (Masson, Rim and Lee: DDSketch, 2019.)
 */
export class Sketch {
  private readonly bins = new Map<number, number>()
  private zeros = 0
  private total = 0
  sum = 0
  max = 0

  get count(): number {
    return this.total
  }

  add(value: number, times = 1): void {
    if (!(value >= 0) || !Number.isFinite(value)) return
    this.total += times
    this.sum += value * times
    if (value > this.max) this.max = value
    if (value < smallest) this.zeros += times
    else {
      const index = Math.ceil(Math.log(value) / logGamma)
      this.bins.set(index, (this.bins.get(index) ?? 0) + times)
    }
  }

  merge(other: Sketch): void {
    for (const [index, count] of other.bins) this.bins.set(index, (this.bins.get(index) ?? 0) + count)
    this.zeros += other.zeros
    this.total += other.total
    this.sum += other.sum
    if (other.max > this.max) this.max = other.max
  }

  /** The value that a part `q` of all values does not exceed; undefined where there are none. */
  quantile(q: number): number | undefined {
    if (this.total === 0) return undefined
    const rank = Math.min(this.total - 1, Math.floor(q * (this.total - 1) + 0.5))
    if (rank < this.zeros) return 0
    let seen = this.zeros
    for (const index of [...this.bins.keys()].sort((a, b) => a - b)) {
      seen += this.bins.get(index) as number
      if (seen > rank) return Math.min(this.max, (2 * gamma ** index) / (gamma + 1))
    }
    return this.max
  }

  encode(): EncodedSketch {
    return [this.zeros, this.sum, this.max, [...this.bins].flat()]
  }

  static decode([zeros, sum, max, bins]: EncodedSketch): Sketch {
    const sketch = new Sketch()
    sketch.zeros = zeros
    sketch.total = zeros
    sketch.sum = sum
    sketch.max = max
    for (let at = 0; at < bins.length; at += 2) {
      sketch.bins.set(bins[at] as number, bins[at + 1] as number)
      sketch.total += bins[at + 1] as number
    }
    return sketch
  }
}
