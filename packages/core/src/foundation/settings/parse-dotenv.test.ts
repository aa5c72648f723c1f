import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDotenv, parseDotenvEntries, renderDotenvValue } from './parse-dotenv.ts'

test('bare and quoted values, comments, export, empty values and several lines', () => {
  const text = [
    '\uFEFF# comment',
    'A=1',
    '  export B = two words # note',
    "C='single $x # \\n' # note",
    'D="a\\nb \\"q\\" \\$ \\d"',
    'E="first  ',
    '# second" # note',
    'F=',
    'G=a#b',
    'H=`it\'s "so"`',
    'I=# nothing',
    'A=again',
    '__proto__=own',
  ].join('\r\n')
  expect(parseDotenv(text, '.env')).toEqual({
    A: 'again',
    B: 'two words',
    C: 'single $x # \\n',
    D: 'a\nb "q" $ \\d',
    E: 'first  \n# second',
    F: '',
    G: 'a#b',
    H: 'it\'s "so"',
    I: '',
    ['__proto__']: 'own',
  })
  expect(parseDotenvEntries('A=1\n\nB="x\ny"\n', '.env')).toMatchObject([
    { name: 'A', firstLine: 1, lastLine: 1 },
    { name: 'B', firstLine: 3, lastLine: 4 },
  ])
})

test.each([
  ['A=1\nnonsense', 2, 'it is not NAME=value'],
  ['A-B=1', 1, 'it is not NAME=value'],
  ['A="open\nmore', 1, 'a double quote is not closed'],
  ["A='open", 1, 'a single quote is not closed'],
  ['A=`open', 1, 'a backtick is not closed'],
  ['\n\nA="x" y', 3, 'something follows the closing quote'],
])('%j is DOTENV_MALFORMED in line %i: %s', (text, line, reason) => {
  expect(() => parseDotenv(text, '.env')).toThrow(
    expect.objectContaining({ code: 'DOTENV_MALFORMED', detail: `Line ${line} of .env cannot be read: ${reason}.` }),
  )
})

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/)
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', "'", '`', '\\', '$', '#', ' ', '\n', '\r', 'n', '=') }),
)

test('values survive writing and reading', () => {
  fc.assert(
    fc.property(fc.dictionary(name, text), (values) => {
      const file = Object.entries(values).map(([key, value]) => `${key}=${renderDotenvValue(value)}\n`)
      expect(Object.entries(parseDotenv(file.join(''), '.env'))).toEqual(Object.entries(values))
    }),
  )
})

test('any text is read or refused with its line', () => {
  fc.assert(
    fc.property(text, (file) => {
      try {
        parseDotenv(file, '.env')
      } catch (error) {
        expect(error).toMatchObject({ code: 'DOTENV_MALFORMED' })
      }
    }),
  )
})

test('what is written bare or in single quotes reads the same in Node', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '$', '#', '"', '\\', '=') }), (value) => {
      expect(parseEnv(`A=${renderDotenvValue(value)}\n`)).toEqual({ A: value })
    }),
  )
})
