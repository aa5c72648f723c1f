import { describeDialects } from '@glueful/database/testing'
import { route } from 'glueful'
import { describe, expect, test } from 'vitest'
import { signedHeaders } from '../signing/signed-headers.ts'
import { generateSecret } from '../signing/signing-key.ts'
import { openWebhooks } from '../testing/open-webhooks.fixture.ts'
import { receiveWebhook, type ReceivedWebhook } from './receive-webhook.ts'

await describeDialects(describe, (target) => {
  async function receiving(handle: (webhook: ReceivedWebhook) => unknown, options: { readonly accepts?: readonly 'raw'[] } = { accepts: ['raw'] }) {
    const secret = generateSecret('hmac')
    const open = await openWebhooks(
      target,
      {},
      {},
      { routes: { bank: route.post('/bank', { auth: false, ...options }, receiveWebhook({ sender: 'bank', secret: () => [secret] }, handle)) } },
    )
    const send = async (id: string, body: string, age = 0, key = secret) => {
      const timestamp = Math.floor(open.test.clock.now() / 1_000) - age
      const headers = { ...signedHeaders({ id, timestamp, body, secrets: [key], legacyHeader: undefined }), 'content-type': 'application/json' }
      const answer = await open.test.fetch('/bank', { method: 'POST', headers, body })
      return { status: answer.status, text: await answer.text() }
    }
    return { open, send }
  }

  test('what is signed is handled once, however often it comes', async () => {
    const seen: unknown[] = []
    const { open, send } = await receiving(({ id, type, data }) => seen.push([id, type, data]))
    await using _open = open
    const body = '{ "type":"paid", "data":{"amount":1.50} }'
    for (let copy = 0; copy < 3; copy++) expect((await send('msg_1', body)).status).toBe(204)
    expect((await send('msg_2', body)).status).toBe(204)
    expect(seen).toEqual([
      ['msg_1', 'paid', { amount: 1.5 }],
      ['msg_2', 'paid', { amount: 1.5 }],
    ])
  })

  test('one that fails is handled again when it is sent again', async () => {
    let failures = 1
    const { open, send } = await receiving(() => {
      if (failures-- > 0) throw new RangeError('not now')
    })
    await using _open = open
    expect((await send('msg_1', '{"type":"paid"}')).status).toBe(500)
    expect((await send('msg_1', '{"type":"paid"}')).status).toBe(204)
  })

  test('a copy that comes while the first is handled is told so', async () => {
    let second: { status: number; text: string } | undefined
    const { open, send } = await receiving(async () => {
      second ??= await send('msg_1', '{"type":"paid"}')
    })
    await using _open = open
    expect((await send('msg_1', '{"type":"paid"}')).status).toBe(204)
    expect(second?.status).toBe(409)
    expect(second?.text).toContain('WEBHOOK_IN_FLIGHT')
  })

  test('what is old, signed by another or no event is refused', async () => {
    const seen: unknown[] = []
    const { open, send } = await receiving((webhook) => seen.push(webhook))
    await using _open = open
    expect((await send('msg_1', '{"type":"paid"}', 301)).text).toContain('WEBHOOK_TOO_OLD')
    expect((await send('msg_1', '{"type":"paid"}', 0, generateSecret('hmac'))).text).toContain('WEBHOOK_SIGNATURE_INVALID')
    for (const body of ['no json', '[]', '{"type":7}', 'null']) expect((await send('msg_1', body)).text, body).toContain('WEBHOOK_BODY_INVALID')
    expect(seen).toEqual([])
  })
})
