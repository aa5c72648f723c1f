import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mostRanges, parseRange } from './range.ts'

test.each([
  ['bytes=0-3', [{ start: 0, end: 3 }]],
  ['bytes=7-', [{ start: 7, end: 9 }]],
  ['bytes=-2', [{ start: 8, end: 9 }]],
  ['bytes=-500', [{ start: 0, end: 9 }]],
  ['bytes=5-99999999999999999999', [{ start: 5, end: 9 }]],
  ['BYTES=1-1', [{ start: 1, end: 1 }]],
  [
    'bytes=0-0,-1',
    [
      { start: 0, end: 0 },
      { start: 9, end: 9 },
    ],
  ],
  [
    'bytes=8-9, 0-1',
    [
      { start: 8, end: 9 },
      { start: 0, end: 1 },
    ],
  ],
  [
    'bytes=,0-0 ,, 2-2,',
    [
      { start: 0, end: 0 },
      { start: 2, end: 2 },
    ],
  ],
  ['bytes=0-0,50-60', [{ start: 0, end: 0 }]],
])('%s of ten bytes is what it asks for', (header, ranges) => {
  expect(parseRange(header, 10)).toEqual(ranges)
})

test.each(['bytes=10-', 'bytes=-0', 'bytes=10-20,-0'])('%s of ten bytes is unsatisfiable', (header) => {
  expect(parseRange(header, 10)).toBe('unsatisfiable')
})

test.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=,',
  'bytes=-',
  'bytes=3-1',
  'bytes=a-b',
  'bytes=1',
  'bytes=1-2-3',
  'bytes =0-1',
  'lines=0-1',
  'bytes=0-1;2-3',
  'bytes=+1-2',
])('%j is ignored', (header) => {
  expect(parseRange(header, 10)).toBeUndefined()
})

test('ranges that together are more than the whole are answered with the whole', () => {
  expect(parseRange('bytes=0-9,0-9', 10)).toBeUndefined()
  expect(parseRange('bytes=0-,5-', 10)).toBeUndefined()
})

test('too many ranges are answered with the whole', () => {
  const ask = (count: number) => `bytes=${Array.from({ length: count }, (_, at) => `${at}-${at}`).join(',')}`
  expect(parseRange(ask(mostRanges), 1_000)).toHaveLength(mostRanges)
  expect(parseRange(ask(mostRanges + 1), 1_000)).toBeUndefined()
})

test('nothing is taken from an empty file', () => {
  expect(parseRange('bytes=0-', 0)).toBeUndefined()
  expect(parseRange('bytes=-5', 0)).toBeUndefined()
})

type Part = { first?: number; last?: number }

/** What RFC 9110, 14.1.2 says, byte by byte. */
function positions({ first, last }: Part, size: number): number[] {
  const all = Array.from({ length: size }, (_, at) => at)
  if (first === undefined) return last === 0 ? [] : all.slice(-(last as number))
  return all.filter((at) => at >= first && (last === undefined || at <= last))
}

const part = fc.oneof(
  fc.record({ first: fc.nat(30), last: fc.nat(30) }).filter(({ first, last }) => first <= last),
  fc.record({ first: fc.nat(30) }),
  fc.record({ last: fc.nat(30) }),
) as fc.Arbitrary<Part>

test('every header that is well formed gives the bytes that a naive reading gives', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 25 }), (parts, size) => {
      const header = `bytes=${parts.map(({ first, last }) => `${first ?? ''}-${last ?? ''}`).join(', ')}`
      const expected = parts.map((one) => positions(one, size)).filter((bytes) => bytes.length > 0)
      const result = parseRange(header, size)
      if (expected.flat().length > size) expect(result).toBeUndefined()
      else if (expected.length === 0) expect(result).toBe('unsatisfiable')
      else expect(result).toEqual(expected.map((bytes) => ({ start: bytes[0], end: bytes.at(-1) })))
    }),
  )
})

test('no header makes it give bytes that are not there', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'bytes=0123456789-, ') }), fc.nat(40), (header, size) => {
      const result = parseRange(header, size)
      for (const { start, end } of Array.isArray(result) ? result : []) expect(start >= 0 && start <= end && end < size).toBe(true)
    }),
  )
})
