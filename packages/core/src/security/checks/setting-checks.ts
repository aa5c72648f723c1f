import { isIP } from 'node:net'
import { Transactions } from '../../foundation/transactions.ts'
import { defineSecurityCheck, type FoundRisk, type SecurityCheck, type SecurityTarget } from '../../app/security-check.ts'

const setting = (name: string, reason: string, remedy: string): FoundRisk => ({ subject: `setting ${name}`, reason, remedy })

/** How the process is set up. */
export const settingChecks: readonly SecurityCheck[] = [
  defineSecurityCheck({
    id: 'DEBUG_LOGS',
    severity: 'medium',
    title: 'Logs with more than operators need',
    references: ['API8:2023', 'ASVS 13.4.2'],
    find: ({ settings: { logLevel } }) =>
      logLevel === 'trace' || logLevel === 'debug'
        ? [setting('LOG_LEVEL', `It is ${logLevel}, which writes details of requests and queries.`, 'Set LOG_LEVEL=info.')]
        : [],
  }),
  defineSecurityCheck({
    id: 'LOGS_NOT_STRUCTURED',
    severity: 'low',
    title: 'Logs that machines cannot read',
    references: ['ASVS 16.2.4'],
    find: ({ settings }) => (settings.logFormat === 'pretty' ? [setting('LOG_FORMAT', 'It is pretty, for people.', 'Set LOG_FORMAT=json.')] : []),
  }),
  defineSecurityCheck({
    id: 'PLAIN_HTTP',
    severity: 'high',
    title: 'Requests without TLS are answered',
    references: ['API8:2023', 'ASVS 12.2.1'],
    find: ({ settings }) =>
      settings.forceHttps
        ? []
        : [
            setting(
              'FORCE_HTTPS',
              'It is off, so whoever asks without TLS is answered in the clear.',
              'Set FORCE_HTTPS=true, and TRUST_PROXY where a proxy ends TLS.',
            ),
          ],
  }),
  defineSecurityCheck({
    id: 'PUBLIC_ADDRESS_INSECURE',
    severity: 'high',
    title: 'Links lead to an address without TLS',
    references: ['API8:2023', 'ASVS 12.2.1'],
    find: ({ settings: { appUrl } }) =>
      appUrl?.startsWith('http://') === true ? [setting('APP_URL', 'It begins with http://.', 'Set APP_URL to the https:// address.')] : [],
  }),
  defineSecurityCheck({
    id: 'ANY_HOST',
    severity: 'medium',
    title: 'Any host name is answered',
    references: ['API8:2023', 'ASVS 3.7.2'],
    find: ({ settings, routes }) =>
      settings.allowedHosts.length === 0 && routes.some(({ options }) => options.hosts === undefined)
        ? [
            setting(
              'ALLOWED_HOSTS',
              'It is empty; links and caches may be made for a host name that an attacker chose.',
              'Set ALLOWED_HOSTS to the names of the API.',
            ),
          ]
        : [],
  }),
  defineSecurityCheck({
    id: 'PROXY_TRUST_BROAD',
    severity: 'high',
    title: 'Clients may say who they are',
    references: ['API8:2023', 'ASVS 4.1.3', 'ASVS 15.3.4'],
    find: ({ settings: { trustProxy } }) => {
      const [only] = trustProxy
      const broad = trustProxy.filter((entry) => isBroad(entry))
      const hops = trustProxy.length === 1 && /^\d+$/.test(only as string) ? Number(only) : 0
      if (broad.length > 0)
        return [setting('TRUST_PROXY', `It trusts ${broad.join(', ')}, and so forwarded headers of strangers.`, 'Name the addresses of the proxies.')]
      return hops > 3
        ? [setting('TRUST_PROXY', `It trusts ${hops} proxies; a client that comes through fewer chooses its address.`, 'Name the addresses of the proxies.')]
        : []
    },
  }),
  defineSecurityCheck({
    id: 'METRICS_EXPOSED',
    severity: 'high',
    title: 'Metrics for everybody',
    references: ['API8:2023', 'ASVS 13.4.5'],
    find: ({ settings }) => exposed('METRICS_IP_ALLOWLIST', settings.metricsAllow, 'Name the addresses of those who scrape.'),
  }),
  defineSecurityCheck({
    id: 'READINESS_EXPOSED',
    severity: 'medium',
    title: 'Details of health for everybody',
    references: ['API8:2023', 'ASVS 13.4.5'],
    find: ({ settings }) => exposed('HEALTH_IP_ALLOWLIST', settings.healthAllow, 'Name the addresses of the load balancers and operators.'),
  }),
  defineSecurityCheck({
    id: 'DOCUMENTATION_EXPOSED',
    severity: 'medium',
    title: 'Documentation in production',
    references: ['API9:2023', 'ASVS 13.4.5'],
    find: ({ settings }) =>
      settings.docsEnabled
        ? [setting('API_DOCS_ENABLED', '/docs and /openapi.json describe every route to everybody.', 'Set API_DOCS_ENABLED=false, unless the API is public.')]
        : [],
  }),
  defineSecurityCheck({
    id: 'MEMORY_STORE_IN_CLUSTER',
    severity: 'critical',
    title: 'Each process counts for itself',
    references: ['API4:2023', 'ASVS 2.4.1'],
    find: memoryStores,
  }),
  defineSecurityCheck({
    id: 'SLOW_CLIENTS_UNLIMITED',
    severity: 'high',
    title: 'Slow clients hold connections',
    references: ['API4:2023', 'ASVS 15.2.2'],
    find: ({ limits }) =>
      (
        [
          ['headersTimeout', 60_000],
          ['requestTimeout', 900_000],
        ] as const
      )
        .filter(([name, most]) => limits[name] === 0 || limits[name] > most)
        .map(([name, most]) => ({
          subject: `server.limits.${name}`,
          reason: `It is ${limits[name] === 0 ? 'off' : `${limits[name]} ms`}, so a few slow clients use up all connections.`,
          remedy: `Set it to at most ${most}, or leave it out.`,
        })),
  }),
  defineSecurityCheck({
    id: 'REQUEST_TIMEOUT_LONG',
    severity: 'low',
    title: 'Handlers may take minutes',
    references: ['API4:2023', 'ASVS 15.2.2'],
    find: ({ settings }) =>
      settings.requestTimeout > 120_000
        ? [setting('REQUEST_TIMEOUT', 'It is more than two minutes.', 'Set REQUEST_TIMEOUT=30s and give slow routes a timeout of their own, or a job.')]
        : [],
  }),
]

function isBroad(entry: string): boolean {
  const [address = '', bits] = entry.split('/')
  return isIP(address) !== 0 && bits !== undefined && Number(bits) < (isIP(address) === 6 ? 32 : 8)
}

function exposed(name: string, list: readonly string[], remedy: string): FoundRisk[] {
  const open = list.filter(isBroad)
  return open.length === 0 ? [] : [setting(name, `It allows ${open.join(', ')}.`, remedy)]
}

function* memoryStores({ settings, provides }: SecurityTarget): Generator<FoundRisk> {
  if (settings.workers < 2) return
  for (const [name, chosen] of [
    ['RATE_LIMIT_STORE', settings.rateLimitStore],
    ['CACHE_STORE', settings.cacheStore],
    ['LOCK_STORE', settings.lockStore],
  ] as const) {
    if (chosen === 'memory' || (chosen === 'auto' && settings.redisUrl === undefined && !provides(Transactions)))
      yield setting(
        name,
        `It is memory with ${settings.workers} workers, so each of them has limits of its own.`,
        'Set REDIS_URL, or leave it at auto with a database.',
      )
  }
}
