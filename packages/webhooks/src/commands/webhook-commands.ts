import type { App, Command, CommandInput } from 'glueful'
import { parseDuration, type Duration } from 'glueful'
import { fail } from '../errors.ts'
import type { DeliveryStatus } from '../delivery/delivery-log.ts'
import { audited, operator, targetOf } from '../endpoints/audited.ts'
import type { Endpoint } from '../endpoints/endpoint.ts'
import { Webhooks } from '../webhooks.ts'

async function webhooksOf({ app }: { readonly app: App }): Promise<Webhooks> {
  await app.ready()
  return app.use(Webhooks)
}

function argument({ args }: CommandInput, name: string): string {
  const [value] = args
  if (value === undefined) throw fail('WEBHOOK_INPUT_INVALID', { reason: `${name} is missing` })
  return value
}

function text({ options }: CommandInput, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const states: readonly string[] = ['pending', 'delivered', 'failed', 'cancelled'] satisfies DeliveryStatus[]

function status(input: CommandInput): DeliveryStatus | undefined {
  const value = text(input, 'status')
  if (value === undefined || states.includes(value)) return value as DeliveryStatus | undefined
  throw fail('WEBHOOK_INPUT_INVALID', { reason: `--status is ${JSON.stringify(value)}, and not ${states.join(', ')}` })
}

/** How long ago, as a time in ms. */
function ago(input: CommandInput, name: string): number | undefined {
  const value = text(input, name)
  return value === undefined ? undefined : Date.now() - parseDuration(value as Duration, `--${name}`)
}

const when = (time: number) => new Date(time).toISOString()

/** `glueful webhook …`. */
export const webhookCommands: readonly Command[] = [
  {
    name: 'webhook list',
    summary: 'Show the endpoints that receive webhooks',
    options: { tenant: { summary: 'Of one tenant', value: 'NAME' }, json: 'Print JSON' },
    run: async (input) => {
      const { endpoints } = await webhooksOf(input)
      const all: Endpoint[] = []
      let cursor: string | undefined
      do {
        const page = await endpoints.list({ tenant: text(input, 'tenant'), limit: 500, cursor })
        all.push(...page.items)
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
      if (input.options['json'] === true) return void input.print(JSON.stringify(all, undefined, 2))
      for (const { id, tenant, url, events, disabledReason } of all)
        input.print(`${id}  ${tenant}  ${disabledReason === null ? 'enabled' : `disabled (${disabledReason})`}  ${url}  ${events.join(', ')}`)
      if (all.length === 0) input.print('There are no endpoints.')
    },
  },
  {
    name: 'webhook test',
    summary: 'Send webhook.test to an endpoint, and show what it answers',
    arguments: 'ENDPOINT',
    run: async (input) => {
      const { outcome, responseStatus, durationMs, error } = await (await webhooksOf(input)).test(argument(input, 'ENDPOINT'))
      input.print(`${outcome}: ${responseStatus ?? error ?? 'no answer'} after ${durationMs} ms`)
      return outcome === 'delivered' ? 0 : 1
    },
  },
  {
    name: 'webhook deliveries',
    summary: 'Show the latest deliveries',
    options: {
      endpoint: { summary: 'To one endpoint', value: 'ID' },
      status: { summary: 'pending, delivered, failed or cancelled', value: 'STATUS' },
      json: 'Print JSON',
    },
    run: async (input) => {
      const { items: list } = await (await webhooksOf(input)).deliveries.list({ endpointId: text(input, 'endpoint'), status: status(input) })
      if (input.options['json'] === true) return void input.print(JSON.stringify(list, undefined, 2))
      for (const { id, event, attempts, createdAt, status: state } of list) input.print(`${id}  ${when(createdAt)}  ${event}  ${state}  ${attempts} attempts`)
      if (list.length === 0) input.print('There are no deliveries.')
    },
  },
  {
    name: 'webhook retry',
    summary: 'Send one delivery again',
    arguments: 'DELIVERY',
    run: async (input) => {
      const did = await (await webhooksOf(input)).replay(argument(input, 'DELIVERY'))
      input.print(did ? 'It is sent again.' : 'It is still under way.')
      return did ? 0 : 1
    },
  },
  {
    name: 'webhook replay',
    summary: 'Send the deliveries of a time again, at most 1,000: those that failed, or others by --status',
    options: {
      endpoint: { summary: 'To one endpoint', value: 'ID' },
      status: { summary: 'failed where it is left out; delivered, cancelled', value: 'STATUS' },
      since: { summary: 'Made within this time: 24h', value: 'DURATION' },
    },
    run: async (input) => {
      const count = await (
        await webhooksOf(input)
      ).replayAll({ status: status(input) ?? 'failed', endpointId: text(input, 'endpoint'), since: ago(input, 'since') })
      input.print(`${count} deliveries are sent again.`)
    },
  },
  {
    name: 'webhook rotate',
    summary: 'Give an endpoint a new secret; the one before signs beside it for a while',
    arguments: 'ENDPOINT',
    options: { overlap: { summary: 'How long both sign: 24h where it is left out', value: 'DURATION' } },
    run: async (input) => {
      const overlap = parseDuration((text(input, 'overlap') ?? '24h') as Duration, '--overlap')
      const id = argument(input, 'ENDPOINT')
      const { endpoints } = await webhooksOf(input)
      const { secret } = await audited(input.app.use, operator, 'webhook-endpoint.rotated', async () => {
        const result = await endpoints.rotate(id, overlap)
        return { result, entry: { target: targetOf(result) } }
      })
      input.print(`${secret}`)
      input.print('It is not shown again.')
    },
  },
]
