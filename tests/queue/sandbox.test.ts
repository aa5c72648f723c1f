import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, database, sql, transaction } from '@glueful/database'
import { describeDialects, testDatabase } from '@glueful/database/testing'
import { batch, bury, chain, inThread, job, Queue, queue, release, skip, type DeadLetter, type SandboxRequest } from '@glueful/queue'
import { testQueue } from '@glueful/queue/testing'
import {
  AuditLog,
  Authorizer,
  Cache,
  covers,
  createApp,
  createHttpClient,
  currentSandbox,
  provide,
  service,
  strategy,
  type AuditEntry,
  type HttpClient,
  type Identity,
} from 'glueful'
import { createFakeHttp, testApp } from 'glueful/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { queueCommands } from '../../packages/queue/src/commands/queue-commands.ts'
import { openQueue } from './open-queue.ts'
import { noOwnRedis, startRedis, type OwnRedis } from '../redis/redis-server.ts'

interface Mail {
  readonly to: string
  readonly text: string
}

const Mailer = service<{ send(mail: Mail): Promise<void> }>('mailer')
const Payments = service<HttpClient>('payments')
const grants: Record<string, readonly string[]> = { admin: ['queue.*'], developer: ['queue.view'] }
const actor = { id: 'ada' }
const Order = z.object({ order: z.number(), cardNumber: z.string().optional() })

async function open(env: Record<string, string>) {
  const state = { broken: true, ran: 0, over: Promise.withResolvers<void>(), late: undefined as Promise<unknown> | undefined }
  const sent: Mail[] = []
  const Receipt = job('receipt', { payload: z.object({ order: z.number() }), queue: 'emails' }, () => {})
  const Charge = job('charge', { payload: Order, tries: 1, queue: 'payments' }, async ({ payload, use, log, attempt }) => {
    state.ran++
    log.info({ order: payload.order, cardNumber: payload.cardNumber, attempt }, `Charging ${payload.cardNumber}`)
    await use(Database).run(sql`insert into charges (id) values (${payload.order})`)
    if (state.broken) throw new RangeError(`order ${payload.order} with ${payload.cardNumber} has no card`)
    const answer = await use(Payments).post('/charges', { order: payload.order, cardNumber: payload.cardNumber })
    await transaction(async () => {
      await use(Database).run(sql`insert into charges (id) values (${payload.order + 1_000})`)
      await Receipt.dispatch({ order: payload.order }, { delay: '1m' })
    })
    await use(Queue).dispatch(Receipt, { order: -1 })
    await use(Queue).pause('emails')
    await use(Cache).flush('charges')
    await use(Mailer).send({ to: 'ada@example.com', text: `You paid by ${payload.cardNumber}` })
    return { charge: (answer.json() as { id?: string }).id ?? 'none', rows: await use(Database).all(sql`select id from charges order by id`) }
  })
  const Verdicts = job('verdicts', { payload: z.enum(['fail', 'skip', 'release', 'bury']), tries: 1 }, ({ payload }) => {
    if (payload === 'skip') return skip()
    if (payload === 'release') return release('1m')
    if (payload === 'bury') return bury('hopeless')
    throw new TypeError('as told')
  })
  const Hanging = job('hanging', { tries: 1, transactional: true }, async ({ use, signal }) => {
    if (state.broken) throw new TypeError('as told')
    await use(Database).run(sql`insert into charges (id) values (7)`)
    const late = async () => {
      await use(Database).run(sql`insert into charges (id) values (8)`)
      await state.over.promise
      await use(Database).run(sql`insert into charges (id) values (9)`)
    }
    signal.addEventListener('abort', () => void (state.late = late()))
    await new Promise(() => {})
  })
  const Threaded = job('threaded', { tries: 1 }, inThread(new URL('./app/busy-thread.ts', import.meta.url)))
  const http = createFakeHttp()
  const entries: AuditEntry[] = []
  const app = createApp({
    name: `sandbox-${randomBytes(4).toString('hex')}`,
    routes: {},
    extensions: [database(), queue({ jobs: [Receipt, Charge, Verdicts, Hanging, Threaded], admin: true })],
    strategies: [strategy('none', { authenticate: () => undefined })],
    services: [
      provide(AuditLog, () => ({ record: async (entry) => void entries.push(entry) })),
      provide(Authorizer, () => ({ can: (identity, permission) => (identity?.roles ?? []).some((role) => covers(grants[role] ?? [], permission)) })),
      provide(Payments, () => createHttpClient({ name: 'payments', baseUrl: 'https://pay.example.com', fetch: http.fetch })),
      provide(Mailer, () => ({
        send: async (mail) => {
          const sandbox = currentSandbox()
          if (sandbox === undefined) sent.push(mail)
          else sandbox.capture('mail', `to ${mail.to}`, mail)
        },
      })),
    ],
  })
  const opened = await testApp(app, { env: { DATABASE_MIGRATE: 'true', ...env } })
  const db = opened.app.use(Database)
  await db.script('create table charges (id integer primary key)')
  const { deadLetters } = opened.app.use(Queue)
  const jobs = testQueue(opened)
  return {
    ...opened,
    state,
    sent,
    http,
    entries,
    jobs,
    deadLetters,
    Charge,
    Verdicts,
    Hanging,
    Threaded,
    Receipt,
    charges: async () => (await db.all<{ id: number }>(sql`select id from charges order by id`)).map(({ id }) => Number(id)),
    /** The dead letter of the job that is queued. */
    die: async (): Promise<DeadLetter> => {
      await jobs.runUntilEmpty()
      return (await deadLetters.list({ limit: 1 }))[0] as DeadLetter
    },
    run: (id: string, request: SandboxRequest = {}) => deadLetters.sandbox(id, request, actor),
    ask: async (role: string | undefined, path: string, body: unknown = {}) => {
      const identity: Identity | undefined = role === undefined ? undefined : { id: role, roles: [role], scopes: [], strategy: 'given' }
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const answer = await opened.app.fetch(new Request(`http://localhost${path}`, init), {
        address: '127.0.0.1',
        ...(identity === undefined ? {} : { identity }),
      })
      return { status: answer.status, body: (await answer.json()) as Record<string, any> }
    },
    command: async (options: Record<string, string | boolean>, ...args: string[]) => {
      const lines: string[] = []
      const code = await queueCommands
        .find(({ name }) => name === 'queue sandbox')
        ?.run({ app: opened.app, args, options, print: (text) => void lines.push(text) })
      return { code, text: lines.join('\n') }
    },
    [Symbol.asyncDispose]: () => opened.close(),
  }
}

