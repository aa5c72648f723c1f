import { expect, test } from 'vitest'
import { suggest } from './suggest.ts'

test('a slip of the pen finds the name that was meant', () => {
  expect(suggest('timout', ['timeout', 'strict', 'cors'])).toBe('timeout')
  expect(suggest('DATABSE_URL', ['DATABASE_URL', 'REDIS_URL'])).toBe('DATABASE_URL')
  expect(suggest('prot', ['port', 'host'])).toBe('port')
  expect(suggest('ulr', ['index', 'url'])).toBe('url')
})

test('nothing is suggested for a name that resembles none', () => {
  expect(suggest('zebra', ['timeout', 'strict'])).toBeUndefined()
  expect(suggest('x', [])).toBeUndefined()
})
