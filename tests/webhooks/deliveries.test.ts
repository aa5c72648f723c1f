import { Database, database } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { queue } from '@glueful/queue'
import { Webhooks, webhooks } from '@glueful/webhooks'
import { createApp } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { QueueService } from '../../packages/queue/src/queue/queue-parts.ts'
import { openReceiver, type Answer } from '../../packages/webhooks/src/testing/receiver.fixture.ts'

/** WEBHOOK_CHAOS=10000 for the full count. */
const count = Number(process.env['WEBHOOK_CHAOS'] ?? 300)
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const faults: readonly Answer[] = [500, 404, 301, 'reset', 503, 'redirect']
const places = 20

/** mulberry32 */
function createRandom(state: number) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** An application with webhooks and two workers, by the clock of the world. */
async function openSender(url: string) {
  const app = createApp({
    name: 'shop',
    routes: {},
    extensions: [
      database(),
      queue({ jobs: [] }),
      webhooks({ retries: Array.from({ length: 60 }, () => '20ms' as const), concurrency: places, disableAfter: '1d' }),
    ],
  }).with({
    environment: 'test',
    env: { DATABASE_URL: url, DATABASE_MIGRATE: 'true', WEBHOOKS_ALLOW_NETWORKS: '127.0.0.0/8' },
    logDestination: createMemoryDestination(),
  })
  await app.ready()
  const workers = [1, 2].map(() => app.use(QueueService).createWorker({ concurrency: places / 2 }))
  return {
    hooks: app.use(Webhooks),
    db: app.use(Database),
    start: () => Promise.all(workers.map((worker) => worker.start())),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop(5_000)))
      await app.close()
    },
  }
}

await describeDialects(describe, (target) => {
  test(
    `of ${count} deliveries with 30 % faults none is lost, all are signed, and ids never change (SEED=${seed})`,
    { timeout: Math.max(60_000, 200 * count) },
    async () => {
      const random = createRandom(seed)
      const accepted = new Map<string, number>()
      const attempts = new Map<string, number>()
      const unsigned: unknown[] = []
      let isDone = () => {}
      const done = new Promise<void>((resolve) => (isDone = resolve))
      let secret = ''
      await using receiver = await openReceiver(({ body, headers }) => {
        let event
        try {
          event = new Webhook(secret).verify(body, headers as Record<string, string>) as { data: { index: number } }
        } catch (error) {
          unsigned.push(error)
          return 400
        }
        const id = `${headers['webhook-id']?.toString()}:${event.data.index}`
        attempts.set(id, (attempts.get(id) ?? 0) + 1)
        if (random() < 0.3) return faults[Math.floor(random() * faults.length)] as Answer
        accepted.set(id, (accepted.get(id) ?? 0) + 1)
        if (accepted.size === count) isDone()
        return 204
      })
      await using place = await target.open()
      const sender = await openSender(place.url)
      secret = (await sender.hooks.endpoints.create({ url: receiver.url })).secret
      const expected: string[] = []
      for (let from = 0; from < count; from += 100)
        await sender.db.transaction(async () => {
          for (let index = from; index < Math.min(from + 100, count); index++)
            expected.push(`${(await sender.hooks.publish('car.created', { index })).id}:${index}`)
        })
      await sender.start()
      await done
      await sender.close()

      const after = await openSender(place.url)
      const left = (await Promise.all((['pending', 'failed', 'cancelled'] as const).map((status) => after.hooks.deliveries.list({ status })))).flatMap(
        ({ items }) => items,
      )
      await after.close()
      expect(left).toEqual([])
      expect(unsigned).toEqual([])
      expect([...accepted.keys()].toSorted()).toEqual(expected.toSorted())
      expect([...accepted.values()].every((times) => times === 1)).toBe(true)
      expect(attempts.size).toBe(count)
      expect(receiver.followed).toEqual([])
    },
  )
})
