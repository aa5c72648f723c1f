import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timestampMs } from './cast-timestamp.ts'
import { normalizeDecimal } from './decimal.ts'
import { isoText } from './iso-text.ts'

const moment = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })

test('moments as text are those of Date, in any order', () => {
  fc.assert(fc.property(moment, (date) => isoText(date.getTime()) === date.toISOString()))
})

test('the texts of databases are read to the millisecond', () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: -14, max: 14 }), (date, hours) => {
      const local = new Date(date.getTime() + hours * 3_600_000).toISOString()
      const offset = `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}`
      if (local.length !== 24) return
      const spaced = `${local.slice(0, 10)} ${local.slice(11, 23)}`
      for (const text of [`${spaced}${offset}`, `${spaced}456${offset}:00`, `${spaced}000${offset}:00:00`]) expect(timestampMs(text)).toBe(date.getTime())
    }),
  )
  expect(timestampMs('2026-11-26 11:05:24')).toBe(Date.UTC(2026, 10, 26, 11, 5, 24))
  expect(timestampMs('2026-11-26 11:05:24.5')).toBe(Date.UTC(2026, 10, 26, 11, 5, 24, 500))
  expect(timestampMs('2026-11-26T11:05:24.5Z')).toBe(Date.UTC(2026, 10, 26, 11, 5, 24, 500))
  expect(timestampMs('2026-11-26 11:05:24.12+05:30')).toBe(Date.UTC(2026, 10, 26, 5, 35, 24, 120))
})

test('equal decimals have one text', () => {
  for (const [value, text] of [
    ['1', '1.00'],
    ['-0', '0.00'],
    ['007.5', '7.50'],
    ['.5', undefined],
    ['1.005', undefined],
    ['12345', undefined],
    [9.9, '9.90'],
    [1e-7, undefined],
    [1e21, undefined],
    [1e3, '1000.00'],
    [12n, '12.00'],
    ['1 ', undefined],
    ['', undefined],
    ['-', undefined],
    [null, undefined],
  ] as const)
    expect(normalizeDecimal(value, 6, 2), String(value)).toBe(text)
  expect(normalizeDecimal('12', 4, 0)).toBe('12')
})
