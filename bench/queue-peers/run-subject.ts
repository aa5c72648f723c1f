import type { Servers, Subject } from './subjects/subject.ts'

/** Runs one subject in a process of its own and prints its figures as JSON. Arguments: SUBJECT JOBS, servers by environment. */
const [name = '', amount = '5000'] = process.argv.slice(2)
const servers = JSON.parse(process.env['BENCH_SERVERS'] ?? '{}') as Servers
const { open } = (await import(`./subjects/${name}.ts`)) as { open: (servers: Servers) => Promise<Subject> }
const subject = await open(servers)
const jobs = Number(amount)
const figures: Record<string, number> = {}

async function rate(scenario: string, count: number, work: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  figures[scenario] = (count / (performance.now() - begun)) * 1_000
  figures[`${scenario} cpu µs`] = (user + system) / count
}

let next = 0
// Once everything that is measured, so that it is measured as it is in a process that has run for a while.
const warmUp = 5_000
await subject.enqueueMany(next, warmUp)
next += warmUp
for (let index = 0; index < warmUp; index++) await subject.enqueueOne(next++)
await drain(10, 2 * warmUp)

const singles = Math.ceil(jobs / 5)
await rate('enqueue single', singles, async () => {
  for (let index = 0; index < singles; index++) await subject.enqueueOne(next++)
})
await drain(10, singles)

for (const concurrency of [1, 10, 100]) {
  await rate(concurrency === 1 ? 'enqueue bulk' : `enqueue bulk, again (${concurrency})`, jobs, async () => {
    for (let at = 0; at < jobs; at += 1_000) await subject.enqueueMany(next + at, Math.min(1_000, jobs - at))
  })
  next += jobs
  await rate(`process at ${concurrency}`, jobs, () => drain(concurrency, jobs))
}

const waits: number[] = []
const sent = new Map<number, { readonly at: number; readonly done: () => void }>()
const stop = await subject.work(10, (index) => {
  const one = sent.get(index)
  waits.push(performance.now() - (one?.at ?? 0))
  one?.done()
})
for (let index = 0; index < 30; index++) {
  const at = next++
  const { promise, resolve } = Promise.withResolvers<void>()
  sent.set(at, { at: performance.now(), done: resolve })
  await subject.enqueueOne(at)
  await promise
  await new Promise((done) => void setTimeout(done, 20))
}
await stop()
figures['pick-up ms (p95)'] = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)] ?? 0
await subject.close()
process.stdout.write(`${JSON.stringify(figures)}\n`)
process.exit(0)

/** Works until so many jobs are done, each of them once. */
async function drain(concurrency: number, count: number): Promise<void> {
  const seen = new Set<number>()
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = await subject.work(concurrency, (index) => {
    if (seen.has(index)) throw new RangeError(`${name} ran ${index} twice`)
    seen.add(index)
    if (seen.size === count) resolve()
  })
  await promise
  await stop()
}
