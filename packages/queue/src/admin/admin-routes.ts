import { group, NotFound, noContent, Redaction, route, type Context, type Use } from 'glueful'
import { z } from 'zod'
import type { Actor, DeadLetter } from '../dead-letters/dead-letter.ts'
import type { JobRecord } from '../engine/stored-job.ts'
import { decodePayload } from '../job/payload.ts'
import type { Resolution } from '../metrics/job-metrics.ts'
import { Queue } from '../queue/queue.ts'

const name = z.string().min(1).max(120)
const id = z.uuid()
const selection = z.strictObject({
  ids: z.array(id).max(1_000).optional(),
  fingerprint: z.string().max(32).optional(),
  job: name.optional(),
  queue: name.optional(),
  all: z.literal(true).optional(),
})
const retryBody = selection.extend({ rate: z.number().positive().max(100_000).optional(), stopAfter: z.int().min(1).optional() })
const sandboxBody = z.strictObject({
  payload: z.json().optional(),
  answers: z
    .record(
      z.string().max(2_000),
      z.strictObject({ status: z.int().optional(), headers: z.record(z.string(), z.string()).optional(), body: z.json().optional() }),
    )
    .optional(),
  timeoutSeconds: z.number().positive().max(60).optional(),
})
const states = ['waiting', 'delayed', 'grouped', 'suspect', 'blocked', 'active', 'done', 'cancelled'] as const

/** Secrets in payloads are for handlers, not for screens. */
const shown = (use: Use, payload: unknown): unknown => use(Redaction)({ payload })['payload']
const shownLetter = (use: Use) => (letter: DeadLetter) => ({ ...letter, payload: shown(use, letter.payload) })
const shownJob = (use: Use) => (job: JobRecord) => ({ ...job, payload: shown(use, decodePayload(job.payload)) })

/** What an audit of the application finds here, and why it is so. */
const acceptRisks = {
  ADMIN_WRITE_NOT_AUDITED: 'The queue records what is done to dead letters in the audit log itself.',
  ANSWER_NOT_DESCRIBED: 'Operators see all there is; payloads are redacted.',
  WRITE_WITHOUT_IDEMPOTENCY: 'A repetition changes nothing more.',
}

type Caller = Pick<Context, 'identity' | 'requestId' | 'ip'>
const actorOf = ({ identity, requestId, ip }: Caller): Actor => ({ id: identity?.id ?? null, requestId, ip })

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new NotFound(`There is no such ${what}.`)
  return value
}

const limit = z.coerce.number().int().min(1).max(500).optional()
/** Only what was given: an undefined member is not the same as none. */
const given = <T extends object>(query: T) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }

/** The last so many seconds; a day where the numbers are fine enough. */
const windowQuery = {
  window: z.coerce
    .number()
    .int()
    .min(1)
    .max(90 * 86_400)
    .default(300),
  queue: name.optional(),
}

function windowOf({ window, job, queue }: { readonly window: number; readonly job?: string | undefined; readonly queue?: string | undefined }, now: number) {
  return { from: now - window * 1_000, to: now, ...given({ job, queue }) }
}

