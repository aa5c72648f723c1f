/** How much work a worker keeps at hand, in ms: enough to bridge a claim, so little that others get their share. */
const aheadMs = 40
const most = 1_000

/** Decides how many jobs to claim: short jobs many at a time, long ones only when somebody is free. */
export function createPrefetch(concurrency: number) {
  let average = Number.NaN
  let seen = 0
  return {
    /** A job took so long, in ms. */
    ran(ms: number): void {
      seen++
      average = Number.isNaN(average) ? ms : average + (ms - average) * 0.1
    },
    /** How many jobs to claim now; 0 while what is there suffices. */
    wanted(running: number, buffered: number): number {
      // What nobody has seen yet may be long: it grows with experience.
      const ahead = Number.isNaN(average) ? 0 : Math.min(seen * 2, Math.floor((concurrency * aheadMs) / Math.max(average, 0.01)))
      const target = Math.max(concurrency, Math.min(most, ahead))
      const missing = target - running - buffered
      // A claim for one or two is as dear as one for many.
      return running < concurrency && buffered === 0 ? Math.max(missing, concurrency - running) : missing >= target / 2 ? missing : 0
    },
  }
}
