/** Text as every database keeps it: PostgreSQL has no NUL characters. */
export function encodeText(text: string): string {
  return text.includes('\u0000') ? `b${Buffer.from(text).toString('base64')}` : `t${text}`
}

export function decodeText(stored: string): string {
  return stored.startsWith('b') ? Buffer.from(stored.slice(1), 'base64').toString() : stored.slice(1)
}
