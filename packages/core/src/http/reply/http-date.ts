const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const time = '(\\d{2}):(\\d{2}):(\\d{2})'
const fixdate = new RegExp(`^[A-Z][a-z]{2}, (\\d{2}) ([A-Z][a-z]{2}) (\\d{4}) ${time} GMT$`)
const rfc850 = new RegExp(`^[A-Z][a-z]{5,8}, (\\d{2})-([A-Z][a-z]{2})-(\\d{2}) ${time} GMT$`)
const asctime = new RegExp(`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \\d]\\d) ${time} (\\d{4})$`)

/**
 * Reads an HTTP-date in its current or one of its two obsolete forms (RFC 9110, 5.6.7), as ms since the epoch.
 * @returns undefined for anything else; such a field is ignored.
 */
export function parseHttpDate(text: string): number | undefined {
  const current = fixdate.exec(text)
  if (current !== null) return toTime(current[3], current[2], current[1], current.slice(4))
  const obsolete = rfc850.exec(text)
  if (obsolete !== null) return toTime(String(fullYear(Number(obsolete[3]))), obsolete[2], obsolete[1], obsolete.slice(4))
  const ancient = asctime.exec(text)
  if (ancient !== null) return toTime(ancient[6], ancient[1], ancient[2], ancient.slice(3, 6))
  return undefined
}

/** Two digits that look more than 50 years ahead are the most recent past year that ends so. */
function fullYear(short: number): number {
  const now = new Date().getUTCFullYear()
  const year = now - (now % 100) + short
  return year > now + 50 ? year - 100 : year
}

function toTime(year = '', month = '', day = '', clock: readonly string[] = []): number | undefined {
  const [hours, minutes, seconds] = clock.map(Number) as [number, number, number]
  // A leap second is a second of its own that our clock does not have.
  const value = Date.UTC(Number(year), months.indexOf(month), Number(day), hours, minutes, Math.min(seconds, 59))
  const date = new Date(value)
  const exists =
    date.getUTCMonth() === months.indexOf(month) &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === hours &&
    date.getUTCMinutes() === minutes &&
    seconds <= 60
  return exists ? value : undefined
}
