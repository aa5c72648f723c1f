import { sql } from '@glueful/database'
import { chain, job, Queue, release, skipWhen, throttleExceptions, withoutOverlapping, type JobMiddleware } from '@glueful/queue'
import { DatabaseLimitStore, SharedLocks } from 'glueful'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openApp, until } from './open-app.ts'
import { openQueue } from './open-queue.ts'

const pause = (ms: number) => new Promise((resolve) => void setTimeout(resolve, ms))
const many = (count: number) => Array.from({ length: count }, () => undefined)

test('a job whose condition holds ends as done without running, and what follows it goes on', async () => {
  const ran: string[] = []
  const gone = new Set(['b'])
  const Mail = job(
    'mail',
    { payload: z.object({ to: z.string() }), tries: 1, middleware: [skipWhen(async ({ payload }) => gone.has(payload.to))] },
    ({ payload }) => void ran.push(payload.to),
  )
  const Never = job('never', { middleware: [skipWhen(() => true)] }, () => void ran.push('never'))
  const After = job('after', {}, () => void ran.push('after'))
  await using open = await openQueue({ jobs: [Mail, Never, After] })
  await Mail.dispatchMany([{ to: 'a' }, { to: 'b' }])
  await chain([Never.with(), After.with()]).dispatch()
  expect((await open.queue.runUntilEmpty()).map(({ outcome }) => outcome)).toEqual(['complete', 'complete', 'complete', 'complete'])
  expect(ran).toEqual(['a', 'after'])
})

test('jobs of one key run one at a time over all workers, of whatever class; none loses an attempt by waiting', async () => {
  const running = new Map<string, number>()
  const most = new Map<string, number>()
  let done = 0
  const run = async ({ payload }: { readonly payload: string }) => {
    running.set(payload, (running.get(payload) ?? 0) + 1)
    most.set(payload, Math.max(most.get(payload) ?? 0, running.get(payload) ?? 0))
    await pause(5)
    running.set(payload, (running.get(payload) ?? 0) - 1)
    done++
  }
  const alone = { payload: z.string(), tries: 1, middleware: [withoutOverlapping({ name: 'shop', key: (shop: string) => shop, releaseAfter: 10 })] }
  const Import = job('import', alone, run)
  const Export = job('export', alone, run)
  await using open = await openApp({ jobs: [Import, Export] })
  const keys = Array.from({ length: 15 }, (_, index) => `shop ${index % 3}`)
  await Import.dispatchMany(keys)
  await Export.dispatchMany(keys)
  const workers = [await open.startWorker({ concurrency: 4 }), await open.startWorker({ concurrency: 4 })]
  await until(() => done === 30)
  expect([...most.values()]).toEqual([1, 1, 1])
  for (const worker of workers) await worker.stop(1_000)
  expect(await open.db.all(sql`select id from glueful_dead_letters`)).toEqual([])
})

test('one that finds another running may end as done instead; the key is free when that one fails', async () => {
  const Refresh = job('refresh', { tries: 1, middleware: [withoutOverlapping({ onOverlap: 'skip' })] }, () => {
    throw new Error('no')
  })
  await using open = await openQueue({ jobs: [Refresh] })
  const lock = await open.app.use(SharedLocks).lock('job:refresh')
  await Refresh.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'complete' }])
  await lock.release()
  await Refresh.dispatchMany(many(2))
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'bury' }, { outcome: 'bury' }])
})

test('the key of a process that was killed is free when it has expired, and the job has all its attempts then', async () => {
  const attempts: number[] = []
  const Work = job(
    'work',
    { tries: 1, middleware: [withoutOverlapping({ releaseAfter: 50, expiresAfter: '1s' })] },
    ({ attempt }) => void attempts.push(attempt),
  )
  await using open = await openApp({ jobs: [Work] })
  await open.app.use(SharedLocks).lock('job:work', { ttl: '1s' })
  await Work.dispatch()
  const worker = await open.startWorker()
  await until(() => attempts.length === 1)
  expect(attempts).toEqual([1])
  await worker.stop(1_000)
})

test('a long key is its digest, and where nobody knows who has a key the job is handed back', async () => {
  const Work = job('work', { payload: z.string(), tries: 1, middleware: [withoutOverlapping({ key: (text: string) => text })] }, () => {})
  await using open = await openQueue({ jobs: [Work] })
  await Work.dispatch('x'.repeat(1_000))
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'complete' }])
  await open.db.script('alter table glueful_locks rename to gone')
  await Work.dispatch('y')
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'release' }])
  expect(open.logs().filter(({ level }) => level === 40)).toMatchObject([{ job: 'work', msg: expect.stringMatching(/is not known; the job is handed back/) }])
  await open.db.script('alter table gone rename to glueful_locks')
  expect(await open.queue.travel('10s')).toMatchObject([{ outcome: 'complete', attempt: 1 }])
})

