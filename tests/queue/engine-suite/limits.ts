import type { Delivery } from '../../../packages/queue/src/engine/engine.ts'
import { expect, test } from 'vitest'
import { claim, failure, ids, leaseMs, newJob, workerRecord, type OpenWith } from './open-engine.ts'

/** Keys: which jobs are the same, how many run at once, and how many start within a time. */
export function testLimits(openWith: OpenWith): void {
  test('a key is taken until the job has ended: the other dispatch is answered with the job that is there, or refused', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const unique = { key: 'k', until: undefined, onConflict: 'existing' as const }
    const first = newJob(now(), { unique })
    await engine.enqueue([first])
    expect(await engine.enqueue([newJob(now(), { unique })])).toEqual([{ id: first.id, outcome: 'existing' }])
    const rejected = engine.enqueue([newJob(now(), { unique: { ...unique, onConflict: 'reject' } })])
    await expect(rejected).rejects.toMatchObject({ code: 'JOB_DUPLICATE' })
    const [delivery] = await claim(engine)
    expect(await engine.enqueue([newJob(now(), { unique })])).toEqual([{ id: first.id, outcome: 'existing' }])
    await engine.settle([{ kind: 'complete', delivery: delivery as Delivery }])
    const next = newJob(now(), { unique })
    expect(await engine.enqueue([next])).toEqual([{ id: next.id, outcome: 'queued' }])
  })

  test('a waiting job with the same key is replaced; a running one goes on and the new one waits behind it', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const unique = { key: 'k', until: undefined, onConflict: 'replace' as const }
    const first = newJob(now(), { unique, payload: '1' })
    await engine.enqueue([first])
    expect(await engine.enqueue([newJob(now(), { unique, payload: '2' })])).toMatchObject([{ outcome: 'replaced' }])
    const [running] = await claim(engine)
    expect(running?.payload).toBe('2')
    expect(await engine.enqueue([newJob(now(), { unique, payload: '3' })])).toMatchObject([{ outcome: 'queued' }])
    expect(await claim(engine)).toEqual([])
    expect(await engine.enqueue([newJob(now(), { unique, payload: '4' })])).toMatchObject([{ outcome: 'replaced' }])
    expect(await claim(engine)).toEqual([])
    // Its next attempt comes before the new one as well.
    await engine.settle([{ kind: 'retry', delivery: running as Delivery, runAt: now(), failure: failure(running as Delivery, now()) }])
    await engine.promote()
    const [again, ...others] = await claim(engine)
    expect(again?.payload).toBe('2')
    expect(others).toEqual([])
    await engine.settle([{ kind: 'complete', delivery: again as Delivery }])
    expect(await claim(engine)).toMatchObject([{ payload: '4' }])
  })

  test('what waits behind a running job of its key runs also when that fails for good or is cancelled', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    for (const end of ['bury', 'cancel'] as const) {
      const unique = { key: end, until: undefined, onConflict: 'replace' as const }
      await engine.enqueue([newJob(now(), { unique, payload: '1' })])
      const [running] = (await claim(engine)) as [Delivery]
      await engine.enqueue([newJob(now(), { unique, payload: '2' })])
      const about = end === 'bury' ? { kind: end, failure: failure(running, now()) } : { kind: end }
      await engine.settle([{ ...about, delivery: running }])
      await engine.promote()
      const [next] = (await claim(engine)) as [Delivery]
      expect(next.payload).toBe('2')
      await engine.settle([{ kind: 'complete', delivery: next }])
    }
  })

  test('a key with a window stays taken after the job is done, until the window ends', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    const unique = () => ({ key: 'k', until: now() + 1_000, onConflict: 'existing' as const })
    const first = newJob(now(), { unique: unique() })
    await engine.enqueue([first])
    const [delivery] = await claim(engine)
    await engine.settle([{ kind: 'complete', delivery: delivery as Delivery }])
    expect(await engine.enqueue([newJob(now(), { unique: unique() })])).toEqual([{ id: first.id, outcome: 'existing' }])
    await pass(1_100)
    expect(await engine.enqueue([newJob(now(), { unique: unique() })])).toMatchObject([{ outcome: 'queued' }])
  })

  test('a key runs no more jobs at once than its limit, and keys take turns', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const group = (key: string) => ({ group: { key, concurrency: 2, rate: undefined } })
    await engine.enqueue([...Array.from({ length: 6 }, () => newJob(now(), group('big'))), newJob(now(), group('small'))])
    const first = await claim(engine, 'a', 3)
    const keys = first.map(({ groupKey }) => groupKey)
    expect(keys.filter((key) => key === 'big').length).toBeLessThanOrEqual(2)
    expect(keys).toContain('small')
    await claim(engine, 'a', 10)
    expect((await engine.list({ state: 'active' })).length).toBeLessThanOrEqual(3)
    expect(await claim(engine)).toEqual([])
    const big = first.find(({ groupKey }) => groupKey === 'big') as Delivery
    await engine.settle([{ kind: 'complete', delivery: big }])
    expect(await claim(engine)).toHaveLength(1)
  })

  test('no more start within a time than the rate allows', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    const group = { key: 'slow', concurrency: undefined, rate: { limit: 2, perMs: 600 } }
    await engine.enqueue(Array.from({ length: 5 }, () => newJob(now(), { group })))
    expect((await claim(engine)).length).toBe(2)
    expect(await claim(engine)).toEqual([])
    await pass(700)
    await engine.promote()
    expect((await claim(engine)).length).toBe(2)
  })

  test('a queue runs no more jobs at once than its limit, whoever asks and whatever its jobs are; others are not held back', async () => {
    await using opened = await openWith('a', 'b')
    const { engine, now } = opened
    const [queue, plain] = ['capped', { queue: 'capped' }]
    const grouped = { queue, group: { key: 'tenant', concurrency: 2, rate: undefined } }
    await engine.enqueue([
      ...Array.from({ length: 4 }, () => newJob(now(), plain)),
      ...Array.from({ length: 4 }, () => newJob(now(), grouped)),
      newJob(now(), { ...plain, priority: 9 }),
      ...Array.from({ length: 5 }, () => newJob(now())),
    ])
    const asked = await Promise.all([0, 1, 2, 3].map((index) => claim(engine, index % 2 === 0 ? 'a' : 'b', 2, [queue])))
    const first = asked.flat()
    // As workers do that found nothing for themselves.
    while (first.length < 3) first.push(...(await claim(engine, 'a', 2, [queue])))
    expect(first).toHaveLength(3)
    expect(await engine.list({ queue, state: 'active' })).toHaveLength(3)
    expect((await engine.limits())[0]).toMatchObject({ queue, concurrency: { limit: 3, active: 3 } })
    expect(await claim(engine, 'b', 9, [queue])).toEqual([])
    expect(await claim(engine, 'b', 9, [queue, 'default'])).toHaveLength(5)
    const ran = new Set(ids(first))
    for (let open: readonly Delivery[] = first; open.length > 0;) {
      const settled = await engine.settle(
        open.map((delivery) => ({ kind: 'complete' as const, delivery })),
        { worker: 'a', queues: [queue], limit: 100, suspects: 1 },
      )
      open = settled.deliveries
      expect(open.length).toBeLessThanOrEqual(3)
      for (const id of ids(open)) ran.add(id)
    }
    expect(ran.size).toBe(9)
  })

  test('a place in a queue is free again when its job is handed back, tried again, buried or lost with its worker', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    const take = () => claim(engine, 'a', 100, ['capped'])
    await engine.enqueue(Array.from({ length: 6 }, () => newJob(now(), { queue: 'capped', tries: 2 })))
    const [one, two, three] = (await take()) as [Delivery, Delivery, Delivery]
    await engine.settle([
      { kind: 'release', delivery: one, runAt: now() + 60_000 },
      { kind: 'retry', delivery: two, runAt: now() + 60_000, failure: failure(two, now()) },
      { kind: 'bury', delivery: three, failure: failure(three, now()) },
    ])
    expect(await take()).toHaveLength(3)
    expect(await take()).toEqual([])
    await pass(leaseMs + 100)
    await engine.maintain()
    await engine.pulse(workerRecord('b', now()), leaseMs, true)
    expect(await claim(engine, 'b', 100, ['capped'])).toHaveLength(3)
  })

  test('no more jobs of a queue start within a time than its rate allows; what is used is seen, and when it may go on', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    const rateOf = async () => (await engine.limits()).find(({ queue }) => queue === 'slow')?.rate
    await engine.enqueue(Array.from({ length: 5 }, () => newJob(now(), { queue: 'slow' })))
    expect(await rateOf()).toEqual({ limit: 2, perMs: 600, used: 0 })
    const started = now()
    const first = await claim(engine, 'a', 100, ['slow'])
    expect(first).toHaveLength(2)
    const next = await engine.settle(
      first.map((delivery) => ({ kind: 'complete' as const, delivery })),
      { worker: 'a', queues: ['slow'], limit: 100, suspects: 1 },
    )
    expect(next.deliveries).toEqual([])
    expect(await rateOf()).toEqual({ limit: 2, perMs: 600, used: 2 })
    const { nextAt } = await engine.promote()
    expect(nextAt).toBeGreaterThanOrEqual(started + 600)
    expect(nextAt).toBeLessThanOrEqual(now() + 600)
    const told = Promise.withResolvers<string>()
    const stop = engine.onWork(told.resolve)
    await pass(700)
    await engine.promote()
    expect(await told.promise).toBe('slow')
    stop()
    expect(await claim(engine, 'a', 100, ['slow'])).toHaveLength(2)
    expect(await engine.limits()).toMatchObject([
      { queue: 'capped', concurrency: { limit: 3, active: 0 } },
      { queue: 'slow', rate: { used: 2 } },
    ])
  })
}
