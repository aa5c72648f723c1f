import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEnvironment } from './read-environment.ts'
import { openSettings, sealSettings } from './sealed-settings.ts'

const key = 'a key of settings that is long enough'
const other = 'another key of settings, also long enough'
const text = 'DATABASE_URL=postgres://app:hunter2@db/shop\nSTRIPE_KEY="sk_live_1"\n'
const refused = expect.objectContaining({ code: 'SETTINGS_FILE_REFUSED' })
const invalid = expect.objectContaining({ code: 'SETTINGS_KEY_INVALID' })
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glueful-settings-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a sealed settings file', () => {
  test('shows nothing, and is opened by its key, by a previous one, and by no other', () => {
    const sealed = sealSettings(text, 'production', { SETTINGS_KEY: key })
    expect(sealed).not.toMatch(/hunter2|DATABASE_URL|STRIPE/)
    expect(openSettings(sealed, 'production', { SETTINGS_KEY: key })).toBe(text)
    expect(openSettings(sealed.replaceAll('\n', '\r\n'), 'production', { SETTINGS_KEY: key })).toBe(text)
    expect(openSettings(sealed, 'production', { SETTINGS_KEY: other, SETTINGS_PREVIOUS_KEYS: `${'x'.repeat(32)}, ${key}` })).toBe(text)
    expect(() => openSettings(sealed, 'production', { SETTINGS_KEY: other })).toThrow(refused)
  })

  test('is of one environment: that of a test is not that of production', () => {
    expect(() => openSettings(sealSettings(text, 'test', { SETTINGS_KEY: key }), 'production', { SETTINGS_KEY: key })).toThrow(refused)
  })

  test('is refused after any change', () => {
    const sealed = sealSettings(text, 'production', { SETTINGS_KEY: key })
    const start = sealed.indexOf('seal1')
    fc.assert(
      fc.property(fc.integer({ min: start, max: sealed.length - 2 }), fc.constantFrom('A', 'b', '0', '_'), (at, character) => {
        const changed = sealed.slice(0, at) + character + sealed.slice(at + 1)
        fc.pre(changed.replaceAll('\n', '') !== sealed.replaceAll('\n', ''))
        expect(() => openSettings(changed, 'production', { SETTINGS_KEY: key })).toThrow(refused)
      }),
      { numRuns: 200, seed: 3 },
    )
    for (const changed of ['', text, sealed.slice(0, -20), `${sealed}A`])
      expect(() => openSettings(changed, 'production', { SETTINGS_KEY: key })).toThrow(refused)
  })

  test('is not made of what could not be read again, nor with a key that can be guessed', () => {
    expect(() => sealSettings('no settings', 'production', { SETTINGS_KEY: key })).toThrow(expect.objectContaining({ code: 'DOTENV_MALFORMED' }))
    expect(() => sealSettings(text, 'production', { SETTINGS_KEY: 'short' })).toThrow(invalid)
    expect(() => sealSettings(text, 'production', {})).toThrow(expect.objectContaining({ code: 'SETTINGS_KEY_MISSING' }))
  })
})

describe('the environment', () => {
  const read = (env: Record<string, string>) => readEnvironment({ directory: folder, env, environment: 'production' }).variables

  test('has the encrypted settings over those of .env files and below .env.local and the process', () => {
    writeFileSync(join(folder, '.env'), 'A=env\nB=env\nC=env\nD=env')
    writeFileSync(join(folder, '.env.production'), 'B=production\nC=production\nD=production')
    writeFileSync(join(folder, '.env.production.encrypted'), sealSettings('C=encrypted\nD=encrypted\nE=encrypted', 'production', { SETTINGS_KEY: key }))
    writeFileSync(join(folder, '.env.local'), 'D=local')
    expect(read({ SETTINGS_KEY: key, E: 'process' })).toEqual({ A: 'env', B: 'production', C: 'encrypted', D: 'local', E: 'process', SETTINGS_KEY: key })
  })

  test('is refused where the file is there and its key is not, and takes the key from a file too', () => {
    expect(() => read({})).toThrow(expect.objectContaining({ code: 'SETTINGS_KEY_MISSING' }))
    expect(() => read({ SETTINGS_KEY: other })).toThrow(refused)
    const keyFile = join(folder, 'key')
    writeFileSync(keyFile, `${key}\n`)
    expect(read({ SETTINGS_KEY_FILE: keyFile })['C']).toBe('encrypted')
    expect(() => read({ SETTINGS_KEY_FILE: keyFile, SETTINGS_KEY: key })).toThrow(invalid)
    expect(() => read({ SETTINGS_KEY_FILE: join(folder, 'none') })).toThrow(invalid)
  })

  test('does not take the key from a file beside it', () => {
    writeFileSync(join(folder, '.env.local'), `SETTINGS_KEY=${key}`)
    expect(() => read({})).toThrow(expect.objectContaining({ code: 'SETTINGS_KEY_MISSING' }))
  })
})
