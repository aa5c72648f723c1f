/** JSON as a value. What is no JSON, as an extension's type of the same number, stays text. */
export function decodeJson(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value
}

const timestamp = /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d)(?::?(\d\d))?)?$/

/** `2026-01-02 03:04:05.678+00` as a Date; a time without offset is UTC. `infinity` and years before Christ stay text. */
export function decodeTimestamp(value: unknown): unknown {
  const match = typeof value === 'string' ? timestamp.exec(value) : null
  if (match === null) return value
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0').slice(0, 3)))
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000
  return new Date(sign === '-' ? ms + offset : ms - offset)
}

/** An integer as a number where one holds it exactly, as a bigint otherwise. */
export function decodeInteger(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}
