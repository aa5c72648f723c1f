import { database } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { queue } from '@glueful/queue'
import { createApp } from 'glueful'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { webhookCommands } from './commands/webhook-commands.ts'
import { defineWebhooks } from './define-webhooks.ts'
import { matchesEvent } from './endpoints/event-filter.ts'
import { createRetryTable } from './delivery/retry-table.ts'
import { openReceiver } from './testing/receiver.fixture.ts'
import { openWebhooks } from './testing/open-webhooks.fixture.ts'
import { webhooks } from './webhooks-extension.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const Hooks = defineWebhooks({ 'car.created': z.object({ id: z.string() }) })

test('without an application nothing can be published', async () => {
  await expect(Hooks.publish('car.created', { id: '7' })).rejects.toThrow(code('WEBHOOKS_NOT_BOOTED'))
})

test('names, filters and data are checked before anything is stored', async () => {
  await expect(Hooks.publish('car.creatde' as 'car.created', { id: '7' })).rejects.toThrow(code('WEBHOOK_EVENT_INVALID'))
  await expect(Hooks.publish('car.created', { id: 7 as unknown as string })).rejects.toThrow(code('WEBHOOK_DATA_INVALID'))
  expect(() => defineWebhooks({ 'car created': z.string() })).toThrow(code('WEBHOOK_EVENT_INVALID'))
})

test.each([
  [['*'], 'car.created', true],
  [['car.*'], 'car.created', true],
  [['car.*'], 'car.photo.added', true],
  [['car.*'], 'car', false],
  [['car.*'], 'cars.created', false],
  [['car.created'], 'car.created', true],
  [['car.created'], 'car.created.late', false],
  [['user.*', 'car.sold'], 'car.sold', true],
])('the filters %j and %s: %s', (filters, event, expected) => expect(matchesEvent(filters, event)).toBe(expected))

test('jitter lengthens a wait by its part at most', () => {
  expect(createRetryTable(['1m'], 0.2, () => 0).waitAfter(1)).toBe(60_000)
  expect(createRetryTable(['1m'], 0.2, () => 1).waitAfter(1)).toBe(72_000)
  expect(createRetryTable(['1m'], 0.2).waitAfter(2)).toBeUndefined()
})

test.each([
  [{}, 'APP_KEY_MISSING'],
  [{ APP_KEY: 'k'.repeat(32), WEBHOOKS_ALLOW_NETWORKS: '127.0.0.0/8' }, 'WEBHOOK_POLICY_UNSAFE'],
  [{ APP_KEY: 'k'.repeat(32), WEBHOOKS_ALLOW_NETWORKS: '169.254.0.0/16' }, 'WEBHOOK_POLICY_UNSAFE'],
  [{ APP_KEY: 'k'.repeat(32), WEBHOOKS_ALLOW_NETWORKS: '::/0' }, 'WEBHOOK_POLICY_UNSAFE'],
])('production does not start with %j', async (env, expected) => {
  const app = createApp({ name: 'shop', routes: {}, extensions: [database(), queue({ jobs: [] }), webhooks()] })
  const running = app.with({ environment: 'production', env: { DATABASE_URL: 'sqlite::memory:', ALLOWED_HOSTS: 'shop.test', ...env } })
  await expect(Promise.try(() => running.ready())).rejects.toThrow(code(expected))
})

await describeDialects(
  describe,
  (target) => {
    test('endpoints are limited in number, and refused where they could not be sent to', async () => {
      await using open = await openWebhooks(target)
      const { endpoints } = open.hooks
      await expect(endpoints.create({ url: 'http://10.0.0.1/' })).rejects.toThrow(code('WEBHOOK_URL_REFUSED'))
      await expect(endpoints.create({ url: 'https://example.com', events: ['car created'] })).rejects.toThrow(code('WEBHOOK_EVENT_INVALID'))
      await expect(endpoints.create({ url: 'https://example.com', events: [] })).rejects.toThrow(code('WEBHOOK_EVENT_INVALID'))
      for (let index = 0; index < 100; index++) await endpoints.create({ url: 'https://example.com/' })
      await expect(endpoints.create({ url: 'https://example.com/' })).rejects.toThrow(code('WEBHOOK_LIMIT_REACHED'))
      expect(await endpoints.create({ url: 'https://example.com/', tenant: 'b' })).toMatchObject({ tenant: 'b' })
      await expect(open.hooks.publish('car.created', 'x'.repeat(300_000))).rejects.toThrow(code('WEBHOOK_DATA_INVALID'))
      for (const tenant of ['', 'a ', 'a'.repeat(192)]) {
        await expect(endpoints.create({ url: 'https://example.com/', tenant })).rejects.toThrow(code('WEBHOOK_TENANT_INVALID'))
        await expect(open.hooks.publish('car.created', 1, { tenant })).rejects.toThrow(code('WEBHOOK_TENANT_INVALID'))
      }
      await expect(open.hooks.publish('car.created', 1n)).rejects.toThrow(code('WEBHOOK_DATA_INVALID'))
    })

    test('the commands list, test, show, retry, replay and rotate', async () => {
      let answer = 500
      await using receiver = await openReceiver(() => answer)
      await using open = await openWebhooks(target, { retries: [] })
      const { id, secret } = await open.hooks.endpoints.create({ url: receiver.url })
      const run = async (name: string, args: readonly string[] = [], options: Record<string, string> = {}) => {
        const lines: string[] = []
        const command = webhookCommands.find((one) => one.name === name)
        const exit = await command?.run({ args, options, app: open.test.app as never, print: (line) => void lines.push(line) })
        return { exit: exit ?? 0, text: lines.join('\n') }
      }
      expect((await run('webhook list')).text).toContain(`${id}  default  enabled  ${receiver.url}  *`)
      expect(await run('webhook test', [id])).toMatchObject({ exit: 1, text: expect.stringContaining('rejected: 500') as string })
      answer = 200
      expect(await run('webhook test', [id])).toMatchObject({ exit: 0, text: expect.stringContaining('delivered: 200') as string })
      const [failed] = (await open.hooks.deliveries.list({ status: 'failed' })).items
      expect((await run('webhook deliveries', [], { status: 'failed' })).text).toContain(failed?.id ?? 'none')
      expect((await run('webhook retry', [failed?.id ?? ''])).text).toContain('sent again')
      await open.queue.runUntilEmpty()
      expect((await run('webhook replay', [], { status: 'delivered', endpoint: id })).text).toContain('2 deliveries')
      const rotated = await run('webhook rotate', [id], { overlap: '1h' })
      expect(rotated.text).toMatch(/^whsec_/)
      expect(rotated.text).not.toContain(secret)
      await expect(run('webhook test')).rejects.toThrow(code('WEBHOOK_INPUT_INVALID'))
      for (const name of ['webhook deliveries', 'webhook replay'])
        await expect(run(name, [], { status: 'lost' })).rejects.toThrow(code('WEBHOOK_INPUT_INVALID'))
    })
  },
  ['sqlite'],
)
