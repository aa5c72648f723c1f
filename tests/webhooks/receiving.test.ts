import { randomUUID } from 'node:crypto'
import { Database, database, sql } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { receiveWebhook, type ReceivedWebhook, type ReceiveWebhookOptions } from '@glueful/webhooks'
import { createApp, Redis, type Extension, type RequestTools } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { generateSecret } from '../../packages/webhooks/src/signing/signing-key.ts'
import { signedHeaders } from '../../packages/webhooks/src/signing/signed-headers.ts'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

/** Where a receiver remembers what it has handled. */
interface Memory {
  readonly extensions?: readonly Extension[]
  readonly env: Readonly<Record<string, string>>
  close?(): Promise<void>
}

type Handle = (webhook: ReceivedWebhook, tools: RequestTools) => unknown

async function openReceiving(memory: Memory, handle: Handle, options: Partial<ReceiveWebhookOptions> = {}) {
  const secret = generateSecret('hmac')
  const app = createApp({
    name: `receiver-${randomUUID()}`,
    extensions: [...(memory.extensions ?? [])],
    routes: {
      bank: receiveWebhook('/bank', { secret: () => [secret], ...options }, handle),
      post: receiveWebhook('/post', { secret }, handle),
    },
  })
  const running = await testApp(app, { env: { ...memory.env } })
  return {
    clock: running.clock,
    app: running.app,
    async send(id: string, body: string, { age = 0, key = secret, path = '/bank' } = {}) {
      const timestamp = Math.floor(running.clock.now() / 1_000) - age
      const headers = { ...signedHeaders({ id, timestamp, body, secrets: [key], legacyHeader: undefined }), 'content-type': 'application/json' }
      const answer = await running.fetch(path, { method: 'POST', headers, body })
      return { status: answer.status, text: await answer.text() }
    },
    async [Symbol.asyncDispose]() {
      if (memory.env['REDIS_URL'] !== undefined) {
        const { client, prefix } = running.app.use(Redis)
        await client.unlink(...(await client.keys(`${prefix}*`)), 'none')
      }
      await running.close()
      await memory.close?.()
    },
  }
}

/** What holds wherever ids are remembered. SQLite has one writer: nobody takes over from an attempt that still writes. */
function receivingSuite(check: typeof test, open: () => Promise<Memory>, takesOver = true): void {
  check('what is signed is handled once, however often it comes; ids of other routes are others', async () => {
    const seen: unknown[] = []
    await using bank = await openReceiving(await open(), ({ id, type, data }) => seen.push([id, type, data]))
    const body = '{ "type":"paid", "data":{"amount":1.50} }'
    for (let copy = 0; copy < 3; copy++) expect((await bank.send('msg_1', body)).status).toBe(204)
    expect((await bank.send('msg_1', body, { path: '/post' })).status).toBe(204)
    expect((await bank.send('msg_2', body)).status).toBe(204)
    const event = ['paid', { amount: 1.5 }]
    expect(seen).toEqual([
      ['msg_1', ...event],
      ['msg_1', ...event],
      ['msg_2', ...event],
    ])
  })

  check('one that fails, or is refused, is handled again when it is sent again', async () => {
    const outcomes = [new RangeError('not now'), Object.assign(new Error('not yet'), { status: 404 })]
    await using bank = await openReceiving(await open(), () => {
      const error = outcomes.shift()
      if (error !== undefined) throw error
    })
    expect((await bank.send('msg_1', '{"type":"paid"}')).status).toBeGreaterThanOrEqual(400)
    expect((await bank.send('msg_1', '{"type":"paid"}')).status).toBeGreaterThanOrEqual(400)
    expect((await bank.send('msg_1', '{"type":"paid"}')).status).toBe(204)
    expect((await bank.send('msg_1', '{"type":"paid"}')).status).toBe(204)
  })

  check('a copy is refused while the first is handled, and takes over from one that is not heard of for the lease', async () => {
    const copies: number[] = []
    let isFirst = true
    await using bank = await openReceiving(
      await open(),
      async () => {
        if (!isFirst) return
        isFirst = false
        bank.clock.advance(9_999)
        const refused = await bank.send('msg_1', '{"type":"paid"}')
        expect(refused.text).toContain('IDEMPOTENCY_IN_FLIGHT')
        copies.push(refused.status)
        if (!takesOver) return
        bank.clock.advance(1)
        copies.push((await bank.send('msg_1', '{"type":"paid"}')).status)
      },
      { lease: '10s' },
    )
    await bank.send('msg_1', '{"type":"paid"}')
    expect(copies).toEqual(takesOver ? [409, 204] : [409])
  })
}

describe('in memory', () => {
  receivingSuite(test, async () => ({ env: { IDEMPOTENCY_STORE: 'memory' } }))

  test('it does not start with several workers, as half of the copies would come to another', async () => {
    await expect(openReceiving({ env: { IDEMPOTENCY_STORE: 'memory', WORKERS: '2' } }, () => undefined)).rejects.toMatchObject({ code: 'STORE_NOT_SHARED' })
  })

  test('an id is forgotten after its time', async () => {
    let handled = 0
    await using bank = await openReceiving({ env: {} }, () => void handled++, { remember: '1h' })
    for (const [wait, times] of [
      [0, 1],
      [3_599_999, 1],
      [1, 2],
    ] as const) {
      bank.clock.advance(wait)
      expect((await bank.send('msg_1', '{"type":"paid"}')).status).toBe(204)
      expect(handled).toBe(times)
    }
  })

  test('what is old, signed by another or no event is refused', async () => {
    const seen: unknown[] = []
    await using bank = await openReceiving({ env: {} }, (webhook) => seen.push(webhook))
    expect((await bank.send('msg_1', '{"type":"paid"}', { age: 301 })).text).toContain('WEBHOOK_TOO_OLD')
    expect((await bank.send('msg_1', '{"type":"paid"}', { key: generateSecret('hmac') })).text).toContain('WEBHOOK_SIGNATURE_INVALID')
    for (const body of ['no json', '[]', '{"type":7}', 'null', '']) expect((await bank.send('msg_1', body)).text, body).toContain('WEBHOOK_BODY_INVALID')
    expect(seen).toEqual([])
  })
})

describe('in Redis', () => {
  receivingSuite(redisTest, async () => ({ env: { REDIS_URL: redisUrl } }))
})

await describeDialects(describe, (target) => {
  const open = async () => {
    const { url, close } = await target.open()
    return { extensions: [database()], env: { DATABASE_URL: url, DATABASE_MIGRATE: 'true' }, close }
  }
  receivingSuite(test, open, target.dialect !== 'sqlite')

  test('the memory commits with what the handler writes', async () => {
    let failures = 1
    await using bank = await openReceiving(await open(), async ({ id }, { use }) => {
      await use(Database).run(sql`insert into payments (id) values (${id})`)
      if (failures-- > 0) throw new RangeError('not now')
    })
    const db = bank.app.use(Database)
    await db.run(sql`create table payments (id varchar(40))`)
    for (let copy = 0; copy < 3; copy++) await bank.send('msg_1', '{"type":"paid"}')
    expect(await db.all(sql`select id from payments`)).toEqual([{ id: 'msg_1' }])
  })
})