test('middleware of a transactional job runs around its transaction: a key is held until the work is committed', async () => {
  const seen: unknown[] = []
  const look: JobMiddleware = async (_ctx, next) => {
    const result = await next()
    seen.push(await open.db.all(sql`select n from effects`))
    return result
  }
  const Write = job('write', { transactional: true, tries: 1, middleware: [withoutOverlapping(), look] }, async () => {
    await open.db.run(sql`insert into effects (n) values (1)`)
  })
  await using open = await openApp({ jobs: [Write] })
  await open.db.script('create table effects (n integer)')
  await Write.dispatch()
  const worker = await open.startWorker()
  await until(() => worker.stats.done === 1)
  expect(seen.at(-1)).toEqual([{ n: 1 }])
  await worker.stop(1_000)
})

test('what middleware does after the commit of a transactional job changes nothing any more; before it, all', async () => {
  let then = 'fails'
  const around: JobMiddleware = async (_ctx, next) => {
    if (then === 'catches') return next().catch(() => release('1m'))
    const result = await next()
    if (then === 'fails') throw new Error('after the commit')
    return then === 'releases' ? release('1m') : result
  }
  const Write = job('write', { transactional: true, tries: 1, keep: '1d', middleware: [around] }, async () => {
    await open.db.run(sql`insert into effects (n) values (1)`)
    if (then === 'catches') throw new Error('in the transaction')
    return 'written'
  })
  await using open = await openQueue({ jobs: [Write] })
  await open.db.script('create table effects (n integer)')
  const runs = async () => {
    const { id } = await Write.dispatch()
    const [run] = await open.queue.runUntilEmpty()
    return [run?.outcome, (await open.app.use(Queue).find(id))?.result, (await open.db.all(sql`select n from effects`)).length]
  }
  expect(await runs()).toEqual(['complete', 'written', 1])
  expect(open.logs().filter(({ level }) => level === 50)).toMatchObject([{ job: 'write', msg: expect.stringMatching(/committed already/) }])
  then = 'releases'
  expect(await runs()).toEqual(['complete', 'written', 2])
  then = 'catches'
  expect(await runs()).toEqual(['release', undefined, 2])
})

test('after so many failures all jobs of a key are held back without losing attempts, and run when the time is over', async () => {
  let broken = true
  const ran: string[] = []
  const Charge = job(
    'charge',
    {
      payload: z.object({ shop: z.string() }),
      tries: 2,
      backoff: () => 100,
      middleware: [throttleExceptions({ failures: 3, within: '1m', hold: '2s', key: ({ shop }) => shop })],
    },
    ({ payload }) => {
      ran.push(payload.shop)
      if (broken && payload.shop === 'down') throw new Error('503')
    },
  )
  await using open = await openApp({ jobs: [Charge] })
  await Charge.dispatchMany(Array.from({ length: 3 }, () => ({ shop: 'down' })))
  const worker = await open.startWorker({ concurrency: 1 })
  await until(() => ran.length === 3)
  await until(
    () => open.parts.engine.list({ state: 'delayed' }),
    (list) => list.length === 3 && list.every(({ runAt }) => runAt - Date.now() > 500),
  )
  // Each has failed once, and waits for its last attempt.
  expect((await open.parts.engine.list({})).map(({ attempts }) => attempts)).toEqual([1, 1, 1])
  expect(open.logs().filter(({ msg }) => typeof msg === 'string' && msg.startsWith('Too many attempts'))).toHaveLength(1)
  await Charge.dispatchMany([{ shop: 'down' }, { shop: 'up' }])
  await until(() => ran.length === 4)
  expect(ran).toEqual(['down', 'down', 'down', 'up'])
  broken = false
  await until(() => ran.length === 8)
  expect(ran.slice(4)).toEqual(['down', 'down', 'down', 'down'])
  await worker.stop(1_000)
  expect(await open.db.all(sql`select id from glueful_dead_letters`)).toEqual([])
})

test('only failures that count hold jobs back, and classes may count together', async () => {
  const given = {
    tries: 1,
    middleware: [throttleExceptions({ failures: 2, hold: '1h', name: 'stripe', isFailure: (error) => !(error instanceof RangeError) })],
  }
  const Wrong = job('wrong', given, () => {
    throw new RangeError('the card is refused')
  })
  const Down = job('down', given, () => {
    throw new Error('503')
  })
  const Other = job('other', given, () => {})
  await using open = await openQueue({ jobs: [Wrong, Down, Other] })
  const outcomes = async () => (await open.queue.runUntilEmpty()).map(({ outcome }) => outcome)
  await Wrong.dispatchMany(many(5))
  expect(await outcomes()).toEqual(['bury', 'bury', 'bury', 'bury', 'bury'])
  await Down.dispatch()
  await Other.dispatch()
  expect(await outcomes()).toEqual(['bury', 'complete'])
  await Down.dispatchMany(many(2))
  await Other.dispatch()
  expect(await outcomes()).toEqual(['bury', 'release', 'release'])
})

