import type { AuditRow } from './audit-chain.ts'

export type AuditFormat = 'json' | 'csv'

const fields = ['seq', 'at', 'actor', 'action', 'target', 'result', 'before', 'after', 'requestId', 'ip', 'previous', 'hash'] as const

/** An entry with its time as ISO 8601 and its values parsed, for answers and exports. */
export function shownEntry({ at, before, after, ...row }: AuditRow) {
  return { ...row, at: new Date(at).toISOString(), before: parsed(before), after: parsed(after) }
}

/** The first line of an export, where the format has one. */
export function auditHeading(format: AuditFormat): string | undefined {
  return format === 'csv' ? fields.join(',') : undefined
}

/** One line of an export: CSV (RFC 4180), or JSON as one object a line. */
export function renderEntry(row: AuditRow, format: AuditFormat): string {
  if (format === 'json') return JSON.stringify(shownEntry(row))
  const values: Readonly<Record<(typeof fields)[number], unknown>> = { ...row, at: new Date(row.at).toISOString() }
  return fields.map((field) => cell(values[field])).join(',')
}

function parsed(json: string | null): unknown {
  return json === null ? null : (JSON.parse(json) as unknown)
}

/** Spreadsheets would run what begins like a formula. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = String(value)
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}
