import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '../settings/secret.ts'
import { createSealing } from './sealing.ts'

const old = 'an earlier key of the application'
const current = 'the key of the application as it is today'

const sealing = (appKey: string | undefined, previous?: string, environment: 'production' | 'test' = 'production') =>
  createSealing(
    { appKey: appKey === undefined ? undefined : new Secret(appKey), appPreviousKeys: previous === undefined ? undefined : new Secret(previous) },
    environment,
  )
const refused = expect.objectContaining({ code: 'UNSEALING_FAILED' })

test('what is sealed for a purpose and a place is opened there, and shows nothing', () => {
  const seal = sealing(current).for('tests')
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '0', '\0', 'ü', '€', '😀', '\n'), minLength: 12, maxLength: 60 }),
      fc.string({ maxLength: 20 }),
      (text, place) => {
        const sealed = seal.seal(text, place)
        expect(sealed).toMatch(/^seal1\.[\w-]{12}\.[\w-]+$/)
        expect(sealed).not.toContain(text)
        expect(sealed).not.toBe(seal.seal(text, place))
        expect(seal.open(sealed, place)).toBe(Buffer.from(text).toString())
      },
    ),
    { numRuns: 100, seed: 7 },
  )
})

test('a sealed text opens for no other purpose, place or key', () => {
  const sealed = sealing(current).for('tests').seal('text', 'row 1')
  expect(() => sealing(current).for('other').open(sealed, 'row 1')).toThrow(refused)
  expect(() => sealing(current).for('tests').open(sealed, 'row 2')).toThrow(refused)
  expect(() => sealing(current).for('tests').open(sealed)).toThrow(refused)
  expect(() => sealing(old).for('tests').open(sealed, 'row 1')).toThrow(expect.objectContaining({ detail: expect.stringContaining('APP_PREVIOUS_KEYS') }))
})

test('no change of a sealed text goes unnoticed', () => {
  const seal = sealing(current).for('tests')
  const sealed = seal.seal('a text that matters', 'here')
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'Ab0-_.='), (at, character) => {
      const changed = sealed.slice(0, at) + character + sealed.slice(at + 1)
      fc.pre(changed !== sealed)
      expect(() => seal.open(changed, 'here')).toThrow(refused)
    }),
    { numRuns: 300, seed: 7 },
  )
  for (const broken of ['', 'seal1', 'seal1..', `${sealed}.x`, sealed.slice(0, 30), `enc1.${sealed}`, 'x.y', 'a.b.c.d.e', 'text'])
    expect(() => seal.open(broken, 'here'), broken).toThrow(refused)
})

test('after a change of APP_KEY what was sealed still opens, and is known as not current', () => {
  const sealed = sealing(old).for('tests').seal('text')
  const after = sealing(current, `another key that was there once, ${old} ,`).for('tests')
  expect(after.open(sealed)).toBe('text')
  expect([after.isCurrent(sealed), after.isCurrent(after.seal('text'))]).toEqual([false, true])
})

test.each([
  ['encrypted columns', 'enc1.o77fkMpq.FHWUEXOYyjtjA5niDFW2-d1LGLi_XBhfC_mPfttqBxFbpXdgji4Zdjt2bOEMl8dZOPJlug8f1A', 'DE89 3704 0044 0532 0130 00'],
  [
    'webhook secrets',
    'yce5oBwp.H1cmQ3mRP3YX8tIRyWLxTaXFGyX1FkLBXa_DXSjPfwntl4WmEGiSJbs5AstvRM2B7dvwTBYc5GcJmhHqrOIKHr2-GOohHQ',
    'whsec_dGhlIHNlY3JldCBvZiB0aGUgZW5kcG9pbnQ=',
  ],
  [
    'token keys',
    'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoid0tnUjdjZ3pRdXdKIn0..dlusjcPG6dUWjjK3.iqUiUqxsZqRMCiZW5DldSA3C1mQg9Fskk36g.KfMn_pvAW83BUPk2m1nasA',
    '-----BEGIN PRIVATE KEY-----',
  ],
])('%s that were sealed in an earlier format open as they did, and become the format of today', (purpose, sealed, text) => {
  const seal = sealing(current, old).for(purpose)
  expect(seal.open(sealed, 'any place')).toBe(text)
  expect(seal.isCurrent(sealed)).toBe(false)
  expect(seal.isCurrent(seal.seal(seal.open(sealed), 'its place'))).toBe(true)
  expect(() => sealing(old).for('other').open(sealed)).toThrow(refused)
  const changed = sealed.slice(0, -6) + (sealed.at(-6) === 'A' ? 'B' : 'A') + sealed.slice(-5)
  expect(() => seal.open(changed)).toThrow(refused)
})

test('production seals nothing without APP_KEY, and opens what earlier keys sealed', () => {
  const missing = expect.objectContaining({ code: 'APP_KEY_MISSING' })
  const without = sealing(undefined, old)
  expect(() => without.for('tests').seal('text')).toThrow(missing)
  expect(() => without.for('tests').requireKey()).toThrow(missing)
  expect(() => without.keysFor('tests')).toThrow(missing)
  expect(without.for('tests').open(sealing(old).for('tests').seal('text'))).toBe('text')
})

test('elsewhere it works without being configured, and what was sealed then opens once APP_KEY is set', () => {
  const sealed = sealing(undefined, undefined, 'test').for('tests').seal('text')
  expect(sealing(current, undefined, 'test').for('tests').open(sealed)).toBe('text')
  expect(() => sealing(current).for('tests').open(sealed)).toThrow(refused)
})

test('keys for other uses differ by purpose and by secret', () => {
  const [first, earlier] = sealing(current, old).keysFor('tests')
  expect(first).toHaveLength(32)
  expect(new Set([first, earlier, sealing(current).keysFor('other')[0]].map((key) => Buffer.from(key as Uint8Array).toString('hex'))).size).toBe(3)
  expect(earlier).toEqual(sealing(old).keysFor('tests')[0])
})
