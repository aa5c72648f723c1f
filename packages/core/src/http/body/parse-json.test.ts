import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from './parse-json.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('numbers are refused exactly when a double cannot hold them, however they are written', () => {
  const digits = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 190, max: 330 }))
  const exponent = fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E+', 'e-'), fc.constantFrom('', '0', '00'), fc.integer({ min: 0, max: 420 })))
  const fraction = fc.constantFrom('', '.5', `.${'9'.repeat(220)}`)
  fc.assert(
    fc.property(digits, fc.constantFrom('1', '9'), fraction, exponent, fc.boolean(), (count, digit, after, power, negative) => {
      const number = `${negative ? '-' : ''}${digit.repeat(count)}${after}${power === null ? '' : power.join('')}`
      const text = `{"text":"e999 ${'7'.repeat(20)}","list":[1,{"price":${number}}]}`
      const value = Number(number)
      if (Number.isFinite(value)) expect(parseJson(bytes(text))).toMatchObject({ list: [1, { price: value }] })
      else expect(() => parseJson(bytes(text))).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }))
    }),
    { numRuns: 1_000, examples: [[250, '9', '', ['e', '', 99], false]] },
  )
})
