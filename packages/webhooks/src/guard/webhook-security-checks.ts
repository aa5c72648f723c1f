import { isIP } from 'node:net'
import type { SecurityCheck } from 'glueful/security'
import { webhookSettings } from '../webhook-settings.ts'

/** What `glueful security check` looks for because of `webhooks()`. Networks with the machine itself do not start in production. */
export const webhookSecurityChecks: readonly SecurityCheck[] = [
  {
    id: 'WEBHOOKS_NETWORK_BROAD',
    severity: 'high',
    title: 'Webhooks may be sent to a large part of the inner network',
    references: ['API7:2023', 'ASVS 1.3.6'],
    find: ({ valuesOf }) =>
      valuesOf(webhookSettings)
        .allowNetworks.filter(isBroad)
        .map((network) => ({
          subject: 'setting WEBHOOKS_ALLOW_NETWORKS',
          reason: `It has ${network}: whoever adds an endpoint makes this machine ask whatever else is there.`,
          remedy: 'Name the networks of the receivers, and no larger ones.',
        })),
  },
  {
    id: 'WEBHOOKS_WITHOUT_TLS',
    severity: 'medium',
    title: 'Webhooks travel without TLS',
    references: ['API8:2023', 'ASVS 12.3.1'],
    find: ({ valuesOf }) =>
      valuesOf(webhookSettings).requireHttps
        ? []
        : [{ subject: 'setting WEBHOOKS_REQUIRE_HTTPS', reason: 'It is false, so events may be sent to http:// addresses.', remedy: 'Leave it out.' }],
  },
]

function isBroad(network: string): boolean {
  const [address = '', bits] = network.split('/')
  return bits !== undefined && Number(bits) < (isIP(address) === 6 ? 48 : 16)
}
