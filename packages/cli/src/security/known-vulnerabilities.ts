import type { SecurityFinding } from 'glueful/security'
import { askNpm } from './ask-npm.ts'

interface NpmAudit {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly name: string; readonly severity: string; readonly range: string; readonly fixAvailable: unknown }>
  >
  readonly error?: { readonly summary?: string; readonly code?: string }
}

const severityOf: Readonly<Record<string, SecurityFinding['severity']>> = { critical: 'critical', high: 'high', moderate: 'medium', low: 'low' }

/** What the registry knows of the installed packages that run in production; a finding too where it could not be asked. */
export function knownVulnerabilities(directory: string, run = npmAudit): readonly SecurityFinding[] {
  const base = { title: 'A dependency with a known vulnerability', route: undefined, references: ['API8:2023', 'ASVS 15.2.1'], accepted: undefined } as const
  let answer: NpmAudit
  try {
    answer = JSON.parse(run(directory)) as NpmAudit
  } catch {
    answer = { error: { summary: 'npm audit gave no answer' } }
  }
  if (answer.vulnerabilities === undefined) {
    const reason = `Whether dependencies have known vulnerabilities could not be asked: ${answer.error?.summary ?? answer.error?.code ?? 'no reason given'}.`
    return [
      {
        ...base,
        id: 'VULNERABILITIES_UNKNOWN',
        severity: 'medium',
        title: 'Vulnerabilities could not be looked up',
        subject: 'dependencies',
        reason,
        remedy: 'Run npm audit where the registry can be reached.',
      },
    ]
  }
  return Object.values(answer.vulnerabilities).map(({ name, severity, range, fixAvailable }) => ({
    ...base,
    id: 'DEPENDENCY_VULNERABLE',
    severity: severityOf[severity] ?? 'low',
    subject: `package ${name}`,
    reason: `Versions ${range} have a known vulnerability.`,
    remedy: fixAvailable === false ? 'There is no fixed version yet; replace it or keep input away from it.' : 'Run npm audit fix.',
  }))
}

function npmAudit(directory: string): string {
  return askNpm(directory, ['audit', '--json', '--omit=dev'])
}