type Opened = Awaited<ReturnType<typeof open>>

/** What holds whichever engine keeps the jobs, and on whichever database. */
async function keepsNothing({ state, sent, http, Charge, charges, die, run, deadLetters, app, jobs, entries }: Opened): Promise<void> {
  await Charge.dispatch({ order: 7, cardNumber: '4111-1111' })
  const letter = await die()
  // A failed attempt is no transaction by itself.
  expect(await charges()).toEqual([7])
  await app.use(Database).run(sql`delete from charges`)
  const before = jobs.dispatched().length
  const depths = await app.use(Queue).depths()

  const again = await run(letter.id)
  expect(again).toMatchObject({ id: letter.id, job: 'charge', outcome: 'failed', sameCause: true, effects: [], effectCount: 0, queryCount: 1, logCount: 1 })
  expect(again.error).toMatchObject({ name: 'RangeError', kind: 'error', stack: expect.stringContaining('sandbox.test.ts') as string })
  expect(again.logs).toMatchObject([{ level: 'info', message: 'Charging [redacted]', fields: { order: 7, cardNumber: '[redacted]', attempt: 1 } }])

  state.broken = false
  const fixed = await run(letter.id, { payload: { order: 8, cardNumber: '4222-2222' }, answers: { 'POST /charges': { status: 201, body: { id: 'ch_1' } } } })
  expect(fixed).toMatchObject({ outcome: 'completed', sameCause: false, result: { charge: 'ch_1', rows: [{ id: 8 }, { id: 1_008 }] }, queryCount: 3 })
  expect(fixed.error).toBeUndefined()
  expect(fixed.durationMs).toBeGreaterThanOrEqual(0)
  expect(fixed.queries.map(({ text, failed, ms }) => [text.slice(0, 19), failed, typeof ms])).toEqual([
    ['insert into charges', undefined, 'number'],
    ['insert into charges', undefined, 'number'],
    ['select id from char', undefined, 'number'],
  ])
  expect(fixed.effects.map(({ kind, summary }) => `${kind} ${summary}`)).toEqual([
    'http POST https://pay.example.com/charges',
    'dispatch receipt to emails in 60000 ms',
    'dispatch receipt to emails',
    'queue pause emails',
    'cache flush charges (default)',
    'mail to ada@example.com',
  ])
  expect(fixed.effects[0]?.detail).toMatchObject({ body: { order: 8, cardNumber: '[redacted]' }, answer: { status: 201, madeUp: false } })
  expect(fixed.effects[1]?.detail).toMatchObject({ payload: { order: 8 } })
  for (const secret of ['4111-1111', '4222-2222']) expect(JSON.stringify([again, fixed])).not.toContain(secret)

  // Nothing of it has happened.
  expect([await charges(), sent, http.requests, jobs.dispatched().length]).toEqual([[], [], [], before])
  expect(await app.use(Queue).depths()).toEqual(depths)
  expect(await deadLetters.find(letter.id)).toEqual(letter)
  expect(state.ran).toBe(3)
  expect(entries.map(({ actor: who, action, target, after }) => [who, action, target, after])).toEqual([
    ['ada', 'dead-letter.sandboxed', `dead-letter:${letter.id}`, { outcome: 'failed', effectCount: 0 }],
    ['ada', 'dead-letter.sandboxed', `dead-letter:${letter.id}`, { outcome: 'completed', effectCount: 6, payload: { order: 8, cardNumber: '4222-2222' } }],
  ])

  // And the real thing does it all.
  await deadLetters.retry({ ids: [letter.id] }, {}, actor)
  await jobs.runUntilEmpty()
  expect([await charges(), sent.length, http.requests.length]).toEqual([[7], 0, 1])
  http.on('POST /charges', Response.json({ id: 'ch_2' }))
  await deadLetters.retry({ ids: [(await deadLetters.list())[0]?.id ?? ''] }, {}, actor)
  await app.use(Database).run(sql`delete from charges`)
  await jobs.runUntilEmpty()
  expect([await charges(), sent.length]).toEqual([[7, 1_007], 1])
}

