import { createJobId } from '../../../packages/queue/src/job/job-id.ts'
import type { Delivery } from '../../../packages/queue/src/engine/engine.ts'
import { expect, test } from 'vitest'
import { claim, leaseMs, newJob, workerRecord, type OpenWith } from './open-engine.ts'

/** What can be said to a queue and seen of it. */
export function testAdministration(openWith: OpenWith): void {
  test('a paused queue gives nothing out until it is resumed', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    await engine.pause('default')
    await engine.enqueue([newJob(now()), newJob(now(), { queue: 'other' })])
    expect(await claim(engine, 'a', 10, ['default'])).toEqual([])
    expect(await claim(engine, 'a', 10, ['other'])).toHaveLength(1)
    expect((await engine.depths()).find(({ queue }) => queue === 'default')).toMatchObject({ paused: true })
    expect(await engine.workers()).toMatchObject([{ id: 'a', state: 'paused' }])
    await engine.resume('default')
    expect(await engine.workers()).toMatchObject([{ id: 'a', state: 'idle' }])
    expect(await claim(engine)).toHaveLength(1)
  })

  test('a waiting job that is cancelled is gone; a running one is told through its worker', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const [waiting, running] = [newJob(now(), { priority: -1 }), newJob(now())]
    await engine.enqueue([waiting, running])
    const [delivery] = await claim(engine, 'a', 1)
    expect(await engine.cancel(waiting.id)).toBe(true)
    expect(await engine.cancel(running.id)).toBe(true)
    expect(await engine.cancel(createJobId(now()))).toBe(false)
    expect(await engine.find(waiting.id)).toBeUndefined()
    expect((await engine.pulse(workerRecord('a', now()), leaseMs, false)).cancelled).toEqual([running.id])
    await engine.settle([{ kind: 'cancel', delivery: delivery as Delivery }])
    expect(await engine.find(running.id)).toBeUndefined()
    expect(await claim(engine)).toEqual([])
  })

  test('a result stays for its time and is pruned after it; progress is seen while the job runs', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    const job = newJob(now(), { keepMs: 500 })
    await engine.enqueue([job])
    const [delivery] = await claim(engine)
    await engine.reportProgress(delivery as Delivery, '{"percent":40}')
    expect((await engine.find(job.id))?.progress).toEqual({ percent: 40 })
    await engine.settle([{ kind: 'complete', delivery: delivery as Delivery, result: '{"rows":3}' }])
    expect(await engine.find(job.id)).toMatchObject({ state: 'done', result: { rows: 3 } })
    await pass(600)
    await engine.maintain()
    expect(await engine.find(job.id)).toBeUndefined()
  })

  test('results are pruned as fast as they come, thousands in one turn', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    await engine.enqueue(Array.from({ length: 2_100 }, () => newJob(now(), { keepMs: 500 })))
    const deliveries = await claim(engine, 'a', 3_000)
    await engine.settle(deliveries.map((delivery) => ({ kind: 'complete', delivery, result: '1' })))
    expect(await engine.maintain()).toMatchObject({ pruned: 0 })
    await pass(600)
    expect(await engine.maintain()).toMatchObject({ pruned: 2_100 })
    expect(await engine.list({})).toEqual([])
  })
}
