import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { generateApiKey, hashApiKey, readApiKey, shownPartOf } from './api-key-text.ts'

test('a key says which environment it is for, and no two are alike', () => {
  const keys = Array.from({ length: 1_000 }, (_, index) => generateApiKey(index % 2 === 0 ? 'live' : 'test'))
  expect(new Set(keys).size).toBe(1_000)
  for (const [index, key] of keys.entries()) {
    expect(key).toMatch(/^gf_(live|test)_[0-9A-Za-z]{38}$/)
    expect(readApiKey(key)).toEqual({ mode: index % 2 === 0 ? 'live' : 'test' })
  }
})

test('one wrong character anywhere is found by the checksum', () => {
  fc.assert(
    fc.property(fc.nat(45), fc.constantFrom(...'0123456789abcdefABCDEF_-'), (at, character) => {
      const key = generateApiKey('live')
      const changed = key.slice(0, at) + character + key.slice(at + 1)
      expect(readApiKey(changed) === undefined).toBe(changed !== key)
    }),
  )
})

test.each([
  '',
  'gf_live_',
  'gf_prod_aaaa',
  ` ${generateApiKey('live')}`,
  `${generateApiKey('live')}\n`,
  generateApiKey('live').toLowerCase(),
  generateApiKey('live').replace('live', 'test'),
])('%j is no key', (text) => expect(readApiKey(text)).toBeUndefined())

test('what is stored and what is shown do not give the key away', () => {
  const key = generateApiKey('live')
  expect(hashApiKey(key)).toMatch(/^[0-9a-f]{64}$/)
  expect(key.startsWith(shownPartOf(key))).toBe(true)
  expect(shownPartOf(key).length).toBe(12)
})