/** The administration of queues: looking needs `queue.view`, changing `queue.manage`. */
export function adminRoutes(prefix: string) {
  const view = { can: 'queue.view' } as const
  const manage = { can: 'queue.manage' } as const
  return {
    queueAdmin: group(
      { prefix, tags: ['admin'], acceptRisks },
      {
        queues: route.get('/queues', { ...view, summary: 'Every queue: what waits, since when, whether it is paused, and its limits' }, async ({ use }) => ({
          items: await use(Queue).depths(),
        })),
        pause: route.post('/queues/:queue/pause', { ...manage, summary: 'Pause a queue', params: z.object({ queue: name }) }, async ({ params, use }) => {
          await use(Queue).pause(params.queue)
          return { queue: params.queue, paused: true }
        }),
        resume: route.post('/queues/:queue/resume', { ...manage, summary: 'Resume a queue', params: z.object({ queue: name }) }, async ({ params, use }) => {
          await use(Queue).resume(params.queue)
          return { queue: params.queue, paused: false }
        }),
        explain: route.get(
          '/queues/:queue/explain',
          {
            ...view,
            summary: 'What holds a queue back',
            params: z.object({ queue: name }),
            query: z.object({ target: z.coerce.number().int().min(1).max(86_400).default(300) }),
          },
          ({ params, query, use }) => use(Queue).explain(params.queue, { target: query.target * 1_000 }),
        ),
        workers: route.get('/workers', { ...view, summary: 'Workers, and what each is doing' }, async ({ use }) => ({ items: await use(Queue).workers() })),
        jobs: route.get(
          '/jobs',
          {
            ...view,
            summary: 'Stored jobs',
            query: z.object({
              queue: name.optional(),
              job: name.optional(),
              state: z.enum(states).optional(),
              tag: z.string().max(200).optional(),
              after: id.optional(),
              limit,
            }),
          },
          async ({ query, use }) => ({ items: (await use(Queue).list(given(query))).map(shownJob(use)) }),
        ),
        job: route.get('/jobs/:id', { ...view, summary: 'A stored job', params: z.object({ id }) }, async ({ params, use }) =>
          shownJob(use)(found(await use(Queue).find(params.id), 'job')),
        ),
        cancel: route.delete('/jobs/:id', { ...manage, summary: 'Cancel a job', params: z.object({ id }) }, async ({ params, use }) => {
          if (!(await use(Queue).cancel(params.id))) throw new NotFound('There is no such job, or it has ended.')
          return noContent()
        }),
        batch: route.get('/batches/:id', { ...view, summary: 'How a batch is doing', params: z.object({ id }) }, async ({ params, use }) =>
          found(await use(Queue).batch(params.id), 'batch'),
        ),
        numbers: route.get(
          '/queue-metrics',
          { ...view, summary: 'What job classes did in the last seconds', query: z.object({ ...windowQuery, job: name.optional() }) },
          async ({ query, use, clock }) => ({
            items: await use(Queue).metrics.summary(windowOf(query, clock.now())),
          }),
        ),
        series: route.get(
          '/queue-metrics/series',
          {
            ...view,
            summary: 'What job classes did, step by step',
            query: z.object({ ...windowQuery, job: name.optional(), resolution: z.enum(['1', '60', '3600', '86400']).default('60') }),
          },
          async ({ query: { resolution, ...query }, use, clock }) => ({
            items: await use(Queue).metrics.series({ ...windowOf(query, clock.now()), resolution: Number(resolution) as Resolution }),
          }),
        ),
        depths: route.get(
          '/queue-metrics/depths',
          { ...view, summary: 'How full queues were', query: z.object(windowQuery) },
          async ({ query, use, clock }) => ({
            items: await use(Queue).metrics.depths(windowOf(query, clock.now())),
          }),
        ),
        baselines: route.get('/queue-metrics/baselines', { ...view, summary: 'What is usual for each job class' }, async ({ use }) => ({
          items: await use(Queue).metrics.baselines(),
        })),
        hosts: route.get('/hosts', { ...view, summary: 'The hosts that workers run on' }, async ({ use }) => ({ items: await use(Queue).metrics.hosts() })),
        letters: route.get(
          '/dead-letters',
          {
            ...view,
            summary: 'Dead letters',
            query: z.object({
              fingerprint: z.string().max(32).optional(),
              job: name.optional(),
              queue: name.optional(),
              state: z.enum(['open', 'retried', 'resolved', 'all']).optional(),
              before: id.optional(),
              limit,
            }),
          },
          async ({ query, use }) => ({ items: (await use(Queue).deadLetters.list(given(query))).map(shownLetter(use)) }),
        ),
        groups: route.get(
          '/dead-letters/groups',
          { ...view, summary: 'Dead letters by cause', query: z.object({ job: name.optional(), queue: name.optional() }) },
          async ({ query, use }) => ({
            items: await use(Queue).deadLetters.groups(given(query)),
          }),
        ),
        redrive: route.get('/redrives/:id', { ...view, summary: 'How a retry of many is doing', params: z.object({ id }) }, async ({ params, use }) =>
          found(await use(Queue).deadLetters.redrive(params.id), 'redrive'),
        ),
        letter: route.get('/dead-letters/:id', { ...view, summary: 'A dead letter with its history', params: z.object({ id }) }, async ({ params, use }) =>
          shownLetter(use)(found(await use(Queue).deadLetters.find(params.id), 'dead letter')),
        ),
        edit: route.patch(
          '/dead-letters/:id',
          { ...manage, summary: 'Change the payload of a dead letter', params: z.object({ id }), body: z.strictObject({ payload: z.json() }) },
          async (ctx) => shownLetter(ctx.use)(await ctx.use(Queue).deadLetters.edit(ctx.params.id, ctx.body.payload, actorOf(ctx))),
        ),
        retry: route.post('/dead-letters/retry', { ...manage, summary: 'Retry many dead letters, at a rate', body: retryBody }, async (ctx) => {
          const { rate, stopAfter, ...selected } = ctx.body
          return ctx.use(Queue).deadLetters.retry(given(selected), given({ rate, stopAfter }), actorOf(ctx))
        }),
        retryOne: route.post('/dead-letters/:id/retry', { ...manage, summary: 'Retry a dead letter', params: z.object({ id }) }, async (ctx) => {
          const { count, redrive } = await ctx.use(Queue).deadLetters.retry({ ids: [ctx.params.id] }, {}, actorOf(ctx))
          if (count === 0) throw new NotFound('There is no such open dead letter.')
          return { count, redrive }
        }),
        sandbox: route.post(
          '/dead-letters/:id/sandbox',
          { ...manage, summary: 'Run a dead letter once more without keeping any effect', params: z.object({ id }), body: sandboxBody, timeout: '90s' },
          async (ctx) => {
            const { timeoutSeconds, ...request } = ctx.body
            const timeout = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000
            return ctx.use(Queue).deadLetters.sandbox(ctx.params.id, given({ ...request, timeout }), actorOf(ctx))
          },
        ),
        resolve: route.post(
          '/dead-letters/:id/resolve',
          {
            ...manage,
            summary: 'Resolve a dead letter with a note',
            params: z.object({ id }),
            body: z.strictObject({ note: z.string().min(1).max(2_000), requeue: z.boolean().default(false) }),
          },
          async (ctx) => {
            const { deadLetters } = ctx.use(Queue)
            const selected = { ids: [ctx.params.id] }
            const count = ctx.body.requeue
              ? (await deadLetters.retry(selected, {}, actorOf(ctx))).count
              : await deadLetters.resolve(selected, ctx.body.note, actorOf(ctx))
            if (count === 0) throw new NotFound('There is no such open dead letter.')
            return shownLetter(ctx.use)(found(await deadLetters.find(ctx.params.id), 'dead letter'))
          },
        ),
        resolveMany: route.post(
          '/dead-letters/resolve',
          { ...manage, summary: 'Resolve many dead letters with a note', body: selection.extend({ note: z.string().min(1).max(2_000) }) },
          async (ctx) => {
            const { note, ...selected } = ctx.body
            return { count: await ctx.use(Queue).deadLetters.resolve(given(selected), note, actorOf(ctx)) }
          },
        ),
        discard: route.delete('/dead-letters/:id', { ...manage, summary: 'Discard a dead letter', params: z.object({ id }) }, async (ctx) => {
          if ((await ctx.use(Queue).deadLetters.discard({ ids: [ctx.params.id] }, actorOf(ctx))) === 0) throw new NotFound('There is no such open dead letter.')
          return noContent()
        }),
      },
    ),
  }
}
