import type { Delivery } from '../../../packages/queue/src/engine/engine.ts'
import type { NewJob } from '../../../packages/queue/src/engine/stored-job.ts'
import { expect, test } from 'vitest'
import { claim, failure, ids, leaseMs, newJob, workerRecord, type OpenWith } from './open-engine.ts'

/** What is dispatched is given to one claimant, in order and in time, until something has become of it. */
export function testDeliveries(openWith: OpenWith): void {
  test('a job is given to one claimant, with what was stored, and is gone once it is done', async () => {
    await using opened = await openWith('a', 'b')
    const { engine, now } = opened
    const meta = { tags: ['x'], trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', traceState: 'a=b', requestId: 'request-1' }
    const job = newJob(now(), { payload: '{"text":"ä\\"\\u0000"}', meta })
    expect(await engine.enqueue([job])).toEqual([{ id: job.id, outcome: 'queued' }])
    const [delivery] = await claim(engine)
    expect(delivery).toMatchObject({ id: job.id, job: 'work', queue: 'default', payload: job.payload, attempt: 1, tries: 3, meta })
    expect(await claim(engine, 'b')).toEqual([])
    expect(await engine.find(job.id)).toMatchObject({ state: 'active', attempts: 1, worker: 'a' })
    expect((await engine.settle([{ kind: 'complete', delivery: delivery as Delivery }])).refused).toEqual([])
    expect(await engine.find(job.id)).toBeUndefined()
    expect(await engine.depths()).toEqual([])
  })

  test('the most urgent come first, and those alike in the order of their dispatch', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const list = [0, 0, 5, -5, 5].map((priority) => newJob(now(), { priority }))
    await engine.enqueue(list)
    const expected = [2, 4, 0, 1, 3].map((index) => (list[index] as NewJob).id)
    const order = [...ids(await claim(engine, 'a', 2)), ...ids(await claim(engine, 'a', 1)), ...ids(await claim(engine))]
    expect(order).toEqual(expected)
  })

  test('hundreds of one dispatch are given out in its order', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const list = Array.from({ length: 450 }, (_, index) => newJob(now(), { payload: String(index) }))
    await engine.enqueue(list)
    const found: string[] = []
    while (found.length < list.length) found.push(...ids(await claim(engine, 'a', 1)))
    expect(found).toEqual(list.map(({ id }) => id))
  })

  test('queues are asked in the order of the request', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const [low, high] = [newJob(now(), { queue: 'low' }), newJob(now(), { queue: 'high' })]
    await engine.enqueue([low, high])
    expect(ids(await claim(engine, 'a', 1, ['high', 'low']))).toEqual([high.id])
    expect(ids(await claim(engine, 'a', 5, ['high', 'low']))).toEqual([low.id])
  })

  test('a delayed job is not given out before its time', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    const job = newJob(now(), { runAt: now() + 400 })
    await engine.enqueue([job])
    await engine.promote()
    expect(await claim(engine)).toEqual([])
    expect((await engine.depths())[0]?.states.delayed).toBe(1)
    await pass(450)
    await engine.promote()
    expect(ids(await claim(engine))).toEqual([job.id])
  })

  test('many claim at once: no job is given out twice, and none is left', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const list = Array.from({ length: 300 }, () => newJob(now()))
    await engine.enqueue(list)
    const seen: string[] = []
    const work = async () => {
      for (;;) {
        const deliveries = await claim(engine, 'a', 7)
        if (deliveries.length === 0) return
        seen.push(...ids(deliveries))
        await engine.settle(deliveries.map((delivery) => ({ kind: 'complete' as const, delivery })))
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    expect(seen.toSorted()).toEqual(list.map(({ id }) => id).toSorted())
    expect(await engine.depths()).toEqual([])
  })

  test('what is settled and what is claimed next happen in one turn', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    await engine.enqueue([newJob(now()), newJob(now())])
    const first = await claim(engine, 'a', 1)
    const { refused, deliveries } = await engine.settle([{ kind: 'complete', delivery: first[0] as Delivery }], {
      worker: 'a',
      queues: ['default'],
      limit: 5,
      suspects: 0,
    })
    expect(refused).toEqual([])
    expect(deliveries).toHaveLength(1)
    expect(deliveries[0]?.id).not.toBe(first[0]?.id)
  })

  test('a failed attempt comes back after its wait, with its history; the last one ends in the dead letters', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    const job = newJob(now(), { tries: 2 })
    await engine.enqueue([job])
    const [first] = await claim(engine)
    await engine.settle([{ kind: 'retry', delivery: first as Delivery, runAt: now() + 300, failure: failure(first as Delivery, now()) }])
    expect(await claim(engine)).toEqual([])
    await pass(350)
    await engine.promote()
    const [second] = await claim(engine)
    expect(second).toMatchObject({ id: job.id, attempt: 2, failures: [{ attempt: 1, message: 'no' }] })
    await engine.settle([{ kind: 'bury', delivery: second as Delivery, failure: failure(second as Delivery, now()) }])
    expect(await engine.find(job.id)).toBeUndefined()
    expect(await opened.dead()).toMatchObject([{ id: job.id, failures: [{ attempt: 1 }, { attempt: 2 }] }])
  })

  test('a job that is handed back does not lose an attempt', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    await engine.enqueue([newJob(now())])
    const [first] = await claim(engine)
    await engine.settle([{ kind: 'release', delivery: first as Delivery, runAt: now() }])
    expect(await claim(engine)).toMatchObject([{ id: first?.id, attempt: 1 }])
  })

  test('a dispatch in a transaction commits with it, or was never made', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const [kept, lost] = [newJob(now()), newJob(now())]
    await opened.transaction(() => engine.enqueue([kept]))
    await expect(
      opened.transaction(async () => {
        await engine.enqueue([lost])
        throw new RangeError('no')
      }),
    ).rejects.toThrow('no')
    await engine.promote()
    expect(ids(await claim(engine))).toEqual([kept.id])
  })

  test('work in the transaction of its settlement is kept once, and undone where the job belongs to another by then', async () => {
    await using opened = await openWith('lost')
    const { engine, now, pass } = opened
    await engine.enqueue([newJob(now())])
    const [stale] = await claim(engine, 'lost')
    await pass(leaseMs + 200)
    await engine.pulse(workerRecord('b', now()), leaseMs, true)
    await engine.maintain()
    const [taken] = await claim(engine, 'b')
    const effects = [newJob(now(), { queue: 'effects' }), newJob(now(), { queue: 'effects' })] as const
    const settle = (delivery: Delivery, effect: NewJob) =>
      engine.settleWithin(delivery, async () => {
        await engine.enqueue([effect])
        return { kind: 'complete', delivery }
      })
    await expect(settle(stale as Delivery, effects[0])).rejects.toMatchObject({ code: 'JOB_LEASE_LOST' })
    await settle(taken as Delivery, effects[1])
    await engine.promote()
    expect(ids(await claim(engine, 'b', 10, ['effects', 'default']))).toEqual([effects[1].id])
  })

  test('what became of a job and cannot be stored holds up neither what became of others nor what is claimed next', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    // Kept ones, so that every engine has them in a database.
    const jobs = Array.from({ length: 4 }, () => newJob(now(), { keepMs: 60_000 }))
    await engine.enqueue(jobs)
    const [first, second, third] = (await claim(engine, 'a', 3)) as [Delivery, Delivery, Delivery]
    const broken = { kind: 'retry' as const, delivery: second, runAt: undefined as never, failure: failure(second, now()) }
    const settle = [{ kind: 'complete' as const, delivery: first }, broken, { kind: 'complete' as const, delivery: third }]
    const settled = await engine.settle(settle, { worker: 'a', queues: ['default'], limit: 10, suspects: 0 })
    expect(settled).toMatchObject({ refused: [], unsettled: [broken] })
    expect(ids(settled.deliveries)).toEqual([jobs[3]?.id])
    for (const { id } of [first, third]) expect(await engine.find(id)).toMatchObject({ state: 'done' })
    expect(await engine.find(second.id)).toMatchObject({ state: 'active' })
    // Alone it holds up as little.
    expect(await engine.settle([broken])).toMatchObject({ unsettled: [broken] })
    expect(await engine.settle([{ ...broken, runAt: now() }])).toMatchObject({ refused: [] })
  })
}
