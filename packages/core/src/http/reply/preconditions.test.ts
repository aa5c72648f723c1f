import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluatePreconditions, ifRangeHolds, type Validators } from './preconditions.ts'

const changed = Date.UTC(2026, 0, 2, 3, 4, 5)
const [before, same, after] = [changed - 1000, changed, changed + 1000].map((time) => new Date(time).toUTCString()) as [string, string, string]
// A file's time has fractions, a header's has not.
const strong: Validators = { etag: '"a"', lastModified: changed + 400 }
const weak: Validators = { etag: 'W/"a"', lastModified: changed + 400 }

function evaluate(method: string, headers: Record<string, string>, validators: Validators = strong) {
  return evaluatePreconditions(method, (name) => headers[name], validators)
}

describe.each([
  ['GET', 304],
  ['HEAD', 304],
  ['PUT', 412],
] as const)('If-None-Match of a %s', (method, refused) => {
  test.each(['"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', '*', ' * '])('%s is the current one', (header) => {
    expect(evaluate(method, { 'if-none-match': header })).toBe(refused)
    expect(evaluate(method, { 'if-none-match': header }, weak)).toBe(refused)
  })

  test.each(['"b"', 'a', '""', '"A"'])('%s is another', (header) => {
    expect(evaluate(method, { 'if-none-match': header })).toBe('proceed')
  })

  test('wins over If-Modified-Since', () => {
    expect(evaluate(method, { 'if-none-match': '"b"', 'if-modified-since': same })).toBe('proceed')
  })
})

test.each(['GET', 'PUT'])('If-Match of a %s compares strongly', (method) => {
  expect(evaluate(method, { 'if-match': '"b", "a"' })).toBe('proceed')
  expect(evaluate(method, { 'if-match': '*' })).toBe('proceed')
  expect(evaluate(method, { 'if-match': '"b"' })).toBe(412)
  expect(evaluate(method, { 'if-match': 'W/"a"' })).toBe(412)
  expect(evaluate(method, { 'if-match': 'W/"a"' }, weak)).toBe(412)
  expect(evaluate(method, { 'if-match': '"a"' }, {})).toBe(412)
})

test('If-Match wins over If-Unmodified-Since, and is evaluated before If-None-Match', () => {
  expect(evaluate('GET', { 'if-match': '"a"', 'if-unmodified-since': before })).toBe('proceed')
  expect(evaluate('GET', { 'if-match': '"b"', 'if-none-match': '"a"' })).toBe(412)
  expect(evaluate('GET', { 'if-match': '"a"', 'if-none-match': '"a"' })).toBe(304)
})

test('dates are compared in whole seconds', () => {
  expect([before, same, after].map((date) => evaluate('GET', { 'if-modified-since': date }))).toEqual(['proceed', 304, 304])
  expect([before, same, after].map((date) => evaluate('PUT', { 'if-unmodified-since': date }))).toEqual([412, 'proceed', 'proceed'])
})

test('If-Modified-Since counts for reading only', () => {
  expect(evaluate('PUT', { 'if-modified-since': same })).toBe('proceed')
})

test.each(['yesterday', '0', '2026-01-02T03:04:05Z', ''])('the date %j is ignored', (date) => {
  expect(evaluate('GET', { 'if-modified-since': date })).toBe('proceed')
  expect(evaluate('PUT', { 'if-unmodified-since': date })).toBe('proceed')
})

test('dates are ignored where the time of the last change is not known', () => {
  expect(evaluate('GET', { 'if-modified-since': after }, { etag: '"a"' })).toBe('proceed')
  expect(evaluate('PUT', { 'if-unmodified-since': before }, { etag: '"a"' })).toBe('proceed')
})

test.each(['OPTIONS', 'TRACE', 'CONNECT'])('%s has no preconditions', (method) => {
  expect(evaluate(method, { 'if-match': '"b"', 'if-none-match': '*' })).toBe('proceed')
})

test('the outcome is that of the five steps of RFC 9110, 13.2.2', () => {
  const tags = fc.option(fc.constantFrom('"a"', 'W/"a"', '"b"', '*'), { nil: undefined })
  const dates = fc.option(fc.constantFrom(before, same, after), { nil: undefined })
  const header = fc.record({ 'if-match': tags, 'if-none-match': tags, 'if-modified-since': dates, 'if-unmodified-since': dates })
  fc.assert(
    fc.property(fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE'), header, (method, headers) => {
      const { 'if-match': match, 'if-none-match': noneMatch, 'if-modified-since': since, 'if-unmodified-since': unmodifiedSince } = headers
      const reading = method === 'GET' || method === 'HEAD'
      const steps = (): 'proceed' | 304 | 412 => {
        if (match !== undefined && match !== '"a"' && match !== '*') return 412
        if (match === undefined && unmodifiedSince === before) return 412
        if (noneMatch !== undefined && noneMatch !== '"b"') return reading ? 304 : 412
        if (noneMatch === undefined && reading && since !== undefined && since !== before) return 304
        return 'proceed'
      }
      expect(evaluatePreconditions(method, (name) => headers[name as keyof typeof headers], strong)).toBe(steps())
    }),
  )
})

test('If-Range holds for the strong tag or the exact date', () => {
  expect(ifRangeHolds(undefined, strong)).toBe(true)
  expect(ifRangeHolds('"a"', strong)).toBe(true)
  expect(ifRangeHolds(same, strong)).toBe(true)
  for (const header of ['"b"', 'W/"a"', before, after, 'nonsense', '']) expect(ifRangeHolds(header, strong)).toBe(false)
  expect(ifRangeHolds('W/"a"', weak)).toBe(false)
  expect(ifRangeHolds('"a"', {})).toBe(false)
  expect(ifRangeHolds(same, {})).toBe(false)
})
