import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHttpDate } from './http-date.ts'

const example = Date.UTC(1994, 10, 6, 8, 49, 37)

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])('%s is read', (text) => {
  expect(parseHttpDate(text)).toBe(example)
})

test('every second of four digits is read as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      expect(parseHttpDate(new Date(seconds * 1000).toUTCString())).toBe(seconds * 1000)
    }),
  )
})

test.each([
  '',
  '0',
  '1994',
  '1994-11-06T08:49:37Z',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 06 Nov 1994 08:49:37 +0100',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 31 Feb 1994 08:49:37 GMT',
  'Sun, 06 Nox 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:00 GMT',
  'Sun, 06 Nov 1994 08:49:61 GMT',
  'sun, 06 nov 1994 08:49:37 gmt',
  'Sun, 06 Nov 1994 08:49:37 GMT, again',
])('%j is no date of HTTP', (text) => {
  expect(parseHttpDate(text)).toBeUndefined()
})

test('a leap second is the second before', () => {
  expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT')).toBe(Date.UTC(2016, 11, 31, 23, 59, 59))
})

test('two digits of a year are never far ahead', () => {
  const year = new Date().getUTCFullYear()
  const short = (offset: number) => String((year + offset) % 100).padStart(2, '0')
  expect(new Date(parseHttpDate(`Monday, 01-Jan-${short(1)} 00:00:00 GMT`) as number).getUTCFullYear()).toBe(
    year + 1 - ((year + 1) % 100 < year % 100 ? 100 : 0),
  )
  expect(new Date(parseHttpDate(`Monday, 01-Jan-${short(-20)} 00:00:00 GMT`) as number).getUTCFullYear()).toBeLessThanOrEqual(year + 50)
})
