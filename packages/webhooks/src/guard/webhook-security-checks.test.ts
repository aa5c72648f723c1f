import { database } from '@glueful/database'
import { queue } from '@glueful/queue'
import { createApp } from 'glueful'
import { auditSecurity } from 'glueful/security'
import { expect, test } from 'vitest'
import { webhooks } from '../webhooks-extension.ts'
import { webhookSecurityChecks } from './webhook-security-checks.ts'

async function found(variables: Readonly<Record<string, string>>): Promise<string[]> {
  const app = createApp({ name: 'shop', routes: {}, extensions: [database(), queue({ jobs: [] }), webhooks()] })
  const safe = {
    APP_KEY: 'k3Zp9wQ1xY7vB2nM5tR8uE4sA6dF0gHjL1',
    FORCE_HTTPS: 'true',
    ALLOWED_HOSTS: 'api.example.com',
    DATABASE_URL: 'postgres://shop:x9Kd0vQ2mT5bN8cZ@db.internal/shop?sslmode=verify-full',
  }
  const { findings } = await auditSecurity(app as never, { environment: 'production', env: { ...safe, ...variables } })
  return findings.map(({ id }) => id)
}

test('what is set up well has no findings', async () => {
  expect(await found({})).toEqual([])
  expect(await found({ WEBHOOKS_ALLOW_NETWORKS: '10.1.0.0/16,fd12:3:4::/48' })).toEqual([])
})

test.each(['10.0.0.0/8', '172.16.0.0/12', 'fd00:ec3::/32'])('WEBHOOKS_NETWORK_BROAD: %s', async (network) => {
  expect(await found({ WEBHOOKS_ALLOW_NETWORKS: `10.1.0.0/16,${network}` })).toEqual(['WEBHOOKS_NETWORK_BROAD'])
})

test.each(['0.0.0.0/0', '127.0.0.1', '169.254.0.0/16', '::1', '::/0', 'fd00:ec2::/64'])(
  '%s, which holds this machine or its cloud, does not start',
  async (network) => {
    expect(await found({ WEBHOOKS_ALLOW_NETWORKS: `10.1.0.0/16,${network}` })).toEqual(['REFUSES_TO_START'])
  },
)

test('WEBHOOKS_WITHOUT_TLS: addresses without TLS', async () => {
  expect(await found({ WEBHOOKS_REQUIRE_HTTPS: 'false' })).toEqual(['WEBHOOKS_WITHOUT_TLS'])
})

test('there are no other checks', () => {
  expect(webhookSecurityChecks.map(({ id }) => id)).toEqual(['WEBHOOKS_NETWORK_BROAD', 'WEBHOOKS_WITHOUT_TLS'])
})