await describeDialects(describe, ({ dialect }) => {
  test('a sandboxed run shows what a dead letter would do, and keeps nothing of it', async () => {
    const place = await testDatabase(dialect)
    {
      await using opened = await open({ DATABASE_URL: place.url })
      await keepsNothing(opened)
    }
    await place.close()
  })

  test('a run that takes too long is ended, and what goes on is refused', async () => {
    const place = await testDatabase(dialect)
    {
      await using opened = await open({ DATABASE_URL: place.url })
      const { state, Hanging, charges, die, run } = opened
      await Hanging.dispatch()
      const letter = await die()
      state.broken = false
      const late = await run(letter.id, { timeout: 300 })
      expect(late).toMatchObject({ outcome: 'failed', sameCause: false, error: { kind: 'timeout', code: 'JOB_TIMED_OUT' } })
      state.over.resolve()
      await expect(state.late).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' })
      expect(await charges()).toEqual([])
    }
    await place.close()
  })
})

describe.skipIf(noOwnRedis !== undefined)('with jobs in Redis', () => {
  let server: OwnRedis
  beforeAll(async () => void (server = await startRedis('--appendonly', 'yes')))
  afterAll(async () => server[Symbol.asyncDispose]())

  test('a sandboxed run keeps nothing either', async () => {
    await using opened = await open({ QUEUE_DRIVER: 'redis', REDIS_URL: server.url })
    await keepsNothing(opened)
  })
})

