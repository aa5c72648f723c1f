import { sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'
import type { Page } from './page.ts'
import { openReceiver } from './testing/receiver.fixture.ts'
import { openWebhooks } from './testing/open-webhooks.fixture.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

/** Everything of a list, in pages of three. */
async function inPages<T>(list: (paging: { cursor?: string; limit: number }) => Promise<Page<T>>): Promise<{ items: T[]; pages: number }> {
  const items: T[] = []
  let cursor: string | null | undefined
  let pages = 0
  do {
    const page: Page<T> = await list({ limit: 3, ...(cursor === undefined || cursor === null ? {} : { cursor }) })
    items.push(...page.items)
    cursor = page.next
    pages++
  } while (cursor !== null)
  return { items, pages }
}

await describeDialects(describe, (target) => {
  test('lists are read in pages: each row once and in order, however many were made at the same moment', async () => {
    await using receiver = await openReceiver()
    await using broken = await openReceiver(() => 500)
    await using open = await openWebhooks(target, { retries: ['1s', '1s', '1s', '1s', '1s', '1s'] })
    const { hooks, queue, test: app } = open
    const { id: failing } = await hooks.endpoints.create({ url: broken.url, tenant: 'a' })
    for (let index = 0; index < 6; index++) await hooks.endpoints.create({ url: receiver.url, tenant: 'a' })
    await hooks.endpoints.create({ url: receiver.url, tenant: 'b' })
    await hooks.publish('car.created', 1, { tenant: 'a' })
    app.clock.advance(1)
    await hooks.publish('car.sold', 2, { tenant: 'a' })

    const endpoints = await inPages((paging) => hooks.endpoints.list({ ...paging, tenant: 'a' }))
    expect(endpoints.pages).toBe(3)
    expect(new Set(endpoints.items.map(({ id }) => id)).size).toBe(7)
    expect((await hooks.endpoints.list()).items).toHaveLength(8)

    const deliveries = await inPages((paging) => hooks.deliveries.list({ ...paging, tenant: 'a' }))
    expect(deliveries.pages).toBe(5)
    expect(deliveries.items.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 7 }, () => 'car.sold'),
      ...Array.from({ length: 7 }, () => 'car.created'),
    ])
    expect(new Set(deliveries.items.map(({ id }) => id)).size).toBe(14)
    const toOne = await inPages((paging) => hooks.deliveries.list({ ...paging, endpointId: failing }))
    expect(toOne.items.map(({ event }) => event)).toEqual(['car.sold', 'car.created'])

    await queue.travel('10s')
    const attempts = await inPages((paging) => hooks.deliveries.attempts(toOne.items[0]?.id ?? '', paging))
    expect([attempts.pages, attempts.items.map(({ number }) => number)]).toEqual([3, [1, 2, 3, 4, 5, 6, 7]])
    for (const cursor of ['', 'x', Buffer.from("1.' or 1=1").toString('base64url')])
      await expect(hooks.deliveries.list({ cursor })).rejects.toThrow(code('WEBHOOK_CURSOR_INVALID'))
  })

  test('an endpoint has stricter limits of its own, which hold from the next event on', async () => {
    await using receiver = await openReceiver()
    await using open = await openWebhooks(target, { concurrency: 5, rate: { limit: 100, per: '1m' } })
    const { hooks, queue, db } = open
    const limited = await hooks.endpoints.create({ url: `${receiver.url}?limited`, concurrency: 1, rate: { limit: 2, per: '1h' } })
    await hooks.endpoints.create({ url: `${receiver.url}?free` })
    expect(limited).toMatchObject({ concurrency: 1, rate: { limit: 2, perMs: 3_600_000 } })
    for (let index = 0; index < 5; index++) await hooks.publish('car.created', index)
    const groups = () =>
      db
        .all(sql`select concurrency, rate_limit, rate_per from glueful_job_groups where group_key like ${`%${limited.id}`}`)
        .then((rows) => rows.map((row) => Object.values(row as Record<string, unknown>).map(Number)))
    expect(await groups()).toEqual([[1, 2, 3_600_000]])
    const delivered = async (endpointId: string) => (await hooks.deliveries.list({ endpointId, status: 'delivered' })).items.length
    await queue.runUntilEmpty()
    expect([await delivered(limited.id), receiver.received.length]).toEqual([2, 7])
    await queue.travel('1h')
    expect(await delivered(limited.id)).toBe(4)
    await hooks.endpoints.change(limited.id, { concurrency: null, rate: null })
    await hooks.publish('car.created', 5)
    expect(await groups()).toEqual([[5, 100, 60_000]])
    await queue.runUntilEmpty()
    expect(await delivered(limited.id)).toBe(6)
  })
})

await describeDialects(
  describe,
  (target) => {
    test('limits that are no limits, or looser than those of the application, are refused', async () => {
      await using open = await openWebhooks(target, { concurrency: 5, rate: { limit: 100, per: '1m' } })
      const { endpoints } = open.hooks
      const { id } = await endpoints.create({ url: 'https://example.com/' })
      for (const limits of [
        { concurrency: 0 },
        { concurrency: 6 },
        { concurrency: 1.5 },
        { rate: { limit: 0, per: '1m' } },
        { rate: { limit: 1, per: '10ms' } },
        { rate: { limit: 2, per: '1s' } },
      ] as const) {
        await expect(endpoints.create({ url: 'https://example.com/', ...limits }), JSON.stringify(limits)).rejects.toThrow(code('WEBHOOK_LIMITS_INVALID'))
        await expect(endpoints.change(id, limits)).rejects.toThrow(code('WEBHOOK_LIMITS_INVALID'))
      }
      expect(await endpoints.change(id, { concurrency: 2, rate: { limit: 1, per: '1s' } })).toMatchObject({ concurrency: 2, rate: { limit: 1, perMs: 1_000 } })
      expect(await endpoints.change(id, { description: 'as before' })).toMatchObject({ concurrency: 2, rate: { limit: 1, perMs: 1_000 } })
    })
  },
  ['sqlite'],
)
