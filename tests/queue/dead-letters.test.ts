import { database, sql } from '@glueful/database'
import { job, Queue, queue } from '@glueful/queue'
import { testQueue } from '@glueful/queue/testing'
import { AuditLog, Authorizer, covers, createApp, provide, strategy, type AuditEntry, type Identity } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { queueCommands } from '../../packages/queue/src/commands/queue-commands.ts'
import { fingerprintOf } from '../../packages/queue/src/dead-letters/fingerprint.ts'
import { openQueue } from './open-queue.ts'

const grants: Record<string, readonly string[]> = { admin: ['queue.*'], developer: ['queue.view'] }
const actor = { id: 'ada' }

async function open() {
  const state = { broken: true, ran: [] as unknown[] }
  const Charge = job('charge', { payload: z.object({ order: z.number(), cardNumber: z.string().optional() }), tries: 2, backoff: 'fixed' }, ({ payload }) => {
    if (state.broken) throw new RangeError(`order ${payload.order} has no card`)
    state.ran.push(payload)
  })
  const Other = job('other', { tries: 1 }, () => {
    if (state.broken) throw new Error('elsewhere')
    state.ran.push('other')
  })
  const entries: AuditEntry[] = []
  const app = createApp({
    name: 'dead-letters',
    routes: {},
    extensions: [database(), queue({ jobs: [Charge, Other], admin: true })],
    strategies: [strategy('none', { authenticate: () => undefined })],
    services: [
      provide(AuditLog, () => ({ record: async (entry) => void entries.push(entry) })),
      provide(Authorizer, () => ({ can: (identity, permission) => (identity?.roles ?? []).some((role) => covers(grants[role] ?? [], permission)) })),
    ],
  })
  const opened = await testApp(app)
  const jobs = testQueue(opened)
  const { deadLetters } = opened.app.use(Queue)
  const ask = async (role: string | undefined, method: string, path: string, body?: unknown) => {
    const identity: Identity | undefined = role === undefined ? undefined : { id: role, roles: [role], scopes: [], strategy: 'given' }
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await opened.app.fetch(new Request(`http://localhost${path}`, init), {
      address: '127.0.0.1',
      ...(identity === undefined ? {} : { identity }),
    })
    const text = await response.text()
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as any }
  }
  const command = async (name: string, options: Record<string, string | boolean> = {}, args: string[] = []) => {
    const lines: string[] = []
    const code = await queueCommands.find((one) => one.name === name)?.run({ app: opened.app, args, options, print: (text) => void lines.push(text) })
    return { code, text: lines.join('\n') }
  }
  /** Lets so many charges, and one other job, fail for good. */
  const failAll = async (charges: number) => {
    await Charge.dispatchMany(Array.from({ length: charges }, (_, order) => ({ order, cardNumber: '4111' })))
    await Other.dispatch()
    await jobs.travel('1h')
  }
  return { ...opened, state, Charge, Other, entries, jobs, deadLetters, ask, command, failAll, [Symbol.asyncDispose]: opened.close }
}

test('failures of one cause are one group, whatever numbers and ids stand in their messages', async () => {
  await using opened = await open()
  await opened.failAll(3)
  const groups = await opened.deadLetters.groups()
  expect(groups).toMatchObject([
    { job: 'charge', count: 3, error: { name: 'RangeError' } },
    { job: 'other', count: 1, error: { name: 'Error', message: 'elsewhere' } },
  ])
  const list = await opened.deadLetters.list({ fingerprint: groups[0]?.fingerprint ?? '' })
  expect(list.map(({ payload }) => (payload as { order: number }).order)).toEqual([2, 1, 0])
  expect(list[0]).toMatchObject({ attempts: 2, tries: 2, state: 'open', failures: [{ attempt: 1 }, { attempt: 2, message: 'order 2 has no card' }] })
})

