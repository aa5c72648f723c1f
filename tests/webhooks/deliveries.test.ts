import { describeDialects } from '@glueful/database/testing'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { openReceiver, type Answer, type ReceivedWebhook } from '../../packages/webhooks/src/testing/receiver.fixture.ts'
import { openWebhooks } from '../../packages/webhooks/src/testing/open-webhooks.fixture.ts'

/** WEBHOOK_CHAOS=10000 for the full count. */
const count = Number(process.env['WEBHOOK_CHAOS'] ?? 150)
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const faults: readonly Answer[] = [500, 404, 301, 'reset', 503, 'redirect']

/** By the application's clock: the published library looks at the time of the world, which goes on while this one stands. */
function verify(secret: string, { body, headers }: ReceivedWebhook, now: number): { data: { index: number } } {
  const { now: real } = Date
  Date.now = () => now
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>) as { data: { index: number } }
  } finally {
    Date.now = real
  }
}

/** mulberry32 */
function createRandom(state: number) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

await describeDialects(describe, (target) => {
  test(
    `of ${count} deliveries with 30 % faults none is lost, all are signed, and ids never change (SEED=${seed})`,
    { timeout: Math.max(60_000, 400 * count) },
    async () => {
      const random = createRandom(seed)
      const accepted = new Map<string, number>()
      const attempts = new Map<string, number>()
      let secret = ''
      await using receiver = await openReceiver((received) => {
        const { data } = verify(secret, received, open.test.clock.now())
        const id = `${received.headers['webhook-id']?.toString()}:${data.index}`
        attempts.set(id, (attempts.get(id) ?? 0) + 1)
        if (random() < 0.3) return faults[Math.floor(random() * faults.length)] as Answer
        accepted.set(id, (accepted.get(id) ?? 0) + 1)
        return 204
      })
      await using open = await openWebhooks(target, { retries: Array.from({ length: 40 }, () => '1s' as const) })
      secret = (await open.hooks.endpoints.create({ url: receiver.url })).secret
      const expected: string[] = []
      for (let from = 0; from < count; from += 100)
        await open.db.transaction(async () => {
          for (let index = from; index < Math.min(from + 100, count); index++)
            expected.push(`${(await open.hooks.publish('car.created', { index })).id}:${index}`)
        })
      await open.queue.travel('60s')
      expect([...accepted.keys()].toSorted()).toEqual(expected.toSorted())
      expect([...accepted.values()].every((times) => times === 1)).toBe(true)
      expect(attempts.size).toBe(count)
      expect(receiver.followed).toEqual([])
      expect(await open.hooks.deliveries.list({ status: 'pending' })).toEqual([])
      expect(await open.hooks.deliveries.list({ status: 'failed' })).toEqual([])
    },
  )
})
