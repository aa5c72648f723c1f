import { Database } from '@glueful/database'
import { Queue } from '@glueful/queue'
import {
  coreSettings,
  defineExtension,
  MetricsService,
  parseDuration,
  provide,
  Redaction,
  refuseUnknownOptions,
  RuntimeService,
  Sealing,
  type Duration,
  type Use,
} from 'glueful'
import { webhookCommands } from './commands/webhook-commands.ts'
import { addRunning, removeRunning, type DefinedWebhooks, type WebhookEvents } from './define-webhooks.ts'
import { createAttempts } from './delivery/attempt-delivery.ts'
import { createAttemptTracing } from './delivery/trace-attempt.ts'
import { createDeliveryLog } from './delivery/delivery-log.ts'
import { createRetryTable, standardRetries } from './delivery/retry-table.ts'
import { createWebhookJobs, DeliveryToolsService } from './delivery/webhook-jobs.ts'
import { describeWebhooks } from './describe-webhooks.ts'
import { addEndpointMetrics } from './endpoints/endpoint-metrics.ts'
import { limitsOf } from './endpoints/delivery-limits.ts'
import { createEndpoints, type Endpoints } from './endpoints/endpoints.ts'
import { fail } from './errors.ts'
import { systemResolve, type Resolve } from './guard/resolve-target.ts'
import { webhookSecurityChecks } from './guard/webhook-security-checks.ts'
import { createTargetPolicy, type TargetPolicy } from './guard/target-policy.ts'
import { webhookMigrations } from './tables.ts'
import { webhookSettings } from './webhook-settings.ts'
import { createWebhooks, Webhooks } from './webhooks.ts'
import { service, type Service } from 'glueful'

export interface WebhooksOptions {
  /** What `defineWebhooks` gave: the OpenAPI document tells receivers of these events. Default: none. */
  readonly events?: readonly Pick<DefinedWebhooks<WebhookEvents>, 'events'>[]
  /** Waits after each failed attempt. Default: 1 min, 5 min, 30 min, 2 h, 12 h, 1 d. */
  readonly retries?: readonly Duration[]
  /** By which part waits are lengthened at most, at random. Default: 0.2. */
  readonly jitter?: number
  /** Deliveries to one endpoint at once, over all workers; an endpoint may have fewer. Default: 5. */
  readonly concurrency?: number
  /** Deliveries to one endpoint that may start within a time; an endpoint may have fewer. Default: no limit. */
  readonly rate?: { readonly limit: number; readonly per: Duration }
  /** An endpoint whose attempts have all failed for so long is disabled. Default: 5 days. */
  readonly disableAfter?: Duration
  /** A header of an older scheme besides, such as `X-Webhook-Signature: sha256=…`. Default: none. */
  readonly legacyHeader?: string
  /**
   * Whether receivers are sent `traceparent`, so that their spans become part of the trace. Default: false, because it
   * tells strangers which deliveries belong together, and what is recorded.
   */
  readonly traceparent?: boolean
  /** Finds the addresses of hosts. Default: the system's resolver. */
  readonly resolve?: Resolve
}

interface Stores {
  readonly endpoints: Endpoints
  readonly policy: TargetPolicy
}

const StoresService: Service<Stores> = service<Stores>('webhook-stores')

/**
 * Outgoing webhooks in the format of Standard Webhooks: endpoints by tenant, delivery by jobs, a log of every attempt.
 * Needs `database()` and `queue()`; mount `webhookRoutes()` for the portal.
 *
 * @example
 * createApp({ name: 'shop', routes, extensions: [database(), queue({ jobs }), webhooks({ events: [hooks] })] })
 *
 * @throws `APP_KEY_MISSING`, `WEBHOOK_POLICY_INVALID`, `WEBHOOK_POLICY_UNSAFE` when the application starts
 */
