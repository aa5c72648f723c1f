import { job, Queue, queue, type QueueOptions } from '@glueful/queue'
import { Authorizer, provide, strategy } from 'glueful'
import { testApp } from 'glueful/testing'
import { database } from '@glueful/database'
import { createApp } from 'glueful'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { queueCommands } from '../../packages/queue/src/commands/queue-commands.ts'
import { openApp, until } from './open-app.ts'
import { openQueue } from './open-queue.ts'

const queues = { emails: { concurrency: 2, rateLimit: { limit: 3, per: '1m' } } } as const
const Mail = job('mail', { queue: 'emails', tries: 1 }, () => {})
const Digest = job('digest', { queue: 'emails', concurrency: { limit: 1, key: () => 'all' }, tries: 1 }, () => {})
const many = (count: number) => Array.from({ length: count }, () => undefined)

const wrong: readonly (readonly [QueueOptions['queues'], RegExp])[] = [
  [{ emails: { concurrency: 0 } }, /of emails, concurrency is 0; expected a whole number from 1 to 1000000/],
  [{ emails: { concurrency: 1.5 } }, /concurrency is 1\.5/],
  [{ emails: { rateLimit: { limit: -1, per: '1m' } } }, /rateLimit\.limit is -1/],
  [{ emails: { rateLimit: { limit: 5, per: 0 } } }, /rateLimit\.per is 0; expected a duration of at least 1 ms/],
  [{ 'e mails': { concurrency: 1 } }, /of e mails, the name is "e mails"/],
  [{ emails: 5 as never }, /the value is 5; expected an object of limits/],
]

test.for(wrong)('limits of queues are checked where they are declared: %j', ([given, message]) => {
  expect(() => queue({ jobs: [], ...(given === undefined ? {} : { queues: given }) })).toThrow(
    expect.objectContaining({ code: 'QUEUE_LIMIT_INVALID', message: expect.stringMatching(message) }),
  )
})

test('what no limit reads is refused, such as a key', () => {
  const declare = (limits: object) => () => queue({ jobs: [], queues: { emails: limits } })
  expect(declare({ concurency: 2 })).toThrow(/queue\(\{ queues \}\) of emails has no option 'concurency'\. Did you mean 'concurrency'/)
  expect(declare({ rateLimit: { limit: 5, per: '1m', key: () => 'x' } })).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }))
})

test('a duration that is none is refused with the name of the queue', () => {
  expect(() => queue({ jobs: [], queues: { emails: { rateLimit: { limit: 1, per: 'soon' as never } } } })).toThrow(/rateLimit\.per of the queue emails/)
})

test('limits for a queue that nothing else names are warned about, with the name that may be meant', async () => {
  await using open = await openQueue(
    { jobs: [Mail], queues: { ...queues, email: { concurrency: 1 }, search: { concurrency: 1 } } },
    { env: { QUEUE_QUEUES: 'search:2' } },
  )
  const warned = open.logs().filter(({ msg }) => msg === 'Limits are declared for a queue that no job and no worker names')
  expect(warned).toMatchObject([{ queue: 'email', suggestion: 'emails' }])
})

test('a rate holds for all jobs of a queue, and the clock of a test goes from window to window', async () => {
  await using open = await openQueue({ jobs: [Mail, Digest], queues: { emails: { rateLimit: { limit: 3, per: '1m' } } } })
  await Mail.dispatchMany(many(5))
  await Digest.dispatchMany(many(3))
  expect(await open.queue.runUntilEmpty()).toHaveLength(3)
  expect(await open.queue.travel('59s')).toEqual([])
  expect(await open.queue.travel('1s')).toHaveLength(3)
  expect(await open.queue.travel('1h')).toHaveLength(2)
})

test('workers run no more jobs of a queue at once than it may, go on when one ends, and keep other queues going', async () => {
  const most = { emails: 0, default: 0 }
  const running = { emails: 0, default: 0 }
  let done = 0
  const run = async (name: 'emails' | 'default') => {
    most[name] = Math.max(most[name], ++running[name])
    await new Promise((resolve) => void setTimeout(resolve, 3))
    running[name]--
    done++
  }
  const Slow = job('slow', { queue: 'emails' }, () => run('emails'))
  const Keyed = job('keyed', { queue: 'emails', payload: z.number(), concurrency: { limit: 2, key: String } }, () => run('emails'))
  const Free = job('free', {}, () => run('default'))
  await using open = await openApp({ jobs: [Slow, Keyed, Free], queues: { emails: { concurrency: 3 } } })
  await Slow.dispatchMany(many(40))
  await Keyed.dispatchMany(Array.from({ length: 40 }, (_, index) => index % 3))
  await Free.dispatchMany(many(40))
  const workers = [await open.startWorker({ concurrency: 8 }), await open.startWorker({ concurrency: 8 })]
  await until(() => done === 120)
  expect(most.emails).toBe(3)
  expect(most.default).toBeGreaterThan(3)
  for (const worker of workers) await worker.stop(1_000)
})

