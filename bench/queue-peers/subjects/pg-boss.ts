import { PgBoss } from 'pg-boss'
import { list, type Servers, type Subject } from './subject.ts'

const batch = 500

/** Batched fetches and completions in loops of its own, which is several times its worker's rate; the loops poll when they find nothing. */
export async function open({ postgres }: Servers): Promise<Subject> {
  const boss = new PgBoss({ connectionString: postgres, max: 10 })
  boss.on('error', (error: Error) => process.stderr.write(`${error.message}\n`))
  await boss.start()
  await boss.createQueue('count')
  return {
    enqueueOne: async (index) => void (await boss.send('count', { index })),
    enqueueMany: async (from, count) =>
      void (await boss.insert(
        'count',
        list(from, count).map((index) => ({ data: { index } })),
      )),
    work: async (concurrency, done) => {
      let stopped = false
      const loop = async () => {
        while (!stopped) {
          const jobs = await boss.fetch<{ index: number }>('count', { batchSize: batch })
          if (jobs.length === 0) {
            await new Promise((resolve) => void setTimeout(resolve, 100))
            continue
          }
          const waiting = [...jobs]
          const one = async () => {
            for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await (async () => done(job.data.index))()
          }
          await Promise.all(Array.from({ length: concurrency }, one))
          await boss.complete(
            'count',
            jobs.map((job) => job.id),
          )
        }
      }
      // Two loops overlap the work of one with the waiting of the other.
      const loops = Array.from({ length: Math.min(2, concurrency) }, loop)
      return async () => {
        stopped = true
        await Promise.all(loops)
      }
    },
    close: () => boss.stop({ graceful: false }),
  }
}
