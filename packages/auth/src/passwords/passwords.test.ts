import { hash as bcryptHash } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import { createArgon2id } from './argon2id.ts'
import { createPasswords } from './passwords.ts'
import { createScrypt } from './scrypt.ts'
import type { PasswordAlgorithm } from './password-algorithm.ts'

/** As quick as Argon2 allows, for tests that are not about its cost. */
const quick = { memory: 64, passes: 1, parallelism: 1 }
const passwords = createPasswords({ cost: quick })

describe('a new hash', () => {
  test('is argon2id with the parameters that OWASP recommends, a salt of its own, and verifies', async () => {
    const strong = createPasswords()
    const [first, second] = await Promise.all([strong.hash('correct horse battery'), strong.hash('correct horse battery')])
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(second).not.toBe(first)
    expect(await strong.verify(first, 'correct horse battery')).toEqual({ valid: true })
    expect(await strong.verify(first, 'correct horse batterx')).toEqual({ valid: false })
  })

  test('looks at every character of a long password', async () => {
    const long = 'ä'.repeat(255)
    const hash = await passwords.hash(`${long}1`)
    expect((await passwords.verify(hash, `${long}1`)).valid).toBe(true)
    expect((await passwords.verify(hash, `${long}2`)).valid).toBe(false)
    expect((await passwords.verify(hash, long)).valid).toBe(false)
  })

  test('is of what the user means, however the keyboard composes it', async () => {
    const hash = await passwords.hash('caf\u00e9 au lait')
    expect((await passwords.verify(hash, 'cafe\u0301 au lait')).valid).toBe(true)
  })

  test('is scrypt where that is asked for', async () => {
    const scrypt = createPasswords({ algorithm: 'scrypt' })
    const hash = await scrypt.hash('correct horse battery')
    expect(hash).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/)
    expect(await scrypt.verify(hash, 'correct horse battery')).toEqual({ valid: true })
  })
})

describe('hashes from elsewhere', () => {
  const b64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64').replaceAll('=', '')
  test.each([
    // The example of the Argon2 reference implementation.
    ['argon2i', `$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$${b64('45d7ac72e76f242b20b77b9bf9bf9d5915894e669a24e6c6')}`, 'password'],
    // RFC 7914, 12
    [
      'scrypt',
      `$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$${b64('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887')}`,
      'pleaseletmein',
    ],
    // The first test vector of crypt_blowfish, under each of its names.
    ['bcrypt $2a$', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
    ['bcrypt $2y$', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  ])('%s verifies, and is hashed anew', async (_, hash, password) => {
    expect(await passwords.verify(hash, `${password}x`)).toEqual({ valid: false })
    const { valid, rehashed = '' } = await passwords.verify(hash, password)
    expect([valid, rehashed.startsWith('$argon2id$')]).toEqual([true, true])
    expect(await passwords.verify(rehashed, password)).toEqual({ valid: true })
  })

  test('weaker parameters are made stronger', async () => {
    const weak = await passwords.hash('correct horse battery')
    const { rehashed } = await createPasswords().verify(weak, 'correct horse battery')
    expect(rehashed).toContain('m=19456')
  })

  test('a hash of text that was never normalised verifies as it was typed', async () => {
    const algorithm = createArgon2id(quick)
    const raw = await algorithm.hash('cafe\u0301 au lait')
    expect((await passwords.verify(raw, 'cafe\u0301 au lait')).valid).toBe(true)
  })

  test('what bcrypt does not look at is not believed: a longer password keeps its old hash', async () => {
    const long = 'x'.repeat(72)
    const hash = await bcryptHash(long, 4)
    expect(await passwords.verify(hash, `${long}whatever`)).toEqual({ valid: true })
    expect((await passwords.verify(hash, long)).rehashed).toBeDefined()
  })

  test.each([
    'plain text',
    '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ',
    '$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG',
    '$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG',
    '$argon2id$v=19$m=19456,t=999999,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG',
    '$argon2id$v=19$t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG',
    '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA',
    '$scrypt$ln=24,r=64,p=1$U29kaXVtQ2hsb3JpZGU$RdescudvJCsgt3ub+b+dWRWJTmaaJObG',
    '$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    '$2b$05$short',
    '$1$md5crypt$XXXXXXXXXXXXXXXXXXXXXX',
  ])('%s is refused without showing it', async (hash) => {
    const refused = passwords.verify(hash, 'password')
    await expect(refused).rejects.toMatchObject({ code: 'PASSWORD_HASH_UNREADABLE', status: 500 })
    await expect(refused).rejects.not.toThrow(hash)
  })
})

/** A real algorithm whose work is counted. */
function counted(): PasswordAlgorithm & { work: string[] } {
  const real = createArgon2id(quick)
  const work: string[] = []
  return {
    ...real,
    work,
    verify: (hash, password) => (work.push(hash.slice(0, hash.lastIndexOf('$', hash.lastIndexOf('$') - 1))), real.verify(hash, password)),
  }
}

test('an unknown user costs what a known one costs: one comparison with the same parameters', async () => {
  const algorithm = counted()
  const checked = createPasswords({ algorithm })
  const hash = await checked.hash('correct horse battery')
  await checked.verify(hash, 'wrong horse battery')
  for (const missing of [undefined, null, '']) expect(await checked.verify(missing, 'wrong horse battery')).toEqual({ valid: false })
  expect(algorithm.work).toEqual(Array(4).fill('$argon2id$v=19$m=64,t=1,p=1'))
})

test('a flood is answered at once: so many compare, so many wait, one more is refused', async () => {
  const gate = Promise.withResolvers<void>()
  let running = 0
  let most = 0
  const held: PasswordAlgorithm = {
    ...createArgon2id(quick),
    verify: async () => {
      most = Math.max(most, ++running)
      await gate.promise
      running--
      return true
    },
  }
  const busy = createPasswords({ algorithm: held, concurrency: 2, waiting: 3 })
  const hash = await createArgon2id(quick).hash('correct horse battery')
  const five = Array.from({ length: 5 }, () => busy.verify(hash, 'x'))
  await expect(busy.verify(hash, 'x')).rejects.toMatchObject({ code: 'PASSWORDS_BUSY', status: 503, headers: ['retry-after', '5'] })
  gate.resolve()
  expect(await Promise.all(five)).toEqual(Array.from({ length: 5 }, () => ({ valid: true })))
  expect(most).toBe(2)
  expect(await busy.verify(hash, 'x')).toEqual({ valid: true })
})

test('scrypt keeps to a sensible amount of memory', async () => {
  const hash = '$scrypt$ln=24,r=8,p=1$U29kaXVtQ2hsb3JpZGU$RdescudvJCsgt3ub+b+dWRWJTmaaJObG'
  await expect(createScrypt().verify(hash, 'x')).rejects.toThrow(/bytes of memory/)
})
