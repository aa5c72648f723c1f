import { fail } from './errors/catalog.ts'

/** Milliseconds as a number, or text with a unit: `'250ms'`, `'30s'`, `'5m'`, `'2h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Milliseconds in `value`.
 * @throws `INVALID_DURATION` when it is negative, not finite or has no known unit; `name` says where it stood.
 */
export function parseDuration(value: Duration, name: string): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && value >= 0) return value
    throw fail('INVALID_DURATION', { name, found: String(value) })
  }
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value)
  if (match === null) throw fail('INVALID_DURATION', { name, found: String(value) })
  return Number(match[1]) * (units[match[2] as string] as number)
}
