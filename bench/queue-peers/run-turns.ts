import { openGlueful } from './subjects/glueful.ts'
import type { Servers } from './subjects/subject.ts'

/** What the parent asks for, one after the other; each is answered with what it took. */
export type Turn = { readonly kind: 'enqueue' | 'drain'; readonly count: number } | { readonly kind: 'close' }

export interface Took {
  readonly perSecond: number
  readonly cpuMicros: number
}

const concurrency = 10
const part = 1_000

/** One application with a queue for many turns, so that it runs them as a worker does that has run for a while. */
const [engine = ''] = process.argv.slice(2)
const subject = await openGlueful(engine as 'sqlite' | 'postgres' | 'redis', JSON.parse(process.env['BENCH_SERVERS'] ?? '{}') as Servers)
process.on('message', (turn: Turn) => {
  void (async () => {
    if (turn.kind === 'close') {
      await subject.close()
      process.exit(0)
    }
    process.send?.(turn.kind === 'enqueue' ? await measured(turn.count, () => enqueue(turn.count)) : await drain(turn.count))
  })()
})
process.send?.('ready')

async function enqueue(count: number): Promise<void> {
  for (let at = 0; at < count; at += part) await subject.enqueueMany(at, Math.min(part, count - at))
}

/** Until the last job has run; the worker's start and end are no part of it. */
async function drain(count: number): Promise<Took> {
  let seen = 0
  const first = Promise.withResolvers<void>()
  const last = Promise.withResolvers<void>()
  const stop = await subject.work(concurrency, () => {
    if (++seen === 1) first.resolve()
    if (seen === count) last.resolve()
  })
  await first.promise
  const took = await measured(count, () => last.promise)
  await stop()
  return took
}

async function measured(count: number, work: () => Promise<void>): Promise<Took> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: (count / (performance.now() - begun)) * 1_000, cpuMicros: (user + system) / count }
}
