import type { Health, HealthAnswer } from '../operate/health/health.ts'
import { prometheusType } from '../foundation/metrics/render-prometheus.ts'
import { group, route, type RouteTree } from '../http/context/route.ts'
import { docsPolicy, docsScript, renderDocsPage } from '../http/openapi/docs-page.ts'
import { scalarFile } from '../http/openapi/scalar-file.ts'
import { Reply } from '../http/context/reply.ts'
import { bytes, html, reply, text } from '../http/reply/constructors.ts'
import { file } from '../http/reply/file.ts'

export interface OperateParts {
  readonly health: Health
  readonly scrape: () => Promise<string>
  readonly openapi: (version?: string) => unknown
  /** Versions of the API; none where it has none. */
  readonly versions: readonly string[]
  readonly title: string
  readonly docsEnabled: boolean
  readonly healthAllow: readonly string[]
  readonly metricsAllow: readonly string[]
}

/** Whatever the application's defaults say. */
const anybody = { auth: false, can: false, scopes: false } as const

/** What operators and machines ask of every application: health, metrics, OpenAPI and its documentation. */
export function operateRoutes(parts: OperateParts): RouteTree {
  const { health, healthAllow, metricsAllow } = parts
  const answer = ({ status, body }: HealthAnswer) => reply(status, body, { 'cache-control': 'no-store' })
  const live = () => answer(health.live())
  const ready = async () => answer(await health.ready())
  // Probes name the machine, not the host that clients use, and have no credentials. Who watches is never kept out.
  const unlimited = { rateLimit: false, errorThrottle: false, loadShedding: false } as const
  const shared = { ...anybody, ...unlimited, hidden: true, log: false, hosts: false, forceHttps: false, timeout: false } as const

  return {
    health: group(shared, {
      live: route.get('/health/live', live),
      healthz: route.get('/healthz', live),
      startup: route.get('/health/startup', () => answer(health.startup())),
      guarded: group(
        { ipAllow: healthAllow },
        {
          ready: route.get('/health/ready', ready),
          readyShort: route.get('/ready', ready),
          detailed: route.get('/health/detailed', async () => answer(await health.detailed())),
        },
      ),
    }),
    metrics: route.get('/metrics', { ...shared, ipAllow: metricsAllow }, async () => text(await parts.scrape()).set('content-type', prometheusType)),
    ...(parts.docsEnabled ? docs(parts) : {}),
  }
}

function docs({ openapi, title, versions }: OperateParts): RouteTree {
  const page = { ...anybody, hidden: true, securityHeaders: { contentSecurityPolicy: docsPolicy } } as const
  return {
    openapi: route.get('/openapi.json', { ...anybody, hidden: true }, () => new Reply(200, 'json', openapi())),
    ...Object.fromEntries(
      versions.map((version) => [
        `openapiV${version}`,
        route.get(`/openapi/v${version}.json`, { ...anybody, hidden: true }, () => new Reply(200, 'json', openapi(version))),
      ]),
    ),
    docs: group(page, {
      page: route.get('/docs', () => html(renderDocsPage(title))),
      start: route.get('/docs/start.js', () => bytes(Buffer.from(docsScript), 'text/javascript; charset=utf-8')),
      scalar: route.get('/docs/scalar.js', () => file(scalarFile(), { type: 'text/javascript; charset=utf-8', maxAge: '1h' })),
    }),
  }
}
