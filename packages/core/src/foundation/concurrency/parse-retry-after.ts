/**
 * Reads a Retry-After, seconds or a date (RFC 9110, 10.2.3), as ms from now.
 * @returns undefined where there is none, or none that can be read
 */
export function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