test('a fingerprint looks at the kind of error and its place, not at what changes', () => {
  const failure = { at: 0, attempt: 1, worker: 'w', kind: 'error', name: 'Error', stack: 'Error: x\n    at pay (/app/pay.ts:10:3)' } as const
  const of = (message: string, more = {}) => fingerprintOf('charge', { ...failure, message, ...more })
  expect(of('car 17 of "ada" is gone')).toBe(of("car 18 of 'bob' is gone".replaceAll("'", '"')))
  expect(of('0191e6a4-1111-7222-8333-444455556666 timed out')).toBe(of('0191e6a4-9999-7222-8333-444455556666 timed out'))
  expect(of('x', { stack: 'Error: x\n    at pay (/other/host/pay.ts:12:1)' })).toBe(of('x'))
  expect(of('x', { stack: 'Error: x\n    at refund (/app/refund.ts:10:3)' })).not.toBe(of('x'))
  expect(of('x', { name: 'TypeError' })).not.toBe(of('x'))
  expect(of('no card')).not.toBe(of('no money'))
})

test('a retried job keeps its id and its history, and is done like any other', async () => {
  await using opened = await open()
  const { id } = await opened.Charge.dispatch({ order: 7 })
  await opened.jobs.travel('1h')
  opened.state.broken = false
  const [letter] = await opened.deadLetters.list()
  const { redrive, count } = await opened.deadLetters.retry({ ids: [letter?.id ?? ''] }, {}, actor)
  expect(count).toBe(1)
  expect(await opened.app.use(Queue).find(id)).toMatchObject({ attempts: 0, failures: [{ attempt: 1 }, { attempt: 2 }] })
  expect(await opened.jobs.runUntilEmpty()).toMatchObject([{ id, outcome: 'complete' }])
  expect(await opened.deadLetters.find(letter?.id ?? '')).toMatchObject({ state: 'retried', settledBy: 'ada' })
  expect(await opened.deadLetters.redrive(redrive)).toMatchObject({ total: 1, failed: 0, state: 'open' })
  expect(opened.entries).toMatchObject([{ actor: 'ada', action: 'dead-letter.retried', target: `redrive:${redrive}` }])
})

test('a job whose payload is edited runs with the new one, which is checked first', async () => {
  await using opened = await open()
  await opened.failAll(1)
  opened.state.broken = false
  const [letter] = await opened.deadLetters.list({ job: 'charge' })
  const id = letter?.id ?? ''
  await expect(opened.deadLetters.edit(id, { order: 'x' }, actor)).rejects.toMatchObject({ code: 'JOB_PAYLOAD_INVALID' })
  expect((await opened.deadLetters.edit(id, { order: 99 }, actor)).payload).toEqual({ order: 99 })
  await opened.deadLetters.retry({ ids: [id] }, {}, actor)
  await opened.jobs.runUntilEmpty()
  expect(opened.state.ran).toEqual([{ order: 99 }])
  await expect(opened.deadLetters.edit(id, { order: 1 }, actor)).rejects.toMatchObject({
    code: 'DEAD_LETTER_UNKNOWN',
    message: expect.stringContaining('retried'),
  })
  expect(opened.entries[0]).toMatchObject({ action: 'dead-letter.edited', before: { payload: { order: 0 } }, after: { payload: { order: 99 } } })
})

