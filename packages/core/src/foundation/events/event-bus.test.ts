import * as fc from 'fast-check'
import { expect, expectTypeOf, test, vi } from 'vitest'
import { createEventBus } from './event-bus.ts'
import { event } from './event.ts'
import { listen, type Listener } from './listen.ts'

const Sold = event<{ id: string }>('car.sold')
const Added = event<{ id: string }>('car.added')

function busOf(...listeners: Listener[]) {
  const reports: unknown[][] = []
  return { bus: createEventBus({ listeners, report: (...report) => void reports.push(report) }), reports }
}

test('listeners get the payload of their event, with its type, and of no other', async () => {
  const seen: unknown[] = []
  const { bus } = busOf(
    listen(Sold, (payload) => {
      expectTypeOf(payload).toEqualTypeOf<{ id: string }>()
      seen.push(['sold', payload.id])
    }),
    listen(Added, (payload) => void seen.push(['added', payload.id])),
  )
  await bus.emit(Sold, { id: '7' })
  expect(seen).toEqual([['sold', '7']])
  // @ts-expect-error the payload has another type
  await bus.emit(Sold, { id: 7 })
})

test('an event that nobody listens to, or another one of the same name, is told to nobody', async () => {
  const handle = vi.fn()
  const { bus } = busOf(listen(Sold, handle))
  await bus.emit(Added, { id: '7' })
  await bus.emit(event<{ id: string }>('car.sold'), { id: '7' })
  expect(handle).not.toHaveBeenCalled()
})

test('awaited listeners run one after the other in order of registration, and emit waits for them', async () => {
  const seen: string[] = []
  const slow = async () => {
    seen.push('first begins')
    await new Promise((resolve) => setImmediate(resolve))
    seen.push('first ends')
  }
  const { bus } = busOf(
    listen(Sold, slow),
    listen(Sold, () => void seen.push('second')),
  )
  await bus.emit(Sold, { id: '7' })
  expect(seen).toEqual(['first begins', 'first ends', 'second'])
})

test('deferred listeners start after the awaited ones and after emit has resolved, and idle waits for them', async () => {
  const seen: string[] = []
  const gate = Promise.withResolvers<void>()
  const { bus } = busOf(
    listen(Sold, async () => (await gate.promise, seen.push('deferred')), { mode: 'deferred' }),
    listen(Sold, async () => {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      seen.push('awaited')
    }),
  )
  gate.resolve()
  await bus.emit(Sold, { id: '7' })
  seen.push('emitted')
  await bus.idle()
  expect(seen).toEqual(['awaited', 'emitted', 'deferred'])
})

test('a deferred listener that hangs holds up neither emit nor the other deferred ones', async () => {
  const done = Promise.withResolvers<void>()
  const { bus } = busOf(
    listen(Sold, () => new Promise(() => {}), { mode: 'deferred' }),
    listen(Sold, () => done.resolve(), { mode: 'deferred' }),
  )
  await bus.emit(Sold, { id: '7' })
  await done.promise
})

test('a listener that throws or rejects is reported once, with event, name and payload, and stops nobody', async () => {
  const [thrown, rejected, late] = [new Error('thrown'), new Error('rejected'), new Error('late')]
  const last = vi.fn()
  const { bus, reports } = busOf(
    listen(
      Sold,
      () => {
        throw thrown
      },
      { name: 'throws' },
    ),
    listen(Sold, async function rejects() {
      throw rejected
    }),
    listen(Sold, () => Promise.reject(late), { mode: 'deferred', name: 'fails later' }),
    listen(Sold, last),
  )
  await bus.emit(Sold, { id: '7' })
  await bus.idle()
  expect(last).toHaveBeenCalledTimes(1)
  expect(reports).toEqual([
    [thrown, 'car.sold', 'throws', { id: '7' }],
    [rejected, 'car.sold', 'rejects', { id: '7' }],
    [late, 'car.sold', 'fails later', { id: '7' }],
  ])
})

test('a report that fails breaks nothing and is logged', async () => {
  const error = vi.fn()
  const last = vi.fn()
  const log = { error } as never
  const bus = createEventBus({
    listeners: [
      listen(
        Sold,
        () => {
          throw new Error('bad')
        },
        { name: 'bad' },
      ),
      listen(Sold, last),
    ],
    report: () => {
      throw new Error('reporter down')
    },
    log,
  })
  await bus.emit(Sold, { id: '7' })
  expect(last).toHaveBeenCalledTimes(1)
  expect(error).toHaveBeenCalledWith(expect.objectContaining({ event: 'car.sold', listener: 'bad' }), expect.any(String))
})

