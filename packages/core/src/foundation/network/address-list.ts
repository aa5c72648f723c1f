import { BlockList, isIP, isIPv4 } from 'node:net'
import { fail } from '../errors/catalog.ts'

/** A set of addresses and networks; both families, an IPv4 address mapped into IPv6 counts as IPv4. */
export interface AddressList {
  has(address: string): boolean
}

/**
 * Reads addresses, CIDR networks and the names `loopback` and `private`.
 * An empty list contains nobody.
 * @throws `INVALID_ADDRESS` naming the entry; `name` says where the list stood.
 */
export function parseAddressList(entries: readonly string[], name: string): AddressList {
  const list = new BlockList()
  for (const entry of entries.flatMap((entry) => named[entry] ?? [entry])) {
    const [address = '', prefix, ...rest] = entry.split('/')
    const family = isIP(address)
    const bits = prefix === undefined ? (family === 6 ? 128 : 32) : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (family === 0 || rest.length > 0 || bits < 0 || bits > (family === 6 ? 128 : 32)) throw fail('INVALID_ADDRESS', { name, found: entry })
    list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
  }
  return {
    has(address) {
      const plain = unmapped(address)
      const family = isIP(plain)
      return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

const named: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
}

/** `::ffff:192.0.2.1` → `192.0.2.1` (RFC 4291, 2.5.5.2), so that an IPv4 client has one spelling on dual-stack sockets. */
export function unmapped(address: string): string {
  if (!address.startsWith('::ffff:')) return address
  const tail = address.slice(7)
  return isIPv4(tail) ? tail : address
}