test('when the time is over, one more failure holds jobs back again, as long as the others count', async () => {
  const given = { tries: 1, middleware: [throttleExceptions({ failures: 2, within: '1h', hold: 200, name: 'stripe' })] }
  const Down = job('down', given, () => {
    throw new Error('503')
  })
  const Up = job('up', given, () => {})
  await using open = await openQueue({ jobs: [Down, Up] })
  const outcomeOf = async (one: { dispatch(payload: void): Promise<unknown> }) => {
    await one.dispatch()
    return (await open.queue.runUntilEmpty())[0]?.outcome
  }
  expect([await outcomeOf(Down), await outcomeOf(Down)]).toEqual(['bury', 'bury'])
  await until(
    () => outcomeOf(Up),
    (outcome) => outcome === 'complete',
  )
  expect(await outcomeOf(Down)).toBe('bury')
  expect(await outcomeOf(Up)).toBe('release')
})

test('where the failures cannot be counted, jobs run and fail as they would', async () => {
  const Down = job('down', { tries: 1, middleware: [throttleExceptions({ failures: 1 })] }, () => {
    throw new Error('503')
  })
  await using open = await openQueue({ jobs: [Down] })
  await open.db.script('alter table glueful_blocks rename to gone')
  await Down.dispatchMany(many(2))
  expect(await open.queue.runUntilEmpty()).toMatchObject([
    { outcome: 'bury', error: '503' },
    { outcome: 'bury', error: '503' },
  ])
  expect(open.logs().filter(({ level, msg }) => level === 40 && /held back is not known|could not be counted/.test(String(msg)))).toHaveLength(4)
  await open.db.script('alter table gone rename to glueful_blocks')
  expect(await open.app.use(DatabaseLimitStore).blocked('x')).toEqual([])
})

test('what ended an attempt from outside is no failure of what it calls', async () => {
  let begun = 0
  const Long = job('long', { tries: 1, middleware: [throttleExceptions({ failures: 1, hold: '1h' })] }, async ({ signal }) => {
    begun++
    if (begun === 1) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  })
  await using open = await openApp({ jobs: [Long] })
  const { id } = await Long.dispatch()
  const worker = await open.startWorker()
  await until(() => begun === 1)
  await open.parts.queue.cancel(id)
  await until(
    () => open.parts.queue.find(id),
    (found) => found === undefined,
  )
  await Long.dispatch()
  await until(() => begun === 2)
  await worker.stop(1_000)
})

test('where jobs run at once, neither holds anything back', async () => {
  const ran: number[] = []
  const Note = job(
    'note',
    { payload: z.number(), middleware: [withoutOverlapping(), throttleExceptions({ failures: 1 }), skipWhen(({ payload }) => payload === 3)] },
    ({ payload }) => {
      ran.push(payload)
      if (payload === 1) throw new Error('no')
    },
  )
  await using open = await openQueue({ jobs: [Note] }, { env: { QUEUE_DRIVER: 'sync' } })
  await open.app.use(SharedLocks).lock('job:note')
  await expect(Note.dispatch(1)).rejects.toThrow('no')
  await Note.dispatchMany([2, 3])
  expect(ran).toEqual([1, 2])
})

test('in the sandbox neither holds a job back, and a failure there is none that counts', async () => {
  let broken = true
  const Charge = job('charge', { tries: 1, middleware: [withoutOverlapping(), throttleExceptions({ failures: 2, hold: '1h' })] }, () => {
    if (broken) throw new Error('503')
  })
  await using open = await openQueue({ jobs: [Charge] })
  const { deadLetters } = open.app.use(Queue)
  await Charge.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'bury' }])
  const [letter] = await deadLetters.list()
  const run = async () => (await deadLetters.sandbox(letter?.id ?? '', {}, { id: 'ada' })).outcome
  const held = await open.app.use(SharedLocks).lock('job:charge')
  expect([await run(), await run()]).toEqual(['failed', 'failed'])
  broken = false
  expect(await run()).toBe('completed')
  await held.release()
  await Charge.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'complete' }])
})

test.for([
  [() => withoutOverlapping({ onOverlap: 'wait' as never }), /withoutOverlapping\(\): onOverlap is wait; expected 'release' or 'skip'/],
  [() => withoutOverlapping({ expiresAfter: '10ms' }), /expiresAfter is 10ms; expected at least 1s/],
  [() => withoutOverlapping({ name: '' }), /name is ''/],
  [() => throttleExceptions({ failures: 0 }), /throttleExceptions\(\): failures is 0; expected a whole number/],
  [() => throttleExceptions({ within: 0 }), /within is 0/],
  [() => throttleExceptions({ hold: 0 }), /hold is 0/],
  [() => throttleExceptions({ name: '' }), /name is ''/],
] as const)('wrong options are refused where they are declared: %s', ([declare, message]) => {
  expect(declare).toThrow(expect.objectContaining({ code: 'JOB_MIDDLEWARE_INVALID', message: expect.stringMatching(message) }))
  for (const declareUnknown of [() => withoutOverlapping({ ttl: 5 } as never), () => throttleExceptions({ failure: 5 } as never)])
    expect(declareUnknown).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }))
  expect(() => withoutOverlapping({ releaseAfter: 'soon' as never })).toThrow(/releaseAfter of withoutOverlapping\(\)/)
})
