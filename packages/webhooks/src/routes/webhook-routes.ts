import { created, group, noContent, parseDuration, route, type RequestTools } from 'glueful'
import { z } from 'zod'
import type { Delivery, DeliveryAttempt } from '../delivery/delivery-log.ts'
import { audited, doerOf, keptOf, targetOf } from '../endpoints/audited.ts'
import { onlyTenant, type Endpoint } from '../endpoints/endpoint.ts'
import type { Page } from '../page.ts'
import { Webhooks } from '../webhooks.ts'

export interface WebhookRoutesOptions {
  /** Default: `/webhooks`. */
  readonly prefix?: string
  /** Whose endpoints a caller sees and changes; it may look into the database, and refuse by throwing. Default: those of the only tenant there is. */
  readonly tenant?: (ctx: Pick<RequestTools, 'user' | 'host' | 'header'>) => string | Promise<string>
  /** Permission for looking. Default: `webhooks.view`. */
  readonly view?: string
  /** Permission for changing, testing and replaying. Default: `webhooks.manage`. */
  readonly manage?: string
  /** How long a secret that was rotated still signs. Default: 24 h. */
  readonly overlap?: Parameters<typeof parseDuration>[0]
}

const text = z.string().max(2_000)
const events = z.array(z.string().max(120)).min(1).max(50)
const description = z.string().max(255)
const concurrency = z.int().min(1).nullable().describe('Deliveries at once; null is what the application says')
const rate = z
  .strictObject({ limit: z.int().min(1), perSeconds: z.int().min(1).max(86_400) })
  .nullable()
  .describe('Deliveries that may start within a time; null is what the application says')
const paging = {
  cursor: z.string().max(100).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(1_000).optional().describe('Default: 50'),
}
/** Items, and the cursor of the page after them. */
const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() })
const time = z.string()
const EndpointAnswer = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  description: z.string(),
  concurrency,
  rate,
  createdAt: time,
  failingSince: time.nullable(),
  disabledAt: time.nullable(),
  disabledReason: z.enum(['manual', 'gone', 'failing']).nullable(),
})
const WithSecret = EndpointAnswer.extend({ secret: z.string() })
const AttemptAnswer = z.object({
  number: z.int(),
  at: time,
  durationMs: z.int(),
  outcome: z.enum(['delivered', 'rejected', 'gone', 'unreachable', 'refused']),
  responseStatus: z.int().nullable(),
  responseBody: z.string().nullable(),
  error: z.string().nullable(),
})
const states = z.enum(['pending', 'delivered', 'failed', 'cancelled'])
const DeliveryAnswer = z.object({
  id: z.string(),
  endpointId: z.string(),
  messageId: z.string(),
  event: z.string(),
  status: states,
  attempts: z.int(),
  createdAt: time,
  nextAttemptAt: time.nullable(),
  finishedAt: time.nullable(),
})
const Filter = z.strictObject({
  endpointId: z.string().max(40).optional(),
  status: states.optional(),
  event: z.string().max(120).optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
})

const iso = (at: number) => new Date(at).toISOString()
const isoOrNull = (at: number | null) => (at === null ? null : iso(at))

const shownEndpoint = ({ id, url, events: filters, description: words, createdAt, failingSince, disabledAt, disabledReason, ...limits }: Endpoint) => ({
  id,
  url,
  events: [...filters],
  description: words,
  concurrency: limits.concurrency,
  rate: limits.rate === null ? null : { limit: limits.rate.limit, perSeconds: limits.rate.perMs / 1_000 },
  createdAt: iso(createdAt),
  failingSince: isoOrNull(failingSince),
  disabledAt: isoOrNull(disabledAt),
  disabledReason,
})
const shownAttempt = (attempt: DeliveryAttempt) => ({ ...attempt, at: iso(attempt.at) })
const shownDelivery = ({ id, endpointId, messageId, event, status, attempts, createdAt, nextAttemptAt, finishedAt }: Delivery) => ({
  id,
  endpointId,
  messageId,
  event,
  status,
  attempts,
  createdAt: iso(createdAt),
  nextAttemptAt: isoOrNull(nextAttemptAt),
  finishedAt: isoOrNull(finishedAt),
})
const limitsOf = ({ rate: said, ...rest }: { concurrency?: number | null | undefined; rate?: z.output<typeof rate> | undefined }) => ({
  ...rest,
  rate: said === undefined || said === null ? said : { limit: said.limit, per: `${said.perSeconds}s` as const },
})
const shownPage = <T, Shown>({ items, next }: Page<T>, show: (item: T) => Shown) => ({ items: items.map(show), next })
const filterOf = ({ since, until, ...rest }: z.output<typeof Filter>) => ({
  ...rest,
  since: since === undefined ? undefined : Date.parse(since),
  until: until === undefined ? undefined : Date.parse(until),
})
/** Only what was given: an undefined member is not the same as none. */
const given = <T extends object>(change: T) =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }

