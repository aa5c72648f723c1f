import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPool, type PoolOptions } from './pool.ts'

interface Fake {
  readonly id: number
  broken: boolean
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function pool(options: Partial<PoolOptions<Fake>> = {}) {
  const opened: Fake[] = []
  const closed: number[] = []
  const made = createPool<Fake>({
    open: () => {
      const session = { id: opened.length + 1, broken: false }
      opened.push(session)
      return session
    },
    close: ({ id }) => void closed.push(id),
    max: 2,
    acquireTimeout: 1_000,
    ...options,
  })
  return { made, opened, closed }
}

test('sessions are opened when they are needed, and the last one used is used again', () => {
  const { made, opened } = pool()
  const [first, second] = [made.acquire() as Fake, made.acquire() as Fake]
  expect([made.inUse, made.idle]).toEqual([2, 0])
  made.release(first)
  made.release(second)
  expect(made.acquire()).toBe(second)
  expect(opened).toHaveLength(2)
})

test('who waits gets a session in order of arrival, or is refused when the time is up', async () => {
  const { made } = pool({ max: 1 })
  const only = made.acquire() as Fake
  const order: string[] = []
  const first = (made.acquire() as Promise<Fake>).then((session) => (order.push('first'), session))
  const second = (made.acquire() as Promise<Fake>).then(() => order.push('second'))
  const refused = expect(made.acquire()).rejects.toMatchObject({ code: 'DATABASE_BUSY', status: 503, headers: ['retry-after', '1'] })
  expect(made.waiting).toBe(3)
  made.release(only)
  made.release(await first)
  await second
  expect(order).toEqual(['first', 'second'])
  await vi.advanceTimersByTimeAsync(1_000)
  await refused
  expect(made.waiting).toBe(0)
})

test('a broken session is closed and another one opened for who waits', async () => {
  const { made, closed } = pool({ max: 1 })
  const first = made.acquire() as Fake
  const waiting = made.acquire()
  first.broken = true
  made.release(first)
  expect((await waiting).id).toBe(2)
  expect(closed).toEqual([1])
})

test('a session that was idle for long is asked whether it lives', async () => {
  const dead = new Set([1])
  const { made, closed } = pool({ validateAfter: 100, isAlive: async ({ id }) => !dead.has(id) })
  made.release(made.acquire() as Fake)
  await vi.advanceTimersByTimeAsync(50)
  made.release(made.acquire() as Fake)
  await vi.advanceTimersByTimeAsync(150)
  expect((await made.acquire()).id).toBe(2)
  expect(closed).toEqual([1])
})

test('what nobody wants for long is closed', async () => {
  const { made, closed } = pool({ idleTimeout: 5_000 })
  made.release(made.acquire() as Fake)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(closed).toEqual([1])
  expect(made.idle).toBe(0)
  await made.close()
})

test('opening is tried again while that may help, and at once given up otherwise', async () => {
  let failures = 2
  const open = async () => {
    if (failures-- > 0) throw new RangeError('refused')
    return { id: 9, broken: false }
  }
  const patient = pool({ open, isTransient: () => true }).made.acquire()
  await vi.advanceTimersByTimeAsync(500)
  expect((await patient).id).toBe(9)
  failures = 1
  const { made } = pool({ open })
  await expect(made.acquire()).rejects.toThrow('refused')
  expect(made.inUse).toBe(0)
})

test('closing refuses who waits and ends when the last session has come back', async () => {
  const { made, closed } = pool({ max: 1 })
  const session = made.acquire() as Fake
  const refused = expect(made.acquire()).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
  const closing = made.close()
  await refused
  expect(() => made.acquire()).toThrow(expect.objectContaining({ code: 'DATABASE_CLOSED' }))
  made.release(session)
  await closing
  expect(closed).toEqual([1])
})

test('never are more sessions open than allowed, none has two users, and none is lost', async () => {
  const step = fc.oneof(fc.constant('acquire' as const), fc.constant('release' as const), fc.constant('break' as const))
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), async (max, steps) => {
      const { made, opened, closed } = pool({ max })
      const held: Fake[] = []
      for (const next of steps) {
        if (next === 'acquire')
          void Promise.resolve(made.acquire()).then(
            (session) => held.push(session),
            () => undefined,
          )
        else {
          const session = held.shift()
          if (session === undefined) continue
          session.broken = next === 'break'
          made.release(session)
        }
        await vi.advanceTimersByTimeAsync(0)
        expect(opened.length - closed.length).toBeLessThanOrEqual(max)
        expect(new Set(held).size).toBe(held.length)
        expect(made.inUse + made.idle).toBe(opened.length - closed.length)
        expect(made.waiting === 0 || made.inUse === max).toBe(true)
      }
      await vi.advanceTimersByTimeAsync(2_000)
    }),
    { numRuns: 100 },
  )
})
