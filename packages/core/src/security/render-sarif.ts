import type { Severity } from '../app/security-check.ts'
import type { SecurityReport } from './security-report.ts'

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note' }
/** The scale of GitHub's code scanning, which other tools follow. */
const scores: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.5' }

/** A report as SARIF 2.1.0 (OASIS), for code scanning. What is found has no line: `file` stands for the application. */
export function renderSarif({ findings }: SecurityReport, { version, file }: { readonly version: string; readonly file: string }): string {
  const rules = [...new Map(findings.map((finding) => [finding.id, finding])).values()].map(({ id, title, severity, references }) => ({
    id,
    shortDescription: { text: title },
    properties: { tags: ['security', ...references], 'security-severity': scores[severity] },
  }))
  const results = findings.map(({ id, severity, subject, reason, remedy, accepted }) => ({
    ruleId: id,
    level: levels[severity],
    message: { text: `${subject}: ${reason} ${remedy}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: file } }, logicalLocations: [{ fullyQualifiedName: subject }] }],
    partialFingerprints: { finding: `${id}:${subject}` },
    ...(accepted === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: accepted }] }),
  }))
  const driver = { name: 'glueful', semanticVersion: version, rules }
  return JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [{ tool: { driver }, results }] }, undefined, 2)
}