export function webhooks(options: WebhooksOptions = {}) {
  refuseUnknownOptions<WebhooksOptions>('webhooks()', options, {
    events: true,
    retries: true,
    jitter: true,
    concurrency: true,
    rate: true,
    disableAfter: true,
    legacyHeader: true,
    traceparent: true,
    resolve: true,
  })
  const { concurrency = 5, rate } = options
  const limits = { concurrency, rate: rate === undefined ? undefined : { limit: rate.limit, perMs: parseDuration(rate.per, 'rate of webhooks') } }
  const jobs = createWebhookJobs(limits)
  const retries = createRetryTable(options.retries ?? standardRetries, options.jitter ?? 0.2)
  const disableAfterMs = parseDuration(options.disableAfter ?? '5d', 'disableAfter of webhooks')
  return defineExtension({
    name: 'webhooks',
    settings: webhookSettings,
    migrations: webhookMigrations,
    sealed: [{ table: 'webhook_endpoints', key: 'id', columns: ['secret', 'previous_secret'], purpose: 'webhook secrets', placed: true }],
    jobs,
    securityChecks: webhookSecurityChecks,
    services: [
      provide(StoresService, ({ use }) => {
        const { clock } = use(RuntimeService)
        const policy = policyOf(use)
        return { policy, endpoints: createEndpoints({ db: use(Database), clock, policy, limits, seal: use(Sealing).for('webhook secrets').requireKey() }) }
      }),
      provide(DeliveryToolsService, ({ use }) => {
        const { clock, emit, name, version } = use(RuntimeService)
        const { endpoints, policy } = use(StoresService)
        const log = createDeliveryLog(use(Database), clock)
        addEndpointMetrics(use(MetricsService), endpoints, log)
        const attempt = createAttempts({
          endpoints,
          log,
          policy,
          retries,
          clock,
          emit,
          disableAfterMs,
          resolve: options.resolve ?? systemResolve,
          metrics: use(MetricsService),
          redact: use(Redaction),
          timeoutMs: use(webhookSettings).timeout,
          legacyHeader: options.legacyHeader,
          userAgent: `${name.replaceAll(/[^\w.-]+/g, '-')}-webhooks/${version.replaceAll(/[^\w.+-]+/g, '-')}`,
          trace: createAttemptTracing(use(coreSettings).tracing),
          traceparent: options.traceparent ?? false,
        })
        return { attempt, log, clock }
      }),
      provide(
        Webhooks,
        ({ use }) => {
          const queue = use(Queue)
          const { attempt, log, clock } = use(DeliveryToolsService)
          return createWebhooks({
            db: use(Database),
            clock,
            endpoints: use(StoresService).endpoints,
            log,
            attempt,
            dispatch: (deliveries) =>
              queue.dispatchMany(
                jobs.deliver,
                deliveries.map(({ deliveryId, endpoint }) => ({ deliveryId, endpointId: endpoint.id, limits: limitsOf(endpoint, limits) })),
              ),
          })
        },
        { start: addRunning, stop: removeRunning },
      ),
    ],
    commands: webhookCommands,
    openapi: (tools) =>
      describeWebhooks({ events: options.events ?? [], legacyHeader: options.legacyHeader, traceparent: options.traceparent ?? false }, tools),
  })
}

/** Addresses through which a customer would reach this machine, or the credentials that clouds hand out. */
const neverInProduction = ['127.0.0.1', '169.254.169.254', '[::1]', '[fe80::1]', '[fd00:ec2::254]']

function policyOf(use: Use): TargetPolicy {
  const { requireHttps, ports, allowNetworks } = use(webhookSettings)
  const policy = createTargetPolicy({ requireHttps, ports, allow: allowNetworks })
  if (use(RuntimeService).environment !== 'production') return policy
  for (const address of neverInProduction) if (reaches(policy, address)) throw fail('WEBHOOK_POLICY_UNSAFE', { address })
  return policy
}

function reaches(policy: TargetPolicy, address: string): boolean {
  try {
    policy.requireAddress(address, address.replace(/[[\]]/g, ''))
    return true
  } catch {
    return false
  }
}
