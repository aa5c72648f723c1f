/** No quantile is further off than this, relative to its value. */
export const relativeError = 0.01

const gamma = (1 + relativeError) / (1 - relativeError)
const logGamma = Math.log(gamma)
/** Values below are counted as zero: a nanosecond where values are seconds. */
const smallest = 1e-9
/** Bins beyond those that are needed: a factor of 1.4 in the value on either side. */
const spare = 16
const none = new Float64Array(0)

/** A sketch as it is stored: `[zeros, sum, max, [index, count, index, count, …]]`. */
export type EncodedSketch = readonly [zeros: number, sum: number, max: number, bins: readonly number[]]

/**
 * Counts values in bins whose width grows with the value, so that every quantile is right within 1 %, and that the
 * sketches of any number of processes and times merge into what one would have seen. (Masson, Rim and Lee: DDSketch, 2019.)
 */
export class Sketch {
  /** Counts of neighbouring bins, the first one being that of the index `first`. */
  private bins: Float64Array = none
  private first = 0
  private zeros = 0
  private total = 0
  sum = 0
  max = 0

  get count(): number {
    return this.total
  }

  add(value: number, times = 1): void {
    if (!(value >= 0) || value === Infinity) return
    this.total += times
    this.sum += value * times
    if (value > this.max) this.max = value
    if (value < smallest) {
      this.zeros += times
      return
    }
    const index = Math.ceil(Math.log(value) / logGamma)
    const at = index - this.first
    // Outside of the array is undefined, and so no number.
    if (this.bins[at] === undefined) this.reach(index, index)
    ;(this.bins[index - this.first] as number) += times
  }

  merge(other: Sketch): void {
    this.zeros += other.zeros
    this.total += other.total
    this.sum += other.sum
    if (other.max > this.max) this.max = other.max
    const { bins, first } = other
    let low = 0
    let high = bins.length - 1
    while (low <= high && bins[low] === 0) low++
    while (high > low && bins[high] === 0) high--
    if (low > high) return
    this.reach(first + low, first + high)
    const shift = first - this.first
    for (let at = low; at <= high; at++) (this.bins[at + shift] as number) += bins[at] as number
  }

  /** Forgets everything, and keeps its room. */
  clear(): void {
    this.bins.fill(0)
    this.zeros = 0
    this.total = 0
    this.sum = 0
    this.max = 0
  }

  /** Makes room for the bins from one index to another; a little more, since values come in the neighbourhood of others. */
  private reach(from: number, to: number): void {
    const { bins, first } = this
    const last = first + bins.length - 1
    if (bins.length > 0 && from >= first && to <= last) return
    const low = bins.length === 0 ? from - spare : from < first ? from - spare : first
    const high = bins.length === 0 ? to + spare : to > last ? to + spare : last
    this.bins = new Float64Array(high - low + 1)
    this.first = low
    if (bins.length > 0) this.bins.set(bins, first - low)
  }

  /** The value that a part `q` of all values does not exceed; undefined where there are none. */
  quantile(q: number): number | undefined {
    if (this.total === 0) return undefined
    const rank = Math.min(this.total - 1, Math.floor(q * (this.total - 1) + 0.5))
    if (rank < this.zeros) return 0
    let seen = this.zeros
    for (const [at, count] of this.bins.entries()) {
      seen += count
      if (seen > rank) return Math.min(this.max, (2 * gamma ** (this.first + at)) / (gamma + 1))
    }
    return this.max
  }

  encode(): EncodedSketch {
    const pairs: number[] = []
    for (const [at, count] of this.bins.entries()) if (count > 0) pairs.push(this.first + at, count)
    return [this.zeros, this.sum, this.max, pairs]
  }

  static decode([zeros, sum, max, pairs]: EncodedSketch): Sketch {
    const sketch = new Sketch()
    sketch.zeros = zeros
    sketch.total = zeros
    sketch.sum = sum
    sketch.max = max
    let low = Infinity
    let high = -Infinity
    for (let at = 0; at < pairs.length; at += 2) {
      low = Math.min(low, pairs[at] as number)
      high = Math.max(high, pairs[at] as number)
    }
    if (low <= high) sketch.reach(low, high)
    for (let at = 0; at < pairs.length; at += 2) {
      ;(sketch.bins[(pairs[at] as number) - sketch.first] as number) += pairs[at + 1] as number
      sketch.total += pairs[at + 1] as number
    }
    return sketch
  }
}
