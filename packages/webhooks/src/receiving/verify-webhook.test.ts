import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { signedHeaders } from '../signing/signed-headers.ts'
import { generateSecret, verificationKeyOf } from '../signing/signing-key.ts'
import { verifyWebhook } from './verify-webhook.ts'

const now = 1_800_000_000_000
const timestamp = now / 1_000
const sign = (secrets: readonly string[], body = '{"a":1}', legacyHeader?: string) => signedHeaders({ id: 'msg_1', timestamp, body, secrets, legacyHeader })
const code = (expected: string) => expect.objectContaining({ code: expected })

test('the published library verifies what is signed here, and this verifies what it signs', () => {
  const library = new Webhook(generateSecret('hmac'))
  fc.assert(
    fc.property(fc.json(), (body) => {
      const secret = generateSecret('hmac')
      const fresh = Math.floor(Date.now() / 1_000)
      const headers = signedHeaders({ id: 'msg_1', timestamp: fresh, body, secrets: [secret], legacyHeader: undefined })
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
      const theirs = { ...headers, 'webhook-signature': new Webhook(secret).sign('msg_1', new Date(fresh * 1_000), body) }
      expect(verifyWebhook({ secret, headers: theirs, body }).id).toBe('msg_1')
      expect(() => library.verify(body, headers)).toThrow()
    }),
    { numRuns: 50 },
  )
})

test('an ed25519 signature is verified by the public key alone', () => {
  const secret = generateSecret('ed25519')
  const key = verificationKeyOf(secret)
  expect(key).toMatch(/^whpk_/)
  const headers = sign([secret])
  expect(headers['webhook-signature']).toMatch(/^v1a,/)
  expect(verifyWebhook({ secret: key, headers, body: '{"a":1}', now })).toEqual({ id: 'msg_1', sentAt: new Date(now) })
  expect(() => verifyWebhook({ secret: key, headers, body: '{"a":2}', now })).toThrow(code('WEBHOOK_SIGNATURE_INVALID'))
})

test('while a secret is rotated, either side may be the first to change', () => {
  const [before, after] = [generateSecret('hmac'), generateSecret('hmac')]
  const headers = new Headers(sign([after, before]))
  for (const secret of [before, after, [generateSecret('hmac'), before]]) expect(verifyWebhook({ secret, headers, body: '{"a":1}', now }).id).toBe('msg_1')
})

test('what was changed, delayed or left out is refused', () => {
  const secret = generateSecret('hmac')
  const headers = sign([secret])
  const verify =
    (change: Record<string, string | undefined>, at = now) =>
    () =>
      verifyWebhook({ secret, headers: { ...headers, ...change }, body: '{"a":1}', now: at })
  expect(verify({})()).toMatchObject({ id: 'msg_1' })
  expect(verify({}, now + 300_000)()).toMatchObject({ id: 'msg_1' })
  for (const at of [now + 300_001, now - 300_001]) expect(verify({}, at)).toThrow(code('WEBHOOK_TOO_OLD'))
  expect(() => verifyWebhook({ secret, headers, body: '{"a":1}', now, tolerance: Number(undefined) })).toThrow(code('WEBHOOK_TOO_OLD'))
  for (const change of [
    { 'webhook-id': 'msg_2' },
    { 'webhook-timestamp': String(timestamp + 1) },
    { 'webhook-signature': 'v1,AAAA' },
    { 'webhook-signature': 'v2,x v1' },
  ])
    expect(verify(change)).toThrow(code('WEBHOOK_SIGNATURE_INVALID'))
  for (const change of [{ 'webhook-id': undefined }, { 'webhook-timestamp': '1e9' }, { 'webhook-signature': '' }, { 'webhook-signature': 'v1,A '.repeat(11) }])
    expect(verify(change)).toThrow(code('WEBHOOK_HEADERS_INVALID'))
  for (const bad of ['secret', 'whsec_', 'whsec_AAAA', 'whpk_AAAA'])
    expect(() => verifyWebhook({ secret: bad, headers, body: '', now })).toThrow(code('WEBHOOK_SECRET_INVALID'))
})

test('the header of an older scheme is the HMAC of the body in hex', () => {
  const secret = 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
  // printf '{"a":1}' | openssl dgst -sha256 -hmac "$secret"
  expect(sign([secret], '{"a":1}', 'X-Webhook-Signature')['x-webhook-signature']).toMatch(/^sha256=[0-9a-f]{64}$/)
  expect(sign([secret])).not.toHaveProperty('x-webhook-signature')
})