test('a listener may emit; idle waits for what its listeners defer as well', async () => {
  const seen: string[] = []
  const { bus } = busOf(
    listen(
      Sold,
      async ({ id }) => {
        await bus.emit(Added, { id })
        seen.push('sold')
      },
      { mode: 'deferred' },
    ),
    listen(Added, () => void seen.push('added')),
    listen(Added, () => void seen.push('added, later'), { mode: 'deferred' }),
  )
  await bus.emit(Sold, { id: '7' })
  await bus.idle()
  expect(seen).toEqual(['added', 'sold', 'added, later'])
})

test('idle is immediate when nothing is deferred', async () => {
  await busOf(listen(Sold, () => undefined)).bus.idle()
})

test('a listener added later is told from then on, until it is removed', async () => {
  const { bus } = busOf()
  const handle = vi.fn()
  const off = bus.on(listen(Sold, handle))
  await bus.emit(Sold, { id: '1' })
  off()
  off()
  await bus.emit(Sold, { id: '2' })
  expect(handle.mock.calls).toEqual([[{ id: '1' }]])
})

test('the same listener added twice is told twice, and removed once', async () => {
  const handle = vi.fn()
  const listener = listen(Sold, handle)
  const { bus } = busOf(listener)
  const off = bus.on(listener)
  await bus.emit(Sold, { id: '1' })
  off()
  await bus.emit(Sold, { id: '2' })
  expect(handle.mock.calls.map(([payload]) => payload)).toEqual([{ id: '1' }, { id: '1' }, { id: '2' }])
})

test('adding and removing during an emit counts from the next one', async () => {
  const seen: string[] = []
  const { bus } = busOf()
  const offs: (() => void)[] = []
  bus.on(
    listen(Sold, () => {
      seen.push('first')
      offs.forEach((off) => off())
      bus.on(listen(Sold, () => void seen.push('new')))
    }),
  )
  offs.push(bus.on(listen(Sold, () => void seen.push('second'))))
  await bus.emit(Sold, { id: '1' })
  expect(seen).toEqual(['first', 'second'])
  await bus.emit(Sold, { id: '2' })
  expect(seen).toEqual(['first', 'second', 'first', 'new'])
})

test('a capture has what was emitted while it ran, whether anybody listens or not', async () => {
  const { bus } = busOf()
  await bus.emit(Sold, { id: '1' })
  const capture = bus.capture()
  await bus.emit(Sold, { id: '2' })
  await bus.emit(Added, { id: '3' })
  await bus.emit(Sold, { id: '4' })
  capture.stop()
  await bus.emit(Sold, { id: '5' })
  const sold = capture.of(Sold)
  expectTypeOf(sold).toEqualTypeOf<{ id: string }[]>()
  expect(sold).toEqual([{ id: '2' }, { id: '4' }])
  expect(capture.occurrences.map(({ event }) => event.name)).toEqual(['car.sold', 'car.added', 'car.sold'])
})

test('a capture ends with its block', async () => {
  const { bus } = busOf()
  let escaped
  {
    using capture = bus.capture()
    escaped = capture
  }
  await bus.emit(Sold, { id: '1' })
  expect(escaped.occurrences).toEqual([])
})

test('whatever the listeners do, each is told once, in order of registration, and each failure is reported once', async () => {
  const kind = fc.record({
    mode: fc.constantFrom('awaited' as const, 'deferred' as const),
    outcome: fc.constantFrom('returns', 'throws', 'resolves', 'rejects'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(kind, { maxLength: 10 }), async (kinds) => {
      const told: number[] = []
      const { bus, reports } = busOf(
        ...kinds.map(({ mode, outcome }, index) =>
          listen(
            Sold,
            () => {
              told.push(index)
              if (outcome === 'throws') throw new Error('bad')
              return outcome === 'rejects' ? Promise.reject(new Error('bad')) : outcome === 'resolves' ? Promise.resolve() : undefined
            },
            { mode, name: String(index) },
          ),
        ),
      )
      await bus.emit(Sold, { id: '7' })
      await bus.idle()
      const numbers = (test: (kind: (typeof kinds)[number]) => boolean) => kinds.flatMap((each, index) => (test(each) ? [index] : []))
      expect(told).toEqual([...numbers(({ mode }) => mode === 'awaited'), ...numbers(({ mode }) => mode === 'deferred')])
      const failed = numbers(({ outcome }) => outcome === 'throws' || outcome === 'rejects')
      expect(reports.map(([, , name]) => Number(name)).toSorted((a, b) => a - b)).toEqual(failed)
    }),
    { numRuns: 100 },
  )
})
