import { describeDialects } from '@glueful/database/testing'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { openReceiver, type Answer } from '../../packages/webhooks/src/testing/receiver.fixture.ts'
import { openSender } from './open-sender.ts'

/** WEBHOOK_CHAOS=10000 for the full count. */
const count = Number(process.env['WEBHOOK_CHAOS'] ?? 150)
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const faults: readonly Answer[] = [500, 404, 301, 'reset', 503, 'redirect']
const places = 10

/** mulberry32 */
function createRandom(state: number) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const options = { webhooks: { retries: Array.from({ length: 60 }, () => '20ms' as const), concurrency: 2 * places, disableAfter: '1d' }, places } as const

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
      const sender = await openSender(place.url, options)
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

      const after = await openSender(place.url, options)
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
