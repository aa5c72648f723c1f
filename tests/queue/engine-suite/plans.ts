import { createJobId } from '../../../packages/queue/src/job/job-id.ts'
import type { Delivery } from '../../../packages/queue/src/engine/engine.ts'
import { expect, test } from 'vitest'
import { claim, failure, ids, newJob, type OpenWith } from './open-engine.ts'

/** Jobs that have to do with each other: what follows, what waits, what is counted together. */
export function testPlans(openWith: OpenWith): void {
  test('what follows a job is dispatched when it is done', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    await engine.enqueue([newJob(now())])
    const [delivery] = await claim(engine)
    const next = newJob(now(), { job: 'next' })
    await engine.settle([{ kind: 'complete', delivery: delivery as Delivery, follow: [next] }])
    await engine.promote()
    expect(await claim(engine)).toMatchObject([{ id: next.id, job: 'next' }])
  })

  test('a job waits for all those that it comes after', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const parents = [newJob(now()), newJob(now())]
    await engine.enqueue(parents)
    const child = newJob(now(), { after: parents.map(({ id }) => id) })
    await engine.enqueue([child])
    const deliveries = await claim(engine)
    expect(ids(deliveries).toSorted()).toEqual(parents.map(({ id }) => id).toSorted())
    await engine.settle([{ kind: 'complete', delivery: deliveries[0] as Delivery }])
    expect(await claim(engine)).toEqual([])
    await engine.settle([{ kind: 'complete', delivery: deliveries[1] as Delivery }])
    await engine.promote()
    expect(ids(await claim(engine))).toEqual([child.id])
  })

  test('a batch counts what has ended, and dispatches what it was given for its end', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const jobs = [newJob(now()), newJob(now()), newJob(now())]
    const last = newJob(now(), { job: 'last' })
    const id = createJobId(now())
    await engine.enqueueBatch({ id, name: 'b', allowFailures: true, callbacks: { finally: last }, createdAt: now() }, jobs)
    const deliveries = await claim(engine)
    await engine.settle([
      { kind: 'complete', delivery: deliveries[0] as Delivery },
      { kind: 'bury', delivery: deliveries[1] as Delivery, failure: failure(deliveries[1] as Delivery, now()) },
    ])
    expect(await engine.findBatch(id)).toMatchObject({ total: 3, done: 1, failed: 1, state: 'open' })
    await engine.settle([{ kind: 'complete', delivery: deliveries[2] as Delivery }])
    expect(await engine.findBatch(id)).toMatchObject({ done: 2, failed: 1, state: 'failed' })
    await engine.promote()
    expect(await claim(engine)).toMatchObject([{ id: last.id, job: 'last' }])
  })

  test('what waits for a running job that is cancelled is taken out, and so is what waits for that', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const parent = newJob(now())
    await engine.enqueue([parent])
    const child = newJob(now(), { after: [parent.id] })
    await engine.enqueue([child])
    const grandchild = newJob(now(), { after: [child.id] })
    await engine.enqueue([grandchild])
    const [delivery] = await claim(engine)
    expect(await engine.cancel(parent.id)).toBe(true)
    await engine.settle([{ kind: 'cancel', delivery: delivery as Delivery }])
    await engine.maintain()
    await engine.promote()
    for (const { id } of [child, grandchild]) expect(await engine.find(id)).toBeUndefined()
    expect(await claim(engine)).toEqual([])
  })

  test('what waits for a waiting job that is cancelled is taken out, and counts in its batch', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const parent = newJob(now())
    await engine.enqueue([parent])
    const id = createJobId(now())
    const last = newJob(now(), { job: 'last' })
    await engine.enqueueBatch({ id, name: 'b', allowFailures: true, callbacks: { finally: last }, createdAt: now() }, [newJob(now(), { after: [parent.id] })])
    expect(await engine.cancel(parent.id)).toBe(true)
    await engine.maintain()
    expect(await engine.findBatch(id)).toMatchObject({ total: 1, cancelled: 1, state: 'failed' })
    await engine.promote()
    expect(ids(await claim(engine))).toEqual([last.id])
  })

  test('what waits for a job that its failed batch takes out is taken out too', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const [first, second] = [newJob(now(), { priority: 1 }), newJob(now())]
    const id = createJobId(now())
    await engine.enqueueBatch({ id, name: 'b', allowFailures: false, callbacks: {}, createdAt: now() }, [first, second])
    const child = newJob(now(), { after: [second.id] })
    await engine.enqueue([child])
    const [delivery] = (await claim(engine, 'a', 1)) as [Delivery]
    expect(delivery.id).toBe(first.id)
    await engine.settle([{ kind: 'bury', delivery, failure: failure(delivery, now()) }])
    expect(await engine.findBatch(id)).toMatchObject({ failed: 1, cancelled: 1, state: 'failed' })
    expect(await engine.find(child.id)).toBeUndefined()
  })

  test('what follows a job and is refused for its key lies with the dead letters; the job before it is done', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const unique = { key: 'work:1', until: undefined, onConflict: 'reject' as const }
    const holder = newJob(now(), { unique, runAt: now() + 60_000 })
    await engine.enqueue([holder, newJob(now()), newJob(now())])
    const deliveries = await claim(engine)
    const next = newJob(now(), { job: 'next', unique })
    const { refused } = await engine.settle([
      { kind: 'complete', delivery: deliveries[0] as Delivery, follow: [next] },
      { kind: 'complete', delivery: deliveries[1] as Delivery },
    ])
    expect(refused).toEqual([])
    for (const { id } of deliveries) expect(await engine.find(id)).toBeUndefined()
    expect(await opened.dead()).toMatchObject([{ id: next.id, failures: [{ code: 'JOB_DUPLICATE', attempt: 0 }] }])
  })

  test('a chain goes on behind the job that stands for one of its links', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const unique = { key: 'work:2', until: undefined, onConflict: 'existing' as const }
    const holder = newJob(now(), { unique })
    await engine.enqueue([holder])
    const last = newJob(now(), { job: 'last' })
    const first = newJob(now(), { unique, meta: { chain: [last] } })
    expect(await engine.enqueue([first])).toEqual([{ id: holder.id, outcome: 'existing' }])
    const deliveries = await claim(engine)
    expect(ids(deliveries)).toEqual([holder.id])
    await engine.settle([{ kind: 'complete', delivery: deliveries[0] as Delivery }])
    await engine.promote()
    expect(await claim(engine)).toMatchObject([{ id: last.id, job: 'last' }])
  })

  test('a job that waits for others and is replaced waits for those of the new one', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const unique = { key: 'work:3', until: undefined, onConflict: 'replace' as const }
    const [before, after] = [newJob(now()), newJob(now())]
    await engine.enqueue([before, after])
    const holder = newJob(now(), { unique, payload: '1', after: [before.id] })
    await engine.enqueue([holder])
    expect(await engine.enqueue([newJob(now(), { unique, payload: '2', after: [after.id] })])).toEqual([{ id: holder.id, outcome: 'replaced' }])
    const deliveries = await claim(engine)
    const settle = (id: string) => engine.settle([{ kind: 'complete', delivery: deliveries.find((one) => one.id === id) as Delivery }])
    await settle(before.id)
    expect(await engine.find(holder.id)).toMatchObject({ state: 'blocked' })
    await settle(after.id)
    await engine.promote()
    expect(await claim(engine)).toMatchObject([{ id: holder.id, payload: '2' }])
    expect(await claim(engine)).toEqual([])
  })
}
