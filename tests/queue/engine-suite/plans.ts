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
}