const repeatable = { acceptRisks: { WRITE_WITHOUT_IDEMPOTENCY: 'Receivers recognise a repetition by its webhook-id.' } } as const
const visible = { acceptRisks: { WRITE_WITHOUT_IDEMPOTENCY: 'A repetition shows in the list, and can be removed or rotated again.' } } as const

/**
 * The portal: customers manage the endpoints of their tenant, look at deliveries and send them again. Another tenant's
 * endpoints answer 404.
 *
 * @example
 * routes: { ...webhookRoutes({ tenant: ({ user }) => user.id }), cars }
 */
export function webhookRoutes({
  prefix = '/webhooks',
  tenant: tenantOf = () => onlyTenant,
  view: viewer = 'webhooks.view',
  manage: manager = 'webhooks.manage',
  overlap = '24h',
}: WebhookRoutesOptions = {}) {
  const overlapMs = parseDuration(overlap, 'overlap of webhookRoutes')
  const params = z.object({ id: z.string().max(40) })
  const view = { auth: true, can: viewer } as const
  const manage = { auth: true, can: manager } as const
  return {
    webhooks: group(
      { prefix, tags: ['webhooks'] },
      {
        list: route.get(
          '/endpoints',
          { ...view, summary: 'Endpoints, the oldest first', query: z.object(paging), response: pageOf(EndpointAnswer) },
          async (ctx) => shownPage(await ctx.use(Webhooks).endpoints.list({ ...ctx.query, tenant: await tenantOf(ctx) }), shownEndpoint),
        ),
        create: route.post(
          '/endpoints',
          {
            ...manage,
            ...visible,
            summary: 'Add an endpoint; its secret is shown this once',
            body: z.strictObject({
              url: text,
              events: events.optional(),
              description: description.optional(),
              algorithm: z.enum(['hmac', 'ed25519']).optional(),
              concurrency: concurrency.optional(),
              rate: rate.optional(),
            }),
            response: WithSecret,
          },
          async (ctx) => {
            const tenant = await tenantOf(ctx)
            const endpoint = await audited(ctx.use, doerOf(ctx), 'webhook-endpoint.created', async () => {
              const result = await ctx.use(Webhooks).endpoints.create({ ...given(limitsOf(ctx.body)), url: ctx.body.url, tenant })
              return { result, entry: { target: targetOf(result), after: keptOf(result) } }
            })
            ctx.setHeader('cache-control', 'no-store')
            return created({ ...shownEndpoint(endpoint), secret: endpoint.secret }, `${prefix}/endpoints/${endpoint.id}`)
          },
        ),
        show: route.get('/endpoints/:id', { ...view, summary: 'One endpoint', params, response: EndpointAnswer }, async (ctx) =>
          shownEndpoint(await ctx.use(Webhooks).endpoints.find(ctx.params.id, await tenantOf(ctx))),
        ),
        update: route.patch(
          '/endpoints/:id',
          {
            ...manage,
            summary: 'Change, disable or enable an endpoint',
            params,
            body: z.strictObject({
              url: text.optional(),
              events: events.optional(),
              description: description.optional(),
              disabled: z.boolean().optional(),
              concurrency: concurrency.optional(),
              rate: rate.optional(),
            }),
            response: EndpointAnswer,
          },
          async (ctx) => {
            const { endpoints } = ctx.use(Webhooks)
            const tenant = await tenantOf(ctx)
            const endpoint = await audited(ctx.use, doerOf(ctx), 'webhook-endpoint.changed', async () => {
              const before = await endpoints.find(ctx.params.id, tenant)
              const result = await endpoints.change(ctx.params.id, given(limitsOf(ctx.body)), tenant)
              return { result, entry: { target: targetOf(result), before: keptOf(before), after: keptOf(result) } }
            })
            return shownEndpoint(endpoint)
          },
        ),
        remove: route.delete('/endpoints/:id', { ...manage, summary: 'Remove an endpoint', params }, async (ctx) => {
          const { endpoints } = ctx.use(Webhooks)
          const tenant = await tenantOf(ctx)
          await audited(ctx.use, doerOf(ctx), 'webhook-endpoint.removed', async () => {
            const before = await endpoints.find(ctx.params.id, tenant)
            return { result: await endpoints.remove(before.id, tenant), entry: { target: targetOf(before), before: keptOf(before) } }
          })
          return noContent()
        }),
        rotate: route.post(
          '/endpoints/:id/rotate',
          { ...manage, ...visible, summary: 'A new secret; the one before signs beside it for a while', params, response: WithSecret },
          async (ctx) => {
            const tenant = await tenantOf(ctx)
            const endpoint = await audited(ctx.use, doerOf(ctx), 'webhook-endpoint.rotated', async () => {
              const result = await ctx.use(Webhooks).endpoints.rotate(ctx.params.id, overlapMs, tenant)
              return { result, entry: { target: targetOf(result) } }
            })
            ctx.setHeader('cache-control', 'no-store')
            return { ...shownEndpoint(endpoint), secret: endpoint.secret }
          },
        ),
        test: route.post(
          '/endpoints/:id/test',
          {
            ...manage,
            ...repeatable,
            summary: 'Send webhook.test, and see what it answers',
            params,
            rateLimit: { attempts: 10, per: '1m' },
            response: AttemptAnswer,
          },
          async (ctx) => shownAttempt(await ctx.use(Webhooks).test(ctx.params.id, await tenantOf(ctx))),
        ),
        deliveries: route.get(
          '/deliveries',
          {
            ...view,
            summary: 'Deliveries, the latest first',
            query: Filter.extend(paging),
            response: pageOf(DeliveryAnswer),
          },
          async (ctx) => shownPage(await ctx.use(Webhooks).deliveries.list({ ...filterOf(ctx.query), tenant: await tenantOf(ctx) }), shownDelivery),
        ),
        delivery: route.get('/deliveries/:id', { ...view, summary: 'A delivery', params, response: DeliveryAnswer }, async (ctx) =>
          shownDelivery(await ctx.use(Webhooks).deliveries.find(ctx.params.id, await tenantOf(ctx))),
        ),
        attempts: route.get(
          '/deliveries/:id/attempts',
          { ...view, summary: 'Every attempt of a delivery, the first one first', params, query: z.object(paging), response: pageOf(AttemptAnswer) },
          async (ctx) => shownPage(await ctx.use(Webhooks).deliveries.attempts(ctx.params.id, { ...ctx.query, tenant: await tenantOf(ctx) }), shownAttempt),
        ),
        replay: route.post(
          '/deliveries/:id/replay',
          { ...manage, ...repeatable, summary: 'Send a delivery again', params, response: z.object({ replayed: z.boolean() }) },
          async (ctx) => ({ replayed: await ctx.use(Webhooks).replay(ctx.params.id, await tenantOf(ctx)) }),
        ),
        replayAll: route.post(
          '/deliveries/replay',
          { ...manage, ...repeatable, summary: 'Send up to 1,000 deliveries again', body: Filter, response: z.object({ replayed: z.int() }) },
          async (ctx) => ({ replayed: await ctx.use(Webhooks).replayAll({ ...filterOf(ctx.body), tenant: await tenantOf(ctx) }) }),
        ),
      },
    ),
  }
}