test('a redrive with a rate spreads its jobs, and stops itself when too many fail again', async () => {
  await using opened = await open()
  await opened.failAll(10)
  const { redrive, count } = await opened.deadLetters.retry({ job: 'charge' }, { rate: 2, stopAfter: 3 }, actor)
  expect(count).toBe(10)
  expect(await opened.jobs.runUntilEmpty()).toHaveLength(1)
  await opened.jobs.travel('1h')
  expect(await opened.deadLetters.redrive(redrive)).toEqual({ id: redrive, total: 10, failed: 3, state: 'stopped' })
  // Three failed again, seven went back without having run out of attempts; none is lost.
  const openNow = await opened.deadLetters.list({ job: 'charge', limit: 500 })
  expect(openNow.map(({ payload }) => (payload as { order: number }).order).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(await opened.app.use(Queue).list()).toEqual([])
})

test('what a redrive has not run yet outlives a purge, and comes back when it stops itself', async () => {
  await using opened = await open()
  await opened.failAll(4)
  const { deadLetters, clock, jobs } = opened
  const { redrive } = await deadLetters.retry({ job: 'charge' }, { rate: 1, stopAfter: 1 }, actor)
  expect(await deadLetters.purge(clock.now() + 60_000)).toBe(0)
  await jobs.travel('1h')
  expect(await deadLetters.redrive(redrive)).toMatchObject({ total: 4, state: 'stopped' })
  expect(await deadLetters.list({ job: 'charge' })).toHaveLength(4)
})

test('dead letters with limits are retried by the payload as it is read, also beside one that nobody can read', async () => {
  const Tenant = z.object({ tenant: z.object({ id: z.string() }) })
  let fails = true
  const Sync = job(
    'sync',
    {
      payload: Tenant,
      tries: 1,
      concurrency: { limit: 1, key: ({ tenant }) => tenant.id },
      upgrade: (old) => ({ tenant: { id: (old as { tenantId: string }).tenantId } }),
    },
    () => {
      if (fails) throw new Error('away')
    },
  )
  await using opened = await openQueue({ jobs: [Sync] })
  for (const id of ['a', 'b', 'c']) await Sync.dispatch({ tenant: { id } })
  await opened.queue.runUntilEmpty()
  const [first, second] = (await opened.db.all<{ id: string }>(sql`select id from glueful_dead_letters order by id`)) as [{ id: string }, { id: string }]
  // As releases before this one have stored them.
  await opened.db.run(sql`update glueful_dead_letters set payload = ${'{"tenantId":"old"}'} where id = ${first.id}`)
  await opened.db.run(sql`update glueful_dead_letters set payload = ${'{}'} where id = ${second.id}`)
  fails = false
  const { deadLetters } = opened.app.use(Queue)
  expect(await deadLetters.retry({ all: true }, {}, actor)).toMatchObject({ count: 3 })
  expect(await opened.db.all(sql`select group_key from glueful_jobs order by group_key nulls last`)).toEqual([
    { group_key: 'sync:c' },
    { group_key: 'sync:old' },
    { group_key: null },
  ])
  expect((await opened.queue.runUntilEmpty()).map(({ outcome }) => outcome).toSorted()).toEqual(['bury', 'complete', 'complete'])
})

test('resolving closes with a note and takes out what waited; discarding and purging remove', async () => {
  await using opened = await open()
  const first = await opened.Charge.dispatch({ order: 1 })
  await opened.Other.dispatch(undefined, { after: [first] })
  await opened.jobs.travel('1h')
  expect(await opened.app.use(Queue).list()).toMatchObject([{ state: 'blocked' }])
  expect(await opened.deadLetters.resolve({ job: 'charge' }, 'paid by hand', actor)).toBe(1)
  expect(await opened.app.use(Queue).list()).toEqual([])
  expect(await opened.deadLetters.list({ state: 'resolved' })).toMatchObject([{ note: 'paid by hand', settledBy: 'ada' }])
  expect(await opened.deadLetters.purge(opened.clock.now() + 1)).toBe(1)
  expect(await opened.deadLetters.list({ state: 'all' })).toEqual([])
  await opened.failAll(2)
  expect(await opened.deadLetters.discard({ all: true }, actor)).toBe(3)
  expect(await opened.deadLetters.list({ state: 'all' })).toEqual([])
})

test('what waits for a job runs when that is retried and done', async () => {
  await using opened = await open()
  const first = await opened.Charge.dispatch({ order: 1 })
  await opened.jobs.travel('1h')
  opened.state.broken = false
  await opened.Other.dispatch(undefined, { after: [first] })
  expect(await opened.jobs.runUntilEmpty()).toEqual([])
  await opened.deadLetters.retry({ all: true }, {}, actor)
  await opened.jobs.runUntilEmpty()
  expect(opened.state.ran).toEqual([{ order: 1 }, 'other'])
})

test('a selection of nothing means nothing, and wrong options are refused', async () => {
  await using opened = await open()
  await expect(opened.deadLetters.discard({}, actor)).rejects.toMatchObject({ code: 'DEAD_LETTER_SELECTION_EMPTY' })
  await expect(opened.deadLetters.retry({ all: true }, { rate: 0 }, actor)).rejects.toMatchObject({ code: 'DEAD_LETTER_OPTION_INVALID' })
  await expect(opened.deadLetters.retry({ all: true }, { stopAfter: 0.5 }, actor)).rejects.toMatchObject({ code: 'DEAD_LETTER_OPTION_INVALID' })
  expect(await opened.deadLetters.resolve({ ids: ['no id'] }, 'x', actor)).toBe(0)
  expect(await opened.deadLetters.find('no id')).toBeUndefined()
})

test('the administration is for those who may: nobody, a developer who looks, an admin who acts', async () => {
  await using opened = await open()
  await opened.failAll(1)
  const [letter] = await opened.deadLetters.list({ job: 'charge' })
  const path = `/admin/dead-letters/${letter?.id}`
  expect((await opened.ask(undefined, 'GET', '/admin/dead-letters')).status).toBe(401)
  expect((await opened.ask('developer', 'GET', '/admin/dead-letters')).body.items).toHaveLength(2)
  expect((await opened.ask('developer', 'POST', `${path}/resolve`, { note: 'x' })).status).toBe(403)
  const seen = await opened.ask('developer', 'GET', path)
  expect(seen.body).toMatchObject({ job: 'charge', payload: { order: 0, cardNumber: '[redacted]' } })
  expect((await opened.ask('admin', 'POST', `${path}/resolve`, { note: 'paid by hand' })).body).toMatchObject({ state: 'resolved', note: 'paid by hand' })
  expect((await opened.ask('admin', 'POST', `${path}/resolve`, { note: 'again' })).status).toBe(404)
  expect(opened.entries.at(-1)).toMatchObject({
    actor: 'admin',
    action: 'dead-letter.resolved',
    target: `dead-letter:${letter?.id}`,
    ip: '127.0.0.1',
    requestId: expect.any(String),
  })
})

test('everything that can be done is reachable over HTTP', async () => {
  await using opened = await open()
  const { ask } = opened
  await opened.failAll(2)
  expect((await ask('developer', 'GET', '/admin/dead-letters/groups')).body.items).toMatchObject([{ count: 2 }, { count: 1 }])
  const [letter, other] = (await ask('developer', 'GET', '/admin/dead-letters?job=charge&limit=5')).body.items
  expect((await ask('admin', 'PATCH', `/admin/dead-letters/${letter.id}`, { payload: { order: 5 } })).body.payload).toEqual({ order: 5 })
  opened.state.broken = false
  expect((await ask('admin', 'POST', `/admin/dead-letters/${letter.id}/retry`)).body).toMatchObject({ count: 1 })
  expect((await ask('admin', 'POST', `/admin/dead-letters/${letter.id}/retry`)).status).toBe(404)
  expect((await ask('admin', 'POST', `/admin/dead-letters/${other.id}/resolve`, { note: 'again', requeue: true })).body.state).toBe('retried')
  const { redrive } = (await ask('admin', 'POST', '/admin/dead-letters/retry', { job: 'other', rate: 5, stopAfter: 1 })).body
  expect((await ask('developer', 'GET', `/admin/redrives/${redrive}`)).body).toMatchObject({ total: 1 })
  expect((await ask('developer', 'GET', '/admin/queues')).body.items).toMatchObject([{ queue: 'default', states: { waiting: 3 } }])
  expect((await ask('admin', 'POST', '/admin/queues/default/pause')).body).toEqual({ queue: 'default', paused: true })
  expect(await opened.jobs.runUntilEmpty()).toEqual([])
  expect((await ask('admin', 'POST', '/admin/queues/default/resume')).body).toEqual({ queue: 'default', paused: false })
  const jobs = (await ask('developer', 'GET', '/admin/jobs?state=waiting&job=charge')).body.items
  expect(jobs).toHaveLength(2)
  expect((await ask('developer', 'GET', `/admin/jobs/${jobs[0].id}`)).body).toMatchObject({ state: 'waiting' })
  expect((await ask('admin', 'DELETE', `/admin/jobs/${jobs[0].id}`)).status).toBe(204)
  expect((await ask('admin', 'DELETE', `/admin/jobs/${jobs[0].id}`)).status).toBe(404)
  expect((await ask('developer', 'GET', '/admin/workers')).body).toEqual({ items: [] })
  expect((await ask('developer', 'GET', `/admin/batches/${jobs[0].id}`)).status).toBe(404)
  expect((await ask('admin', 'POST', '/admin/dead-letters/resolve', { note: 'x', job: 'none' })).body).toEqual({ count: 0 })
  expect((await ask('admin', 'POST', '/admin/dead-letters/resolve', { note: 'x' })).status).toBe(422)
  expect((await ask('admin', 'DELETE', `/admin/dead-letters/${letter.id}`)).status).toBe(404)
  for (const path of ['queue-metrics?window=60&job=charge', 'queue-metrics/series?resolution=1', 'queue-metrics/depths', 'queue-metrics/baselines', 'hosts']) {
    expect(await ask('developer', 'GET', `/admin/${path}`)).toMatchObject({ status: 200, body: { items: [] } })
  }
  expect((await ask(undefined, 'GET', '/admin/queue-metrics')).status).toBe(401)
  expect((await ask('developer', 'GET', '/admin/queues/default/explain?target=60')).body).toMatchObject({ queue: 'default', targetSeconds: 60 })
  const metrics = await (await opened.fetch('/metrics')).text()
  expect(metrics).toContain('dlq_resolved_total{how="retried"} 3')
})

test('dead letters are handled from the command line', async () => {
  await using opened = await open()
  const { command } = opened
  expect((await command('queue failed')).text).toBe('There are no dead letters.')
  await opened.failAll(2)
  const listed = await command('queue failed')
  expect(listed.text).toMatch(/^[0-9a-f]{16} {2}2× {2}last .* charge {2}RangeError: order \d has no card\n[0-9a-f]{16} {2}1×/)
  const group = listed.text.slice(0, 16)
  const ids = (await command('queue failed', { group })).text.split('\n').map((line) => line.split(' ')[0] as string)
  expect(ids).toHaveLength(2)
  expect(JSON.parse((await command('queue failed', {}, [ids[0] as string])).text)).toMatchObject({ job: 'charge', payload: { cardNumber: '[redacted]' } })
  expect((await command('queue retry', {}, [ids[0] as string])).text).toMatch(/^1 queued again/)
  expect(await command('queue retry', {}, ['nowhere'])).toEqual({ code: 1, text: 'No open dead letter is meant; nothing was queued.' })
  expect(await command('queue resolve', { group, note: 'done by hand' })).toEqual({ code: 0, text: '1 resolved.' })
  expect(await command('queue resolve', { group, note: 'done by hand' })).toEqual({ code: 1, text: '0 resolved.' })
  expect(await command('queue forget', { job: 'other' })).toEqual({ code: 0, text: '1 removed.' })
  await expect(command('queue retry')).rejects.toMatchObject({ code: 'DEAD_LETTER_SELECTION_EMPTY' })
  await expect(command('queue resolve', { all: true })).rejects.toMatchObject({ code: 'QUEUE_OPTION_INVALID' })
  await expect(command('queue failed', {}, ['none'])).rejects.toMatchObject({ code: 'DEAD_LETTER_UNKNOWN' })
  expect(await command('queue flush')).toEqual({ code: undefined, text: '2 removed.' })
})

test('without a stored queue there are no dead letters to ask for', async () => {
  const app = createApp({ name: 'sync', routes: {}, extensions: [queue({ jobs: [] })] })
  await using opened = await testApp(app, { env: { QUEUE_DRIVER: 'sync' } })
  expect(() => opened.app.use(Queue).deadLetters).toThrow(expect.objectContaining({ code: 'QUEUE_WITHOUT_DATABASE' }))
})
