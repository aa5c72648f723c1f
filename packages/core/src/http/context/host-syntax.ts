// Names as DNS and container networks have them, IPv4, IPv6 in brackets; a port. Empty is what RFC 9112, 3.2 allows without authority.
const host = /^(?:[\w-]+(?:\.[\w-]+)*\.?|\[[\da-f:.]{2,45}\])?(?::\d{0,5})?$/i

/** Whether a Host header, or what a proxy says of one, may be one: links and redirects are made with it. */
export function isHost(text: string): boolean {
  return text.length <= 300 && host.test(text)
}
