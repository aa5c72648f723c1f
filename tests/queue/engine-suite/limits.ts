import type { Delivery } from '../../../packages/queue/src/engine/engine.ts'
import { expect, test } from 'vitest'
import { claim, newJob, type OpenWith } from './open-engine.ts'

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
    await engine.settle([{ kind: 'complete', delivery: running as Delivery }])
    expect(await claim(engine)).toMatchObject([{ payload: '3' }])
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
}
