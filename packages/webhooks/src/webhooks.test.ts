import { sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineWebhooks } from './define-webhooks.ts'
import { WebhookEndpointDisabled } from './events.ts'
import { openReceiver, type Answer } from './testing/receiver.fixture.ts'
import { openWebhooks } from './testing/open-webhooks.fixture.ts'

const minute = 60_000
const code = (expected: string) => expect.objectContaining({ code: expected })
const Hooks = defineWebhooks({ 'car.created': z.object({ id: z.string() }), 'car.sold': z.object({ id: z.string(), price: z.number() }) })

await describeDialects(describe, (target) => {
  test('an event reaches every endpoint of its tenant that wants it, signed', async () => {
    await using receiver = await openReceiver()
    await using open = await openWebhooks(target, { legacyHeader: 'X-Webhook-Signature' })
    const { hooks, queue, test: app } = open
    const mine = await hooks.endpoints.create({ tenant: 'a', url: `${receiver.url}?exact`, events: ['car.created'] })
    await hooks.endpoints.create({ tenant: 'a', url: `${receiver.url}?all`, events: ['car.*'] })
    await hooks.endpoints.create({ tenant: 'a', url: receiver.url, events: ['user.*', 'car.sold', 'car.created.*'] })
    for (const tenant of ['A', 'á', 'b']) await hooks.endpoints.create({ tenant, url: receiver.url })
    const published = await Hooks.publish('car.created', { id: '7' }, { tenant: 'a' })
    expect(published.deliveries).toBe(2)
    expect(receiver.received).toHaveLength(0)
    await queue.runUntilEmpty()
    expect(receiver.received).toHaveLength(2)
    const timestamp = new Date(app.clock.now()).toISOString()
    for (const { body, headers } of receiver.received) {
      expect(JSON.parse(body)).toEqual({ type: 'car.created', timestamp, data: { id: '7' } })
      expect(headers).toMatchObject({
        'webhook-id': published.id,
        'content-type': 'application/json',
        'user-agent': 'shop-webhooks/0.0.0',
        'x-webhook-signature': expect.stringMatching(/^sha256=/) as string,
      })
    }
    expect((await hooks.deliveries.list({ endpointId: mine.id })).items).toMatchObject([
      { status: 'delivered', attempts: 1, event: 'car.created', messageId: published.id },
    ])
  })

  test('a webhook commits with its transaction, or not at all', async () => {
    await using receiver = await openReceiver()
    await using open = await openWebhooks(target)
    await open.hooks.endpoints.create({ url: receiver.url })
    await expect(
      open.db.transaction(async () => {
        await Hooks.publish('car.created', { id: 'ghost' })
        throw new RangeError('undone')
      }),
    ).rejects.toThrow('undone')
    await open.db.transaction(() => Hooks.publish('car.created', { id: 'kept' }))
    await open.queue.runUntilEmpty()
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { data: unknown }).data)).toEqual([{ id: 'kept' }])
  })

  test('attempts follow the table to the millisecond, with the same webhook-id, and all stay in the log', async () => {
    await using receiver = await openReceiver(() => 500)
    await using open = await openWebhooks(target)
    const { hooks, queue, test: app } = open
    const { id } = await hooks.endpoints.create({ url: receiver.url })
    const start = app.clock.now()
    const published = await Hooks.publish('car.created', { id: '7' })
    await queue.travel('2d')
    const [delivery] = (await hooks.deliveries.list({ endpointId: id })).items
    const { items: attempts } = await hooks.deliveries.attempts(delivery?.id ?? '')
    const waits = [0, 1, 5, 30, 120, 720, 1_440]
    expect(attempts.map(({ at }) => at - start)).toEqual(waits.map((_, index) => waits.slice(0, index + 1).reduce((sum, wait) => sum + wait, 0) * minute))
    expect(
      attempts.every(
        ({ outcome, responseStatus, responseBody }) => outcome === 'rejected' && responseStatus === 500 && responseBody?.includes('hidden') === false,
      ),
    ).toBe(true)
    expect(delivery).toMatchObject({ status: 'failed', attempts: 7, nextAttemptAt: null })
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([published.id]))
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(7)
  })

  test('a delivery is replayed with its id, and keeps the attempts that it had', async () => {
    const answers: Answer[] = [500]
    await using receiver = await openReceiver(() => answers.shift() ?? 200)
    await using open = await openWebhooks(target, { retries: [] })
    const { hooks, queue } = open
    await hooks.endpoints.create({ url: receiver.url })
    const published = await Hooks.publish('car.created', { id: '7' })
    expect(await hooks.replay((await hooks.deliveries.list()).items[0]?.id ?? '')).toBe(false)
    await queue.runUntilEmpty()
    expect(await hooks.replayAll({ status: 'delivered' })).toBe(0)
    expect(await hooks.replayAll({ status: 'failed', since: 0 })).toBe(1)
    await queue.runUntilEmpty()
    const [delivery] = (await hooks.deliveries.list()).items
    expect(delivery).toMatchObject({ status: 'delivered', attempts: 2, messageId: published.id })
    expect((await hooks.deliveries.attempts(delivery?.id ?? '')).items.map(({ responseStatus }) => responseStatus)).toEqual([500, 200])
    await expect(hooks.replay('dlv_none')).rejects.toThrow(code('WEBHOOK_DELIVERY_UNKNOWN'))
    await expect(hooks.deliveries.find(delivery?.id ?? '', 'other')).rejects.toThrow(code('WEBHOOK_DELIVERY_UNKNOWN'))
  })

  test('each kind of failure is told apart; a status of 2xx is all that counts', async () => {
    const answers: Answer[] = ['hang', 'reset', 'redirect', 404, 'slow-body', 'huge-body']
    await using receiver = await openReceiver(() => answers.shift() ?? 200)
    await using open = await openWebhooks(target, { retries: [] })
    const { id } = await open.hooks.endpoints.create({ url: receiver.url })
    const seen = []
    for (let index = 0; index < 6; index++) seen.push(await open.hooks.test(id))
    expect(seen.map(({ outcome, responseStatus }) => [outcome, responseStatus])).toEqual([
      ['unreachable', null],
      ['unreachable', null],
      ['rejected', 301],
      ['rejected', 404],
      ['delivered', 200],
      ['delivered', 200],
    ])
    expect(seen[0]?.error).toContain('no answer within 300 ms')
    expect(seen[5]?.responseBody).toHaveLength(4_096)
    expect(receiver.followed).toEqual([])
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(Array.from({ length: 6 }, () => 'webhook.test'))
  })

  test('410 disables an endpoint at once, days of failure after that, and a success in between begins anew', async () => {
    let answer: Answer = 410
    await using receiver = await openReceiver(() => answer)
    await using open = await openWebhooks(target, { disableAfter: '1h', retries: ['30m', '20m', '30m'] })
    const { hooks, queue, test: app } = open
    const { id } = await hooks.endpoints.create({ url: receiver.url })
    await Hooks.publish('car.created', { id: '1' })
    await queue.runUntilEmpty()
    expect(await hooks.endpoints.find(id)).toMatchObject({ disabledReason: 'gone' })
    expect((await Hooks.publish('car.created', { id: '2' })).deliveries).toBe(0)

    await hooks.endpoints.change(id, { disabled: false })
    answer = 503
    await Hooks.publish('car.created', { id: '3' })
    await queue.travel('51m')
    expect(await hooks.endpoints.find(id)).toMatchObject({ disabledAt: null, failingSince: expect.any(Number) as number })
    answer = 200
    await Hooks.publish('car.created', { id: '4' })
    await queue.runUntilEmpty()
    expect((await hooks.endpoints.find(id)).failingSince).toBeNull()
    answer = 503
    await Hooks.publish('car.created', { id: '5' })
    await queue.travel('2h')
    expect(await hooks.endpoints.find(id)).toMatchObject({ disabledReason: 'failing' })
    expect(app.emitted(WebhookEndpointDisabled).map(({ reason }) => reason)).toEqual(['gone', 'failing'])
  })

  test('a rotated secret signs at once, the one before it until the overlap is over; stored ones are unreadable', async () => {
    await using receiver = await openReceiver()
    await using open = await openWebhooks(target)
    const { hooks, queue, db, test: app } = open
    app.clock.advance(Date.now() - app.clock.now())
    const first = await hooks.endpoints.create({ url: receiver.url })
    const second = await hooks.endpoints.rotate(first.id, 60 * minute)
    const verifies = (secret: string) => {
      const { body, headers } = receiver.received.at(-1) as (typeof receiver.received)[number]
      try {
        return new Webhook(secret).verify(body, headers as Record<string, string>) !== undefined
      } catch {
        return false
      }
    }
    await Hooks.publish('car.created', { id: '1' })
    await queue.runUntilEmpty()
    expect([verifies(first.secret), verifies(second.secret)]).toEqual([true, true])
    await db.run(sql`update webhook_endpoints set previous_until = ${app.clock.now() - 1}`)
    await Hooks.publish('car.created', { id: '2' })
    await queue.runUntilEmpty()
    expect([verifies(first.secret), verifies(second.secret)]).toEqual([false, true])
    const rows = JSON.stringify(await db.all(sql`select * from webhook_endpoints`))
    expect([first.secret, second.secret].some((secret) => rows.includes(secret.slice(6)))).toBe(false)
  })

  test('an endpoint that is gone, or disabled meanwhile, ends what waits for it; old deliveries are removed', async () => {
    await using receiver = await openReceiver()
    await using open = await openWebhooks(target)
    const { hooks, queue } = open
    const { id } = await hooks.endpoints.create({ url: receiver.url })
    await Hooks.publish('car.created', { id: '1' })
    await hooks.endpoints.change(id, { disabled: true })
    await queue.runUntilEmpty()
    expect((await hooks.deliveries.list()).items).toMatchObject([{ status: 'cancelled', attempts: 0 }])
    await hooks.endpoints.remove(id)
    await expect(hooks.endpoints.find(id)).rejects.toThrow(code('WEBHOOK_ENDPOINT_UNKNOWN'))
    expect(receiver.received).toHaveLength(0)
    open.test.clock.advance(31 * 24 * 60 * minute)
    await queue.travel('1h')
    expect((await hooks.deliveries.list()).items).toEqual([])
  })
})
