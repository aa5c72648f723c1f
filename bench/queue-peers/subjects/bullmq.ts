import { Queue, Worker } from 'bullmq'
import { list, type Servers, type Subject } from './subject.ts'

export async function open({ redis }: Servers): Promise<Subject> {
  const { hostname: host, port } = new URL(redis)
  const connection = { host, port: Number(port) }
  const queue = new Queue('count', { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } })
  return {
    enqueueOne: async (index) => void (await queue.add('count', { index })),
    enqueueMany: async (from, count) => void (await queue.addBulk(list(from, count).map((index) => ({ name: 'count', data: { index } })))),
    work: async (concurrency, done) => {
      const worker = new Worker('count', async (job) => done(job.data.index), { connection, concurrency })
      await worker.waitUntilReady()
      return () => worker.close()
    },
    close: () => queue.close(),
  }
}
