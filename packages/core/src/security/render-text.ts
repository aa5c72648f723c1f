import { severities } from '../app/security-check.ts'
import type { SecurityFinding, SecurityReport } from './security-report.ts'

/** A report for people: the worst first, findings of one kind together. */
export function renderSecurityText({ findings, open, checks }: SecurityReport): string {
  const taken = findings.filter(({ accepted }) => accepted !== undefined)
  const left = findings.filter(({ accepted }) => accepted === undefined)
  const blocks = [...Map.groupBy(left, ({ id }) => id).values()].map(renderGroup)
  const summary = severities.map((severity) => `${open[severity]} ${severity}`).join(', ')
  const acceptedLines = taken.map(({ id, subject, accepted }) => `  ${id}  ${subject}\n      ${accepted}\n`)
  return [
    ...blocks,
    ...(taken.length === 0 ? [] : [`Accepted\n${acceptedLines.join('')}`]),
    `${left.length === 0 ? 'No findings' : summary} (${checks.length} checks${taken.length === 0 ? '' : `, ${taken.length} accepted`})`,
  ].join('\n')
}

function renderGroup(group: readonly SecurityFinding[]): string {
  const { id, severity, title, references } = group[0] as SecurityFinding
  const lines = [...Map.groupBy(group, ({ reason, remedy }) => `${reason}\n${remedy}`).values()].map((same) => {
    const { reason, remedy } = same[0] as SecurityFinding
    return `${same.map(({ subject }) => `    ${subject}\n`).join('')}      ${reason}\n      → ${remedy}\n`
  })
  return `${severity.toUpperCase().padEnd(8)}  ${id}: ${title} (${references.join(', ')})\n${lines.join('')}`
}
