import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secret.ts'

test('a secret is revealed on request and by no other means', () => {
  const secret = new Secret('sk_live_1')
  expect(secret.reveal()).toBe('sk_live_1')
  const shown = [
    String(secret),
    `${secret as unknown as string}`,
    JSON.stringify({ secret, list: [secret] }),
    inspect(secret),
    inspect({ deep: { secret } }, { showHidden: true, depth: 9 }),
    inspect(secret, { customInspect: false, showHidden: true }),
    format('%s %o %j %d', secret, secret, secret, secret),
    JSON.stringify(structuredClone({ secret })),
    JSON.stringify(Object.entries(secret)),
    String(Object.assign(new Error('failed'), { secret }).message),
  ]
  for (const text of shown) expect(text).not.toContain('sk_live')
  expect([inspect(secret), String(secret), JSON.stringify(secret)]).toEqual(['[secret]', '[secret]', '"[secret]"'])
})
