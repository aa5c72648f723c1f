import { isIPv6 } from 'node:net'

/**
 * The part of an address that stands for one subscriber: IPv4 as it is, also where it is mapped into IPv6 (RFC 4291,
 * 2.5.5.2) in whatever spelling; of IPv6 the first 64 bits, since a subscriber has at least a whole /64 (RFC 6177).
 */
export function subjectAddress(address: string): string {
  if (!address.includes(':')) return address
  const zone = address.indexOf('%')
  const plain = zone === -1 ? address : address.slice(0, zone)
  if (!isIPv6(plain)) return address
  const groups = parseGroups(plain)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups
  if ((a | b | c | d | e) === 0 && f === 0xffff) return `${g >> 8}.${g & 255}.${h >> 8}.${h & 255}`
  return `${a.toString(16)}:${b.toString(16)}:${c.toString(16)}:${d.toString(16)}::/64`
}

/** The eight groups of a valid address. */
function parseGroups(address: string): number[] {
  const dot = address.lastIndexOf('.')
  let text = address
  if (dot !== -1) {
    const start = address.lastIndexOf(':') + 1
    const [w = 0, x = 0, y = 0, z = 0] = address.slice(start).split('.').map(Number)
    text = `${address.slice(0, start)}${((w << 8) | x).toString(16)}:${((y << 8) | z).toString(16)}`
  }
  const [head = '', tail] = text.split('::', 2)
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16))
}