async function openFull() {
  const opened = await openQueue({ jobs: [Mail, Digest], queues })
  const { engine } = opened.parts
  const now = opened.clock.now()
  const state = { state: 'busy' as const, running: 9, done: 0, failed: 0, memoryBytes: 1, cpuSeconds: 1 }
  await engine.pulse({ id: 'w', host: 'here', pid: 1, queues: ['emails'], concurrency: 10, startedAt: now, seenAt: now, ...state }, 600_000, true)
  await Mail.dispatchMany(many(8))
  const claim = () => engine.claim({ worker: 'w', queues: ['emails'], limit: 100, suspects: 1 })
  const causes = async () => (await opened.app.use(Queue).explain('emails')).findings
  const command = async (name: string, options: Record<string, boolean> = {}, args: string[] = []) => {
    const lines: string[] = []
    await queueCommands.find((one) => one.name === name)?.run({ app: opened.app, args, options, print: (text) => void lines.push(text) })
    return lines.join('\n')
  }
  return { ...opened, engine, claim, causes, command }
}

test('explain names the limit that a queue has come to, with the numbers, and not a want of places', async () => {
  await using open = await openFull()
  expect((await open.causes()).map(({ cause }) => cause)).not.toContain('queue-concurrency-cap')
  const taken = await open.claim()
  expect(taken).toHaveLength(2)
  const full = await open.causes()
  expect(full[0]).toMatchObject({ cause: 'queue-concurrency-cap', evidence: '6 jobs wait for a place: emails runs 2 of 2 at once.' })
  expect(full.map(({ cause }) => cause)).not.toContain('too-few-places')
  open.clock.advance(20_000)
  expect(await open.causes()).toMatchObject([
    { cause: 'long-running', evidence: expect.stringMatching(/mail .* has run for 20 s, and holds a place of emails/) },
    { cause: 'queue-concurrency-cap' },
  ])
  await open.engine.settle(taken.map((delivery) => ({ kind: 'complete' as const, delivery })))
  const last = await open.claim()
  expect(last).toHaveLength(1)
  await open.engine.settle(last.map((delivery) => ({ kind: 'complete' as const, delivery })))
  expect((await open.causes())[0]).toEqual({
    cause: 'queue-rate-limit',
    evidence: '5 jobs wait: 3 of 3 that emails may start within 60 s have started.',
    advice: expect.stringContaining('rateLimit of emails'),
  })
  expect(await open.command('queue explain', {}, ['emails'])).toContain('queue-rate-limit: 5 jobs wait: 3 of 3')
  open.clock.advance(60_000)
  expect((await open.causes()).map(({ cause }) => cause)).not.toContain('queue-rate-limit')
})

test('limits of queues are listed with what is used of them, on the command line too, before anything is stored', async () => {
  await using idle = await openQueue({ jobs: [], queues })
  expect(await idle.app.use(Queue).depths()).toMatchObject([
    { queue: 'emails', states: {}, limits: { concurrency: { limit: 2, active: 0 }, rate: { limit: 3, used: 0 } } },
  ])
  await idle.close()
  await using open = await openFull()
  await open.claim()
  const limits = { concurrency: { limit: 2, active: 2 }, rate: { limit: 3, perMs: 60_000, used: 2 } }
  expect(await open.app.use(Queue).depths()).toMatchObject([{ queue: 'emails', limits }])
  expect(await open.command('queue status')).toMatch(/^emails {2}.*2\/2 places {2}2\/3 started in 60 s$/m)
  expect(JSON.parse(await open.command('queue status', { json: true })).queues).toMatchObject([{ queue: 'emails', limits }])
})

test('GET /admin/queues shows the limits of queues, and none where there are none', async () => {
  const app = createApp({
    name: 'limits',
    routes: {},
    extensions: [database(), queue({ jobs: [Mail, job('free', {}, () => {})], queues, admin: true })],
    strategies: [strategy('none', { authenticate: () => undefined })],
    services: [provide(Authorizer, () => ({ can: () => true }))],
  })
  await using open = await testApp(app)
  const identity = { id: 'ada', roles: [], scopes: [], strategy: 'given' }
  const response = await open.app.fetch(new Request('http://localhost/admin/queues'), { address: '127.0.0.1', identity })
  expect(await response.json()).toEqual({
    items: [
      { queue: 'default', states: {}, paused: false },
      { queue: 'emails', states: {}, paused: false, limits: { concurrency: { limit: 2, active: 0 }, rate: { limit: 3, perMs: 60_000, used: 0 } } },
    ],
  })
})

test('where jobs run at once, limits of queues hold nothing back', async () => {
  const ran: number[] = []
  const Note = job('note', { queue: 'emails', payload: z.number() }, ({ payload }) => void ran.push(payload))
  await using open = await openQueue(
    { jobs: [Note], queues: { emails: { concurrency: 1, rateLimit: { limit: 1, per: '1h' } } } },
    { env: { QUEUE_DRIVER: 'sync' } },
  )
  await Note.dispatchMany([1, 2, 3])
  expect(ran).toEqual([1, 2, 3])
  expect((await open.app.use(Queue).depths())[0]?.limits).toBeUndefined()
})
