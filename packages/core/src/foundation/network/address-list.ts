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
  const networks: Network[] = []
  for (const entry of entries) {
    const known = parseEntry(entry)
    if (known === undefined) throw fail('INVALID_ADDRESS', { name, found: entry })
    networks.push(...known)
  }
  // Made by the first question: of the lists that an application has, most are never asked.
  let list: BlockList | undefined
  const made = (): BlockList => {
    list = new BlockList()
    for (const { address, bits, family } of networks) list.addSubnet(address, bits, family)
    return list
  }
  return {
    has(address) {
      const plain = unmapped(address)
      const family = isIP(plain)
      return family !== 0 && (list ?? made()).check(plain, family === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

/** Whether a text can stand in such a list. */
export function isAddressEntry(entry: string): boolean {
  return parseEntry(entry) !== undefined
}

function parseEntry(entry: string): readonly Network[] | undefined {
  const known = named.get(entry)
  if (known !== undefined) return known
  const [address = '', prefix, ...rest] = entry.split('/')
  const family = isIP(address)
  const bits = prefix === undefined ? (family === 6 ? 128 : 32) : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
  if (family === 0 || rest.length > 0 || bits < 0 || bits > (family === 6 ? 128 : 32)) return undefined
  return [{ address, bits, family: family === 6 ? 'ipv6' : 'ipv4' }]
}

interface Network {
  readonly address: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

const named: ReadonlyMap<string, readonly Network[]> = new Map<string, readonly Network[]>([
  [
    'loopback',
    [
      { address: '127.0.0.0', bits: 8, family: 'ipv4' },
      { address: '::1', bits: 128, family: 'ipv6' },
    ],
  ],
  [
    'private',
    [
      { address: '10.0.0.0', bits: 8, family: 'ipv4' },
      { address: '172.16.0.0', bits: 12, family: 'ipv4' },
      { address: '192.168.0.0', bits: 16, family: 'ipv4' },
      { address: 'fc00::', bits: 7, family: 'ipv6' },
      { address: 'fe80::', bits: 10, family: 'ipv6' },
    ],
  ],
])

/** `::ffff:192.0.2.1` → `192.0.2.1` (RFC 4291, 2.5.5.2), so that an IPv4 client has one spelling on dual-stack sockets. */
export function unmapped(address: string): string {
  if (!address.startsWith('::ffff:')) return address
  const tail = address.slice(7)
  return isIPv4(tail) ? tail : address
}
