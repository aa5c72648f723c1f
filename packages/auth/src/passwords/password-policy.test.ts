import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openBreachedList } from './breached-list.ts'
import { createPasswordPolicy } from './password-policy.ts'

const folder = await mkdtemp(join(tmpdir(), 'glueful-passwords-'))
afterAll(() => rm(folder, { recursive: true }))
const listOf = async (name: string, text: string) => {
  const file = join(folder, name)
  await writeFile(file, text)
  return openBreachedList(file)
}
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase()

const policy = createPasswordPolicy()
const reasons = async (password: string, about?: string[], own = policy) => {
  try {
    await own.check(password, about)
    return []
  } catch (error) {
    const { code, status, errors } = error as { code: string; status: number; errors: { code: string; path: unknown[] }[] }
    expect([code, status]).toEqual(['PASSWORD_REFUSED', 422])
    return errors.map((one) => one.code)
  }
}

test.each([
  ['correct horse battery', []],
  ['パスワードはとても長いです', []],
  ['🐎🔋🐴🐎🔋🐴🐎🔋🐴🐎🔋🧷🖇', []],
  ['abcdefghijk', ['too_short']],
  ['aaaaaaaaaaaa', ['too_simple']],
  ['', ['too_short', 'too_simple']],
  ['ab\u0000tsohgrehtona', ['not_text']],
  ['ab\ud800tsohgrehtona', ['not_text']],
  ['123456789012', ['too_common']],
  ['Password1234', ['too_common']],
])('%j: %j', async (password, expected) => {
  expect(await reasons(password)).toEqual(expected)
})

test('length is counted in code points, up to 256 and not one more', async () => {
  const text = (length: number) => Array.from({ length }, (_, at) => String.fromCodePoint(0x1f300 + ((at * at) % 97))).join('')
  expect(await reasons(text(256))).toEqual([])
  expect(await reasons(text(257))).toEqual(['too_long'])
  expect(await reasons('ab🐎🔋🐴🧷🖇x', [], createPasswordPolicy({ minLength: 8 }))).toEqual([])
})

test('what others know of the user is no password, and may be part of one', async () => {
  expect(await reasons('Ada.Lovelace1', ['ada.lovelace', 'ada@example.com'])).toEqual(['too_personal'])
  expect(await reasons('ada.lovelace rides a horse', ['ada.lovelace'])).toEqual([])
})

describe('breached passwords', () => {
  test('of a list of passwords are refused', async () => {
    const own = createPasswordPolicy({ breached: await listOf('plain.txt', 'chickenwing7\r\nneedforspeed\n') })
    expect(await reasons('chickenwing7', [], own)).toEqual(['breached'])
    expect(await reasons('NEEDFORSPEED', [], own)).toEqual(['breached'])
    expect(await reasons('chickenwing78', [], own)).toEqual([])
  })

  test('of a list of any length of sorted hashes are found, and no others', async () => {
    let number = 0
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 60 }),
        fc.boolean(),
        fc.boolean(),
        async (words, counts, trailing) => {
          const known = words.slice(0, Math.ceil(words.length / 2))
          const lines = known.map((word, index) => (counts ? `${sha1(word)}:${10 ** (index % 7)}` : sha1(word))).sort()
          const list = await listOf(`hashes-${number++}.txt`, lines.join('\n') + (trailing ? '\n' : ''))
          for (const word of words) expect(await list.has(word)).toBe(known.includes(word))
          await list.close()
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a list that is missing, or goes wrong midway, is said so', async () => {
    await expect(openBreachedList(join(folder, 'missing.txt'))).rejects.toMatchObject({ code: 'BREACHED_LIST_UNREADABLE' })
    const broken = await listOf('broken.txt', `${sha1('a')}\n${'not a hash at all, and so long that it stands in the way\n'.repeat(50)}`)
    await expect(broken.has('b')).rejects.toMatchObject({ code: 'BREACHED_LIST_UNREADABLE' })
    await broken.close()
  })
})
