import { BlockList, isIP } from 'node:net'

/** What an address is for, where it is not for the public internet. */
export type AddressClass =
  | 'public'
  | 'private'
  | 'loopback'
  | 'link-local'
  | 'shared'
  | 'multicast'
  | 'documentation'
  | 'reserved'
  | 'unspecified'
  | 'translated'

type Block = readonly [network: string, bits: number, kind: Exclude<AddressClass, 'public'>]

/** IANA IPv4 Special-Purpose Address Registry (RFC 6890). */
const blocks4: readonly Block[] = [
  ['0.0.0.0', 8, 'unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.31.196.0', 24, 'reserved'],
  ['192.52.193.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['192.175.48.0', 24, 'reserved'],
  ['198.18.0.0', 15, 'reserved'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['168.63.129.16', 32, 'link-local'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
]

/**
 * IANA IPv6 Special-Purpose Address Registry. Forms that carry an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo)
 * are refused as a whole: nobody publishes a receiver under one, and where they lead is the network's business.
 */
const blocks6: readonly Block[] = [
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['::ffff:0:0', 96, 'translated'],
  ['::ffff:0:0:0', 96, 'translated'],
  ['::', 96, 'translated'],
  ['64:ff9b::', 96, 'translated'],
  ['64:ff9b:1::', 48, 'translated'],
  ['100::', 64, 'reserved'],
  ['2001::', 23, 'translated'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, 'translated'],
  ['2620:4f:8000::', 48, 'reserved'],
  ['3fff::', 20, 'documentation'],
  ['5f00::', 16, 'reserved'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'private'],
  ['ff00::', 8, 'multicast'],
]

function compile(blocks: readonly Block[], family: 'ipv4' | 'ipv6') {
  return blocks.map(([network, bits, kind]) => {
    const list = new BlockList()
    list.addSubnet(network, bits, family)
    return { list, kind }
  })
}

const compiled4 = compile(blocks4, 'ipv4')
const compiled6 = compile(blocks6, 'ipv6')

/** Classifies an address in its usual spelling, without brackets; what is no address is `reserved`. */
export function classifyAddress(address: string): AddressClass {
  const [plain = ''] = address.split('%')
  const family = isIP(plain)
  if (family === 0) return 'reserved'
  if (family === 4) return compiled4.find(({ list }) => list.check(plain, 'ipv4'))?.kind ?? 'public'
  const found = compiled6.find(({ list }) => list.check(plain, 'ipv6'))
  if (found !== undefined) return found.kind
  // Only 2000::/3 is given out as global unicast (RFC 4291, 2.4).
  return /^[23]/.test(plain) ? 'public' : 'reserved'
}
