import type { CacheEntry, CacheStore } from 'glueful'
import { createFrozenClock, type FrozenClock } from 'glueful/testing'
import fc from 'fast-check'
import { expect } from 'vitest'

/** A store with nothing in it, on a clock of its own. */
export type OpenStore = (clock: FrozenClock) => Promise<CacheStore>

/** What every store must do; a test of an implementation opens one and runs this. */
export function cacheStoreSuite(test: (name: string, body: () => Promise<void>) => void, open: OpenStore, runs = 40): void {
  const setUp = async () => {
    const clock = createFrozenClock(Date.now())
    const store = await open(clock)
    const entry = (data: string, tags: readonly string[] = [], life = 60_000): CacheEntry => {
      const now = clock.now()
      return { data, createdAt: now, freshUntil: now + life / 2, keepUntil: now + life, tags }
    }
    return { clock, store, entry }
  }

  test('gives back what was set, with its times and tags, whatever the text', async () => {
    const { store, entry } = await setUp()
    for (const data of ['', 'x', 'ä€😀', '\u0000\r\n"\\', 'x'.repeat(100_000)]) {
      const one = entry(data, ['a', 'b:1'])
      expect(await store.set('k', one)).toBe(true)
      expect(await store.get('k')).toEqual(one)
    }
    expect(await store.get('other')).toBeUndefined()
  })

  test('an entry ends at keepUntil', async () => {
    const { clock, store, entry } = await setUp()
    await store.set('k', entry('x', [], 10_000))
    clock.advance(9_999)
    expect((await store.get('k'))?.data).toBe('x')
    clock.advance(1)
    expect(await store.get('k')).toBeUndefined()
  })

  test('delete removes one key', async () => {
    const { store, entry } = await setUp()
    await store.set('a', entry('1'))
    await store.set('b', entry('2'))
    await store.delete('a')
    await store.delete('a')
    expect([await store.get('a'), (await store.get('b'))?.data]).toEqual([undefined, '2'])
  })

  test('a flush removes what carries one of the tags, and nothing else', async () => {
    const { store, entry } = await setUp()
    await store.set('both', entry('1', ['cars', 'cars:1']))
    await store.set('one', entry('2', ['cars']))
    await store.set('other', entry('3', ['dealers']))
    await store.set('none', entry('4'))
    await store.flush(['cars:1', 'unknown'])
    expect(await Promise.all(['both', 'one', 'other', 'none'].map(async (key) => (await store.get(key))?.data))).toEqual([undefined, '2', '3', '4'])
    await store.flush(['cars', 'dealers'])
    expect(await Promise.all(['both', 'one', 'other', 'none'].map(async (key) => (await store.get(key))?.data))).toEqual([undefined, undefined, undefined, '4'])
    await store.set('one', entry('5', ['cars']))
    expect((await store.get('one'))?.data).toBe('5')
  })

  test('work begun before a flush is not stored after it', async () => {
    const { store, entry } = await setUp()
    const mark = await store.mark(['cars', 'dealers'])
    await store.flush(['dealers'])
    expect(await store.set('k', entry('old', ['cars', 'dealers']), { mark })).toBe(false)
    expect(await store.get('k')).toBeUndefined()
    const fresh = await store.mark(['cars', 'dealers'])
    await store.flush(['others'])
    expect(await store.set('k', entry('new', ['cars', 'dealers']), { mark: fresh })).toBe(true)
  })

  test('a lease has one holder, ends by itself, and its loss voids the write', async () => {
    const { store, entry } = await setUp()
    expect(await store.acquire('k', 'one', 60_000)).toBe(true)
    expect(await store.acquire('k', 'two', 60_000)).toBe(false)
    await store.release('k', 'two')
    expect(await store.acquire('k', 'two', 60_000)).toBe(false)
    expect(await store.set('k', entry('x'), { lease: 'two' })).toBe(false)
    expect(await store.set('k', entry('x'), { lease: 'one' })).toBe(true)
    await store.release('k', 'one')
    expect(await store.acquire('k', 'two', 60_000)).toBe(true)
  })

  test('a deletion ends the lease, so that work begun before it is not stored', async () => {
    const { store, entry } = await setUp()
    await store.acquire('k', 'one', 60_000)
    await store.delete('k')
    expect(await store.set('k', entry('old'), { lease: 'one' })).toBe(false)
    expect(await store.acquire('k', 'two', 60_000)).toBe(true)
  })

  test('of fifty who ask at once for a lease, one gets it', async () => {
    const { store } = await setUp()
    const got = await Promise.all(Array.from({ length: 50 }, (_, index) => store.acquire('k', `holder-${index}`, 60_000)))
    expect(got.filter((one) => one)).toHaveLength(1)
  })

  test('clear and inspect keep to their prefix, wildcards included', async () => {
    const { store, entry } = await setUp()
    await store.set('a*:1', entry('12345', ['t']))
    await store.set('a*:2', entry('1'))
    await store.set('ab:1', entry('1'))
    const seen = await store.inspect('a*:', 10)
    expect([seen.entries, seen.keys.map(({ key }) => key).sort()]).toEqual([2, ['a*:1', 'a*:2']])
    expect(seen.keys.find(({ key }) => key === 'a*:1')).toMatchObject({ tags: ['t'], freshForMs: 30_000 })
    expect((await store.inspect('a*:', 1)).keys).toHaveLength(1)
    await store.clear('a*:')
    expect([await store.get('a*:1'), await store.get('a*:2'), (await store.get('ab:1'))?.data]).toEqual([undefined, undefined, '1'])
  })

  test('agrees with a plain model over any order of operations', async () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const tags = fc.subarray(['x', 'y', 'z'])
    const step = fc.oneof(
      fc.record({ op: fc.constant('set' as const), key, tags }),
      fc.record({ op: fc.constant('begin' as const), key, tags }),
      fc.record({ op: fc.constant('end' as const), key }),
      fc.record({ op: fc.constant('delete' as const), key }),
      fc.record({ op: fc.constant('flush' as const), tags }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { store, entry } = await setUp()
        const model = new Map<string, { data: string; tags: readonly string[] }>()
        const begun = new Map<string, { mark: string; tags: readonly string[]; void: boolean; data: string }>()
        for (const [index, one] of steps.entries()) {
          const data = String(index)
          if (one.op === 'set') {
            await store.set(one.key, entry(data, one.tags))
            model.set(one.key, { data, tags: one.tags })
          } else if (one.op === 'begin') {
            begun.set(one.key, { mark: await store.mark(one.tags), tags: one.tags, void: false, data })
          } else if (one.op === 'end') {
            const work = begun.get(one.key)
            if (work === undefined) continue
            begun.delete(one.key)
            expect(await store.set(one.key, entry(work.data, work.tags), { mark: work.mark })).toBe(!work.void)
            if (!work.void) model.set(one.key, { data: work.data, tags: work.tags })
          } else if (one.op === 'delete') {
            await store.delete(one.key)
            model.delete(one.key)
          } else {
            await store.flush(one.tags)
            for (const [name, value] of model) if (value.tags.some((tag) => one.tags.includes(tag))) model.delete(name)
            for (const work of begun.values()) if (work.tags.some((tag) => one.tags.includes(tag))) work.void = true
          }
          for (const name of ['a', 'b', 'c']) expect((await store.get(name))?.data).toBe(model.get(name)?.data)
        }
      }),
      { numRuns: runs },
    )
  })
}