test('what the handler says instead of a result is the outcome, and what would follow is shown', async () => {
  await using opened = await open({})
  const { Verdicts, Receipt, die, run } = opened
  await chain([Verdicts.with('fail'), Receipt.with({ order: 5 })]).dispatch()
  const { id } = await die()
  const outcomes = []
  for (const payload of ['skip', 'release', 'bury', 'fail', 'other']) {
    const { outcome, result, effects, error, sameCause } = await run(id, { payload })
    outcomes.push([payload, outcome, (result as { reason?: string } | undefined)?.reason, effects.map(({ summary }) => summary), error?.kind, sameCause])
  }
  expect(outcomes).toEqual([
    ['skip', 'skipped', undefined, ['receipt to emails'], undefined, false],
    ['release', 'released', undefined, [], undefined, false],
    ['bury', 'buried', 'hopeless', [], undefined, false],
    ['fail', 'failed', undefined, [], 'error', true],
    ['other', 'failed', undefined, [], 'payload', false],
  ])
})

test('batches, cancelling and work that is done at once are held back as well', async () => {
  const Small = job('small', { payload: z.number() }, ({ payload }) => void currentSandbox()?.capture('mail', `from ${payload}`))
  let broken = true
  const Planner = job('planner', { payload: z.string(), tries: 1 }, async ({ payload, use }) => {
    if (broken) throw new TypeError('as told')
    // oxlint-disable-next-line unicorn/no-thenable
    await batch([Small.with(1), Small.with(2)], { name: 'both', then: Small.with(3) }).dispatch()
    await Small.dispatchSync(4)
    return [await use(Queue).cancel(payload), await use(Queue).cancel('0199a3c1-0000-7000-8000-000000000000')]
  })
  await using opened = await openQueue({ jobs: [Small, Planner] })
  const { deadLetters, depths, find } = opened.app.use(Queue)
  const waiting = await Small.dispatch(0, { delay: '1h' })
  await Planner.dispatch(waiting.id)
  await opened.queue.runUntilEmpty()
  broken = false
  const before = await depths()
  const run = await deadLetters.sandbox((await deadLetters.list())[0]?.id ?? '', {}, actor)
  expect(run).toMatchObject({ outcome: 'completed', result: [true, false] })
  expect(run.effects.map(({ kind, summary }) => `${kind} ${summary}`)).toEqual([
    'queue batch of 2 jobs',
    'dispatch small to default',
    'dispatch small to default',
    'mail from 4',
    `queue cancel ${waiting.id}`,
    'queue cancel 0199a3c1-0000-7000-8000-000000000000',
  ])
  expect(run.effects[0]?.detail).toMatchObject({ name: 'both', callbacks: ['then: small'] })
  expect([await depths(), (await find(waiting.id))?.state]).toEqual([before, 'delayed'])
})

