import { expect, test } from 'vitest'
import { uuidV7 } from './uuid-v7.ts'

test('keys have the form of version 7, tell their time, and sort in the order they were made', () => {
  const now = Date.UTC(2099, 10, 26)
  const made = Array.from({ length: 20_000 }, (_, index) => uuidV7(now + Math.floor(index / 9_000)))
  for (const key of made) expect(key).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(Number.parseInt((made[0] as string).replace('-', '').slice(0, 12), 16)).toBe(now)
  expect(made.toSorted()).toEqual(made)
  expect(new Set(made).size).toBe(made.length)
  expect(uuidV7(0) > (made.at(-1) as string)).toBe(true)
})
