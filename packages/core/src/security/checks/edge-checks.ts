import type { CompiledRoute } from '../../http/context/route.ts'
import { accessOf } from '../../traffic/access/route-access.ts'
import { defineSecurityCheck, type FoundRisk, type SecurityCheck } from '../../app/security-check.ts'

/** One finding for all routes that share a fault of the application's defaults, so that a report stays readable. */
function together(routes: readonly CompiledRoute[], all: readonly CompiledRoute[], reason: string, remedy: string): FoundRisk[] {
  if (routes.length > 3 && routes.length === all.length) return [{ subject: `all ${all.length} routes`, reason, remedy }]
  return routes.map((route) => ({ route, reason, remedy }))
}

const headersOf = ({ options }: CompiledRoute) => (options.securityHeaders === false ? {} : (options.securityHeaders ?? {}))

/** What browsers and proxies are told. */
export const edgeChecks: readonly SecurityCheck[] = [
  defineSecurityCheck({
    id: 'SECURITY_HEADERS_OFF',
    severity: 'high',
    title: 'No security headers',
    references: ['API8:2023', 'ASVS 3.4.1', 'ASVS 3.4.4'],
    find: ({ routes }) =>
      together(
        routes.filter(({ options }) => options.securityHeaders === false),
        routes,
        'Answers carry none of the security headers.',
        'Leave securityHeaders out, or change single headers of the preset.',
      ),
  }),
  defineSecurityCheck({
    id: 'HSTS_WEAK',
    severity: 'medium',
    title: 'Browsers may come back without TLS',
    references: ['API8:2023', 'ASVS 3.4.1'],
    find: ({ routes }) =>
      together(
        routes.filter((route) => {
          const { strictTransportSecurity: hsts } = headersOf(route)
          return hsts === false || (typeof hsts === 'string' && Number(/max-age=(\d+)/.exec(hsts)?.[1] ?? 0) < 31_536_000)
        }),
        routes,
        'Strict-Transport-Security is off or shorter than a year.',
        "Leave strictTransportSecurity out, or set 'max-age=31536000; includeSubDomains'.",
      ),
  }),
  defineSecurityCheck({
    id: 'CONTENT_POLICY_WEAK',
    severity: 'medium',
    title: 'A content policy that lets scripts in',
    references: ['API8:2023', 'ASVS 3.4.3'],
    find: ({ routes }) =>
      together(
        routes.filter((route) => {
          const { contentSecurityPolicy: policy } = headersOf(route)
          return policy === false || (typeof policy === 'string' && /'unsafe-(inline|eval)'|(^|[\s;])\*([\s;]|$)/.test(policy))
        }),
        routes,
        'Content-Security-Policy is off, or allows inline scripts, eval or every origin.',
        'Leave contentSecurityPolicy out, or name the sources that are needed.',
      ),
  }),
  defineSecurityCheck({
    id: 'FRAMING_ALLOWED',
    severity: 'medium',
    title: 'Answers may be framed',
    references: ['API8:2023', 'ASVS 3.4.6'],
    find: ({ routes }) =>
      together(
        routes.filter((route) => {
          const { contentSecurityPolicy: policy, frameOptions } = headersOf(route)
          const policyFrames = policy === undefined || (typeof policy === 'string' && policy.includes('frame-ancestors'))
          return !policyFrames && (frameOptions === false || policy === false)
        }),
        routes,
        'Neither frame-ancestors nor X-Frame-Options keeps other sites from framing it.',
        "Add frame-ancestors 'none' to the content policy.",
      ),
  }),
  defineSecurityCheck({
    id: 'CORS_ANY_ORIGIN',
    severity: 'high',
    title: 'Pages of any origin may read answers to callers',
    references: ['API8:2023', 'ASVS 3.4.2'],
    find: ({ routes }) =>
      routes
        .filter((route) => allowsAny(route) && accessOf(route.options) !== undefined)
        .map((route) => ({
          route,
          reason: "It asks callers who they are, and cors allows '*'.",
          remedy: 'Name the origins in CORS_ALLOW_ORIGINS or cors.origins.',
        })),
  }),
  defineSecurityCheck({
    id: 'CORS_ANY_ORIGIN_PUBLIC',
    severity: 'low',
    title: 'Pages of any origin may read public answers',
    references: ['API8:2023', 'ASVS 3.4.2'],
    find: ({ routes }) => {
      const open = routes.filter((route) => allowsAny(route) && accessOf(route.options) === undefined)
      return together(open, routes, "cors allows '*'.", 'Name the origins, or accept the risk with acceptRisks and the reason.')
    },
  }),
  defineSecurityCheck({
    id: 'CORS_ORIGIN_INSECURE',
    severity: 'medium',
    title: 'Pages without TLS may read answers',
    references: ['API8:2023', 'ASVS 3.4.2', 'ASVS 12.2.1'],
    find: ({ routes }) =>
      together(
        routes.filter(({ options }) => (options.cors === false ? [] : (options.cors?.origins ?? [])).some((origin) => origin.startsWith('http://'))),
        routes,
        'cors allows an origin without TLS; whoever is on its network reads what it reads.',
        'Allow https:// origins only.',
      ),
  }),
]

function allowsAny({ options }: CompiledRoute): boolean {
  return options.cors !== undefined && options.cors !== false && options.cors.origins.includes('*')
}
