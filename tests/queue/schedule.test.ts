import { databaseServers, testDatabase } from '@glueful/database/testing'
import { cron, every, job, Queue, queue, type ScheduleRun } from '@glueful/queue'
import { database, sql } from '@glueful/database'
import { createApp } from 'glueful'
import { createFrozenClock } from 'glueful/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { queueCommands } from '../../packages/queue/src/commands/queue-commands.ts'
import { QueueService } from '../../packages/queue/src/queue/queue-parts.ts'
import { openQueue } from './open-queue.ts'

const minute = 60_000

function work() {
  const ran: number[] = []
  const state = { at: () => 0 }
  const Work = job('work', {}, () => void ran.push(state.at()))
  return { ran, state, Work }
}

test('schedules run at their times, in code and in tests, and say so', async () => {
  const { ran, state, Work } = work()
  const told: ScheduleRun[] = []
  await using open = await openQueue({ jobs: { Work, schedule: [every('15m').run(Work, undefined, { onRun: (run) => told.push(run) })] } })
  const start = open.clock.now()
  state.at = () => (open.clock.now() - start) / minute
  await open.queue.travel('1h')
  expect(ran).toEqual([15, 30, 45, 60])
  expect(told).toMatchObject([15, 30, 45, 60].map((at) => ({ schedule: 'work', outcome: 'dispatched', reason: 'due', dueAt: start + at * minute })))
  const { schedule } = open.app.use(Queue)
  expect(await schedule.history({ schedule: 'work', limit: 2 })).toEqual([told[3], told[2]])
  expect(await schedule.status()).toEqual([{ name: 'work', job: 'work', definition: 'every 900000', nextAt: start + 75 * minute, lastAt: start + 60 * minute }])
})

test.for([
  ['skip', []],
  ['once', [90]],
  ['all', [10, 20, 30, 40, 50, 60, 70, 80, 90]],
] as const)('after a time in which nothing ran, missed: %s', async ([missed, expected]) => {
  const { Work } = work()
  await using open = await openQueue({ jobs: [Work], schedule: [every('10m').run(Work, undefined, { missed })] })
  const scheduler = open.parts.scheduler()
  const start = open.clock.now()
  await scheduler.tick()
  open.clock.advance(95 * minute)
  await scheduler.tick()
  const runs = (await scheduler.history()).toReversed()
  expect(runs.filter(({ outcome }) => outcome === 'dispatched').map(({ dueAt }) => (dueAt - start) / minute)).toEqual(expected)
  expect(runs).toHaveLength(9)
  expect(open.queue.dispatched()).toHaveLength(expected.length)
})

test('a run does not begin while the one before it waits, unless it may', async () => {
  const { Work } = work()
  const schedule = [every('10m').run(Work), every('10m').run(Work, undefined, { name: 'overlapping', overlap: true })]
  await using open = await openQueue({ jobs: [Work], schedule })
  const scheduler = open.parts.scheduler()
  for (let index = 0; index < 3; index++) {
    await scheduler.tick()
    open.clock.advance(10 * minute)
  }
  await scheduler.tick()
  const outcomes = async (name: string) => (await scheduler.history({ schedule: name })).map(({ reason }) => reason)
  expect(await outcomes('work')).toEqual(['overlap', 'overlap', 'due'])
  expect(await outcomes('overlapping')).toEqual(['due', 'due', 'due'])
})

test('nothing runs in a maintenance window', async () => {
  const { ran, state, Work } = work()
  const schedule = [cron('0 * * * *').run(Work, undefined, { except: [{ from: '02:00', to: '04:00' }] })]
  await using open = await openQueue({ jobs: [Work], schedule })
  state.at = () => new Date(open.clock.now()).getUTCHours()
  await open.queue.travel('5h')
  expect(ran).toEqual([1, 4, 5])
  expect((await open.parts.scheduler().history()).filter(({ reason }) => reason === 'window')).toHaveLength(2)
})

test('a schedule that changes with a release gets its new time', async () => {
  const { Work } = work()
  await using open = await openQueue({ jobs: [Work], schedule: [every('1h').run(Work)] })
  await open.db.run(sql`insert into glueful_schedules (name, definition, next_at) values ('work', 'every 60000', ${open.clock.now() + minute})`)
  expect(await open.parts.scheduler().tick()).toBe(open.clock.now() + 60 * minute)
})

test('a schedule that cannot be dispatched is reported, and holds up no other', async () => {
  const { Work } = work()
  const Strict = job('strict', { payload: z.object({ kind: z.string() }) }, () => {})
  const schedule = [every('10m').run(Strict, { kind: 7 } as never, { name: 'broken' }), every('10m').run(Work)]
  await using open = await openQueue({ jobs: [Work, Strict], schedule })
  const scheduler = open.parts.scheduler()
  await scheduler.tick()
  open.clock.advance(10 * minute)
  await scheduler.tick()
  expect(open.queue.dispatched()).toMatchObject([{ job: 'work' }])
  expect(open.logs()).toContainEqual(expect.objectContaining({ msg: 'A schedule could not be dispatched; tried again', schedule: 'broken' }))
})

