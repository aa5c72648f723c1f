import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEvident } from './evident-password.ts'

test.each([
  '123456789012',
  '098765432109',
  'qwertyuiop12',
  'Qwertyuiop[]',
  'asdfghjkl123',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  'zaq12wsxcde3',
  'abcdefghijkl',
  'abcabcabcabc',
  'password1234',
  'Password123!',
  'P@ssw0rd2024',
  'passwordpassword',
  'iloveyou1234',
  'Welcome12345',
  'football1999',
  'aaaaaabbbbbb',
  '111222333444',
  'letmein12345',
  'Summer2026!!',
  'administrator1',
  'qwertyqwerty',
  'monkeymonkey',
])('%s is evident', (password) => expect(isEvident(password, 12)).toBe(true))

test.each([
  'correct horse battery',
  'market days in the rain',
  'a horse, a battery and a staple',
  'mV4#qz9Lw!x2',
  'passwordless login works',
  'summer in the mountains',
  'パスワードはとても長いです',
  '🐎🔋🐴🐎🔋🐴🐎🔋🐴🐎🔋🧷🖇',
  'hunter2hunter2hunter3',
  'tsohgrehtona',
])('%s is not', (password) => expect(isEvident(password, 12)).toBe(false))

test('what a machine made up is never evident, and any text is judged', () => {
  fc.assert(fc.property(fc.uuid(), (id) => !isEvident(id, 12)))
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 256 }), (text) => typeof isEvident(text, 12) === 'boolean'))
})

test('a character more makes nothing evident that was not', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-m]{12,20}$/), fc.constantFrom('X', '#', 'é'), (text, more) => isEvident(text, 12) || !isEvident(`${text}${more}`, 12)),
  )
})
