import { defineSettings, env, type ValuesOf } from 'glueful'

/** The settings of outgoing webhooks. */
export const webhookSettings = defineSettings(
  {
    requireHttps: env.boolean('WEBHOOKS_REQUIRE_HTTPS', {
      default: false,
      defaultIn: { production: true },
      describe: 'Send webhooks to https addresses only',
    }),
    ports: env.list('WEBHOOKS_PORTS', { default: ['80', '443', '1024-65535'], describe: 'Ports that webhooks may be sent to: 443, 1024-65535' }),
    allowNetworks: env.list('WEBHOOKS_ALLOW_NETWORKS', {
      default: [],
      example: '10.1.0.0/16',
      describe: 'Addresses and networks that webhooks may be sent to although they are not public',
    }),
    timeout: env.duration('WEBHOOKS_TIMEOUT', { default: '15s', min: '100ms', max: '2m', describe: 'How long a receiver may take to answer' }),
    keep: env.duration('WEBHOOKS_KEEP', { default: '30d', min: '1h', describe: 'How long ended deliveries and their attempts stay in the log' }),
  },
  { name: 'webhook-settings', docs: 'docs/webhooks.md of Glueful' },
)

export type WebhookSettings = ValuesOf<typeof webhookSettings>
