import { createMemoryCacheStore } from 'glueful'
import { createFrozenClock } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { cacheStoreSuite } from './cache-store-suite.ts'

describe('the memory store of the cache', () => {
  cacheStoreSuite(test, async (clock) => createMemoryCacheStore({ limit: 10_000_000, clock }))

  test('is bounded by bytes: what was used longest ago makes room', () => {
    const clock = createFrozenClock()
    const store = createMemoryCacheStore({ limit: 10_000, clock })
    const entry = { data: 'x'.repeat(1_000), createdAt: 0, freshUntil: clock.now() + 1, keepUntil: clock.now() + 1, tags: [] }
    for (let i = 0; i < 7; i++) void store.set(`k${i}`, entry)
    expect(store.get('k0')).toBeDefined()
    for (let i = 7; i < 11; i++) void store.set(`k${i}`, entry)
    expect(store.bytes).toBeLessThanOrEqual(10_000)
    expect(store.get('k0')).toBeDefined()
    expect(store.get('k1')).toBeUndefined()
    expect(store.set('large', { ...entry, data: 'x'.repeat(20_000) })).toBe(false)
  })

  test('work older than the flushes that are remembered is not stored', () => {
    const clock = createFrozenClock()
    const store = createMemoryCacheStore({ limit: 10_000, clock })
    const mark = store.mark(['mine']) as string
    for (let i = 0; i < 10_001; i++) void store.flush([`tag-${i}`])
    expect(store.set('k', { data: '', createdAt: 0, freshUntil: Infinity, keepUntil: Infinity, tags: ['mine'] }, { mark })).toBe(false)
  })
})
