import type { Delivery } from '../../../packages/queue/src/engine/engine.ts'
import { expect, test } from 'vitest'
import { until } from '../until.ts'
import { claim, ids, leaseMs, newJob, workerRecord, type OpenWith } from './open-engine.ts'

/** Workers are known by their signs of life, and what is lost with one goes to another. */
export function testLeases(openWith: OpenWith): void {
  test('jobs of a lost worker go to another, the crash counts as an attempt, and the lost one is refused from then on', async () => {
    await using opened = await openWith('lost')
    const { engine, now, pass } = opened
    const job = newJob(now())
    await engine.enqueue([job])
    const [stale] = await claim(engine, 'lost')
    await pass(leaseMs + 200)
    await engine.pulse(workerRecord('b', now()), leaseMs, true)
    await engine.maintain()
    const [taken] = await claim(engine, 'b')
    expect(taken).toMatchObject({ id: job.id, attempt: 2, crashes: 1, failures: [{ kind: 'crash', attempt: 1 }] })
    expect((await engine.settle([{ kind: 'complete', delivery: stale as Delivery }])).refused).toEqual([job.id])
    expect(await engine.find(job.id)).toMatchObject({ state: 'active', worker: 'b' })
    expect((await engine.settle([{ kind: 'complete', delivery: taken as Delivery }])).refused).toEqual([])
    expect(await engine.find(job.id)).toBeUndefined()
  })

  test('what was claimed for a worker that never heard of it is handed back, and what it heard of is left alone', async () => {
    await using opened = await openWith('a')
    const { engine, now, pass } = opened
    await engine.enqueue([newJob(now()), newJob(now())])
    const [known] = await claim(engine, 'a', 1)
    const [lost] = await claim(engine, 'a', 1)
    await engine.reconcile('a', new Set([known?.id as string]))
    const again = await until(async () => {
      await engine.pulse(workerRecord('a', now()), leaseMs, false)
      await pass(0)
      return (await claim(engine))[0]
    })
    expect(again.id).toBe(lost?.id)
    expect(again.claim).not.toBe(lost?.claim)
    expect((await engine.settle([{ kind: 'complete', delivery: lost as Delivery }])).refused).toEqual([lost?.id])
    const rest = [known as Delivery, again].map((delivery) => ({ kind: 'complete' as const, delivery }))
    expect((await engine.settle(rest)).refused).toEqual([])
    expect(await engine.depths()).toEqual([])
  })

  test('a job that kills every worker ends in the dead letters with its whole history', async () => {
    await using opened = await openWith()
    const { engine, now, pass } = opened
    const job = newJob(now(), { tries: 2 })
    await engine.enqueue([job])
    for (const worker of ['w1', 'w2']) {
      await engine.pulse(workerRecord(worker, now()), leaseMs, true)
      expect(ids(await claim(engine, worker))).toEqual([job.id])
      await pass(leaseMs + 200)
      await engine.maintain()
    }
    expect(await opened.dead()).toMatchObject([
      {
        id: job.id,
        failures: [
          { kind: 'crash', attempt: 1 },
          { kind: 'crash', attempt: 2 },
        ],
      },
    ])
  })

  test('a worker is told of work that is committed, and is listed with what it says of itself', async () => {
    await using opened = await openWith('a')
    const { engine, now } = opened
    const told = Promise.withResolvers<string>()
    const stop = engine.onWork(told.resolve)
    await opened.transaction(() => engine.enqueue([newJob(now(), { queue: 'mail' })]))
    expect(await told.promise).toBe('mail')
    stop()
    await engine.pulse({ ...workerRecord('a', now()), state: 'busy', running: 3, done: 7 }, leaseMs, false)
    expect(await engine.workers()).toMatchObject([{ id: 'a', state: 'busy', running: 3, done: 7 }])
    await engine.leave('a')
    expect(await engine.workers()).toEqual([])
  })
}
