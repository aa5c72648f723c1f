import type * as Crypto from 'node:crypto'
import { expect, test, vi } from 'vitest'

vi.mock('node:crypto', async (original) => ({ ...(await original<typeof Crypto>()), argon2: undefined }))

test('a Node without Argon2 is told so, and serves with scrypt when asked to', async () => {
  const { createPasswords } = await import('./passwords.ts')
  expect(() => createPasswords()).toThrow(expect.objectContaining({ code: 'ARGON2_UNAVAILABLE' }))
  const scrypt = createPasswords({ algorithm: 'scrypt' })
  const hash = await scrypt.hash('correct horse battery')
  expect(await scrypt.verify(hash, 'correct horse battery')).toEqual({ valid: true })
})
