import { expect, test } from 'vitest'
import { service, type Service } from '../services/service.ts'
import { coreSettings } from '../settings/core-settings.ts'
import { readSettings } from '../settings/read-settings.ts'
import { chooseStore, type StoreSurroundings } from './choose-store.ts'
import { Redis } from './redis-connection.ts'

const DatabaseStore = service<object>('database-store')

function surroundings(variables: Record<string, string>, provided: readonly Service<unknown>[] = []): StoreSurroundings {
  const settings = readSettings(coreSettings, { environment: 'production', variables })
  return { use: <T>() => settings as T, provides: (token) => provided.includes(token) }
}
const choose = (variables: Record<string, string>, provided?: readonly Service<unknown>[]) =>
  chooseStore(surroundings(variables, provided), 'rateLimitStore', DatabaseStore)

test('by itself: Redis where there is one, memory for a single worker, the database for several', () => {
  expect(choose({})).toBe('memory')
  expect(choose({}, [DatabaseStore])).toBe('memory')
  expect(choose({}, [Redis, DatabaseStore])).toBe('redis')
  expect(choose({ WORKERS: '4' }, [Redis])).toBe('redis')
  expect(choose({ WORKERS: '4' }, [DatabaseStore])).toBe('database')
})

test('a setting decides', () => {
  expect(choose({ RATE_LIMIT_STORE: 'memory' }, [Redis])).toBe('memory')
  expect(choose({ RATE_LIMIT_STORE: 'database' }, [Redis, DatabaseStore])).toBe('database')
  expect(choose({ RATE_LIMIT_STORE: 'redis' }, [Redis])).toBe('redis')
})

test('what would count for each process alone does not start', () => {
  const notShared = expect.objectContaining({ code: 'STORE_NOT_SHARED', message: expect.stringContaining('Set REDIS_URL') })
  expect(() => choose({ WORKERS: '2' })).toThrow(notShared)
  expect(() => choose({ WORKERS: '2', RATE_LIMIT_STORE: 'memory' }, [Redis])).toThrow(notShared)
})

test('what is asked for and not there does not start', () => {
  expect(() => choose({ RATE_LIMIT_STORE: 'redis' })).toThrow(
    expect.objectContaining({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('REDIS_URL') }),
  )
  expect(() => choose({ RATE_LIMIT_STORE: 'database' })).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
})