test('what cannot be run in a sandbox is refused', async () => {
  await using opened = await open({})
  const { Threaded, Verdicts, die, run, deadLetters } = opened
  await Verdicts.dispatch('fail')
  const { id } = await die()
  await expect(run('0199a3c1-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'DEAD_LETTER_UNKNOWN' })
  await expect(run(id, { timeout: '2m' })).rejects.toMatchObject({ code: 'DEAD_LETTER_OPTION_INVALID' })
  await expect(run(id, { answers: { charges: {} } })).rejects.toMatchObject({ code: 'SANDBOX_ANSWER_INVALID' })
  await expect(run(id, { payload: 'x'.repeat(2_000_000) })).rejects.toMatchObject({ code: 'JOB_PAYLOAD_TOO_LARGE' })
  await opened.app.use(Database).run(sql`update glueful_dead_letters set job = 'gone' where id = ${id}`)
  await expect(run(id)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
  await opened.app.use(Database).run(sql`update glueful_dead_letters set job = ${Threaded.name} where id = ${id}`)
  expect(await run(id)).toMatchObject({ outcome: 'failed', error: { code: 'JOB_THREAD_NOT_SANDBOXED' } })
  expect((await deadLetters.list()).length).toBe(1)
})

test('over HTTP it is for who may manage queues', async () => {
  await using opened = await open({})
  const { Charge, state, die, ask, entries, charges } = opened
  await Charge.dispatch({ order: 7, cardNumber: '4111-1111' })
  const { id } = await die()
  await opened.app.use(Database).run(sql`delete from charges`)
  state.broken = false
  const path = `/admin/dead-letters/${id}/sandbox`
  expect((await ask(undefined, path)).status).toBe(401)
  expect((await ask('developer', path)).status).toBe(403)
  expect(entries).toEqual([])
  expect(state.ran).toBe(1)
  const { status, body } = await ask('admin', path, { answers: { 'POST /charges': { body: { id: 'ch_1' } } }, timeoutSeconds: 5 })
  expect([status, body['outcome'], body['result']]).toEqual([200, 'completed', { charge: 'ch_1', rows: [{ id: 7 }, { id: 1_007 }] }])
  expect(JSON.stringify(body)).not.toContain('4111-1111')
  expect(entries).toMatchObject([{ actor: 'admin', action: 'dead-letter.sandboxed', ip: '127.0.0.1', requestId: expect.any(String) as string }])
  expect(await charges()).toEqual([])
  expect((await ask('admin', path, { timeoutSeconds: 61 })).status).toBe(422)
  expect((await ask('admin', path, { answers: { charges: {} } })).body).toMatchObject({ code: 'SANDBOX_ANSWER_INVALID' })
  expect((await ask('admin', '/admin/dead-letters/0199a3c1-0000-7000-8000-000000000000/sandbox')).status).toBe(404)
})

test('on the command line it prints what became of it, and exits with 1 where that is no success', async () => {
  await using opened = await open({})
  const { Charge, state, die, command, entries } = opened
  await Charge.dispatch({ order: 7, cardNumber: '4111-1111' })
  const { id } = await die()
  await opened.app.use(Database).run(sql`delete from charges`)
  const failed = await command({}, id)
  expect(failed.code).toBe(1)
  expect(failed.text).toMatch(
    /^charge failed, for the same cause as before: RangeError: order 7 with \[redacted\] has no card after [\d.]+ ms\. Nothing is kept\.\n/,
  )
  expect(failed.text).toContain('\nQueries, rolled back: 1\n')
  expect(failed.text).toContain('\nLog: 1\n  info  Charging [redacted]')
  expect(failed.text).toMatch(/\nRangeError: order 7.*\n +at /)

  state.broken = false
  const folder = mkdtempSync(join(tmpdir(), 'glueful-sandbox-'))
  const file = join(folder, 'answers.json')
  writeFileSync(file, JSON.stringify({ 'POST https://pay.example.com/charges': { body: { id: 'ch_9' } } }))
  const done = await command({ payload: '{"order":9}', answers: `@${file}`, timeout: '5s' }, id)
  rmSync(folder, { recursive: true })
  expect(done.code).toBe(0)
  expect(done.text).toContain('\nResult: {"charge":"ch_9","rows":[{"id":9},{"id":1009}]}\n')
  expect(done.text).toContain('\nHeld back: 6\n  http  POST https://pay.example.com/charges  {')
  const json = JSON.parse((await command({ json: true }, id)).text) as { outcome: string }
  expect(json.outcome).toBe('completed')
  expect(entries.map(({ actor: who, action }) => [who, action])).toEqual(Array.from({ length: 3 }, () => [null, 'dead-letter.sandboxed']))
  for (const [options, ids] of [
    [{}, []],
    [{}, [id, id]],
    [{ sandbx: true }, [id]],
    [{ payload: '{' }, [id]],
    [{ answers: '@/nowhere.json' }, [id]],
  ] as const)
    await expect(command(options, ...ids)).rejects.toMatchObject({ code: 'QUEUE_OPTION_INVALID' })
})
