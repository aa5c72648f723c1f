import type { FoundRisk, SecurityCheck, SecurityTarget, Severity, StartedApp } from '../app/security-check.ts'
import { severities } from '../app/security-check.ts'

/** One finding of one check. */
export interface SecurityFinding {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** `cars.create POST /cars`, or `setting CORS_ALLOW_ORIGINS`. */
  readonly subject: string
  /** The name of the route, where it is one. */
  readonly route: string | undefined
  readonly reason: string
  readonly remedy: string
  readonly references: readonly string[]
  /** Why the route, or the application, takes the risk, where it says so. */
  readonly accepted: string | undefined
}

export interface SecurityReport {
  /** The worst first; accepted ones among them. */
  readonly findings: readonly SecurityFinding[]
  /** How many of each severity are not accepted. */
  readonly open: Readonly<Record<Severity, number>>
  /** Ids of all checks that were run. */
  readonly checks: readonly string[]
}

/** Runs all checks, those of a started application where there is one. A route that accepts what nothing finds says so too, because it hides what comes later. */
export async function reportOn(target: SecurityTarget, all: readonly SecurityCheck[], started?: StartedApp): Promise<SecurityReport> {
  const checks = all.filter(({ find }) => find !== undefined || started !== undefined)
  const findings: SecurityFinding[] = []
  for (const check of checks) {
    const found = [...(check.find?.(target) ?? []), ...(started === undefined ? [] : ((await check.inspect?.(started)) ?? []))]
    findings.push(...found.map((risk) => toFinding(check, risk, target)))
  }
  // What nobody looked for may still be there.
  const unasked = new Set(all.filter((check) => !checks.includes(check)).map(({ id }) => id))
  findings.push(
    ...unusedAcceptances(target, findings)
      .filter(({ about }) => !unasked.has(about))
      .map(({ about: _, ...finding }) => finding),
  )
  findings.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || compare(a.id, b.id) || compare(a.subject, b.subject))
  const open = Object.fromEntries(
    severities.map((severity) => [severity, findings.filter((finding) => finding.severity === severity && finding.accepted === undefined).length]),
  ) as Record<Severity, number>
  return { findings, open, checks: checks.map(({ id }) => id) }
}

interface UnusedAcceptance extends SecurityFinding {
  /** The check that it accepts. */
  readonly about: string
}

/** A group accepts for all of its routes; that is in use as long as one of them needs it. */
function unusedAcceptances({ routes, accepted }: SecurityTarget, findings: readonly SecurityFinding[]): UnusedAcceptance[] {
  const needed = new Set(findings.filter(({ accepted }) => accepted !== undefined).map(({ route, id }) => `${route} ${id}`))
  const inUse = new Map<object, Set<string>>()
  for (const { name, options } of routes) {
    const own = options.acceptRisks
    if (own === undefined) continue
    const ids = inUse.get(own) ?? new Set()
    inUse.set(own, ids)
    for (const id of Object.keys(own)) if (needed.has(`${name} ${id}`)) ids.add(id)
  }
  const ofApplication = Object.keys(accepted).filter((id) => !needed.has(`undefined ${id}`))
  return [
    ...ofApplication.map((id) => unused('application', undefined, id)),
    ...routes.flatMap(({ name, method, path, options }) => {
      const own = options.acceptRisks ?? {}
      return Object.keys(own)
        .filter((id) => inUse.get(own)?.has(id) !== true)
        .map((id) => unused(`${name} ${method} ${path}`, name, id))
    }),
  ]
}

function unused(subject: string, route: string | undefined, id: string): UnusedAcceptance {
  return {
    about: id,
    id: 'ACCEPTANCE_UNUSED',
    severity: 'low',
    title: 'A risk is accepted that is not there',
    subject,
    route,
    reason: `It accepts ${id}, which no check finds.`,
    remedy: 'Remove it from acceptRisks.',
    references: ['API9:2023'],
    accepted: undefined,
  }
}

function toFinding(
  { id, severity, title, references }: SecurityCheck,
  { route, subject, reason, remedy }: FoundRisk,
  { accepted }: SecurityTarget,
): SecurityFinding {
  return {
    id,
    severity,
    title,
    subject: route === undefined ? (subject ?? 'application') : `${route.name} ${route.method} ${route.path}`,
    route: route?.name,
    reason,
    remedy,
    references,
    accepted: route === undefined ? accepted[id] : route.options.acceptRisks?.[id],
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
