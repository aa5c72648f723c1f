/** Names and values of a Cookie header (RFC 6265, 4.2.1); the first of a repeated name counts. */
export function parseCookies(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null) as Record<string, string>
  if (header === undefined) return cookies
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 1) continue
    const name = pair.slice(0, equals).trim()
    if (name in cookies) continue
    const value = pair.slice(equals + 1).trim()
    const unquoted = value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
    cookies[name] = unquoted.includes('%') ? decode(unquoted) : unquoted
  }
  return cookies
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    // Not ours to judge: cookies of other applications on the host may hold anything.
    return value
  }
}