test('a time at which the job is queued already, by whomever, is skipped where the job refuses a second one', async () => {
  const Once = job('once', { unique: { onConflict: 'reject' } }, () => {})
  await using open = await openQueue({ jobs: [Once], schedule: [every('10m').run(Once)] })
  const scheduler = open.parts.scheduler()
  await scheduler.tick()
  await Once.dispatch(undefined, { delay: '15m' })
  open.clock.advance(10 * minute)
  await scheduler.tick()
  expect(await scheduler.history()).toMatchObject([{ outcome: 'skipped', reason: 'overlap' }])
  await open.queue.travel('20m')
  expect(await scheduler.history({ limit: 1 })).toMatchObject([{ outcome: 'dispatched', reason: 'due' }])
})

for (const { dialect, title, reachable } of await databaseServers()) {
  test.skipIf(!reachable)(`many processes share a schedule: each time runs once (${title})`, async () => {
    await using shared = await testDatabase(dialect)
    const { Work } = work()
    const clock = createFrozenClock()
    const open = async () => {
      const app = createApp({
        name: 'cluster',
        routes: {},
        extensions: [database(), queue({ jobs: [Work], schedule: [every('1m').run(Work, undefined, { overlap: true })] })],
      })
      const one = app.with({ environment: 'test', env: { DATABASE_URL: shared.url, LOG_LEVEL: 'fatal' }, clock })
      await one.ready()
      return one
    }
    const apps = [await open(), await open(), await open()]
    const schedulers = apps.map((app) => app.use(QueueService).scheduler())
    for (const scheduler of schedulers) await scheduler.tick()
    for (let index = 0; index < 10; index++) {
      clock.advance(minute)
      await Promise.all(schedulers.map((scheduler) => scheduler.tick()))
    }
    const [first] = schedulers
    const runs = (await first?.history()) ?? []
    expect(runs.filter(({ outcome }) => outcome === 'dispatched')).toHaveLength(10)
    expect(new Set(runs.map(({ dueAt }) => dueAt)).size).toBe(10)
    for (const app of apps) await app.close()
  })
}

test('schedules are listed, tried out and run from the command line', async () => {
  const { Work } = work()
  await using open = await openQueue({ jobs: [Work], schedule: [cron('0 3 * * *', { timeZone: 'Europe/Berlin' }).run(Work)] })
  const command = async (name: string, options: Record<string, string | boolean> = {}, args: string[] = []) => {
    const lines: string[] = []
    await queueCommands.find((one) => one.name === name)?.run({ app: open.app, args, options, print: (text) => void lines.push(text) })
    return lines
  }
  expect(await command('schedule list')).toEqual(['work  cron 0 3 * * * Europe/Berlin  next 2026-01-01T02:00:00.000Z  last never'])
  await using often = await openQueue({
    jobs: [Work],
    schedule: [every('15m').run(Work, undefined, { name: 'often' }), every('90s').run(Work, undefined, { name: 'oftener' })],
  })
  const lines: string[] = []
  await queueCommands.find((one) => one.name === 'schedule list')?.run({ app: often.app, args: [], options: {}, print: (text) => void lines.push(text) })
  expect(lines).toEqual([expect.stringMatching(/^often {2}every 15m {2}next/), expect.stringMatching(/^oftener {2}every 90s {2}next/)])
  expect(JSON.parse((await command('schedule list', { json: true }))[0] as string)).toHaveLength(1)
  expect(await command('schedule test', { count: '2', from: '2026-03-28T12:00:00Z' }, ['work'])).toEqual([
    '2026-03-29T01:00:00.000Z',
    '2026-03-30T01:00:00.000Z',
  ])
  expect((await command('schedule run', {}, ['work']))[0]).toMatch(/^Dispatched as /)
  expect(await open.parts.scheduler().history()).toMatchObject([{ reason: 'by hand' }])
  await expect(command('schedule run', {}, ['none'])).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
  await expect(command('schedule test', { from: 'yesterday' }, ['work'])).rejects.toMatchObject({ code: 'QUEUE_OPTION_INVALID' })
  await expect(command('schedule run')).rejects.toMatchObject({ code: 'QUEUE_OPTION_INVALID' })
})

test('two schedules of one name are refused', async () => {
  const { Work } = work()
  await expect(openQueue({ jobs: [Work], schedule: [every('1h').run(Work), every('2h').run(Work)] })).rejects.toMatchObject({ code: 'SCHEDULE_INVALID' })
})
