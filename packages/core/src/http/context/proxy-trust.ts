import { fail } from '../../foundation/errors/catalog.ts'
import { parseAddressList, unmapped, type AddressList } from '../../foundation/network/address-list.ts'
import { isHost } from './host-syntax.ts'
import type { Origin, Peer } from './runtime.ts'

/**
 * Which proxies may say who the client is: none (`false`), the number of proxies in front (`1`), or their addresses and
 * networks (`['10.0.0.0/8']`). Forwarded headers of anybody else are never read.
 */
export type TrustProxy = false | number | readonly string[]

/**
 * Makes the function that finds a request's origin. X-Forwarded-For is read from the right, the side that the trusted
 * proxies wrote; an entry that is no address ends the reading.
 * @throws `INVALID_TRUST_PROXY` when a number of hops is not a whole number from 1 to 16.
 */
export function createOriginResolver(trust: TrustProxy): (peer: Peer) => Origin {
  if (trust === false || (Array.isArray(trust) && trust.length === 0)) return direct
  if (typeof trust === 'number') {
    if (!Number.isInteger(trust) || trust < 1 || trust > 16) throw fail('INVALID_TRUST_PROXY', { found: String(trust) })
    return (peer) => forwarded(peer, clientByHops(peer, trust), trust)
  }
  const proxies = parseAddressList(trust as readonly string[], 'TRUST_PROXY')
  return (peer) => {
    if (!proxies.has(peer.address)) return direct(peer)
    const { address, hops } = clientByAddress(peer, proxies)
    return forwarded(peer, address, hops)
  }
}

function direct(peer: Peer): Origin {
  return { ip: unmapped(peer.address), protocol: peer.encrypted ? 'https' : 'http', host: peer.readHeader('host') ?? '' }
}

function entries(peer: Peer, name: string): string[] {
  return (peer.readHeader(name) ?? '')
    .split(',', 64)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function clientByHops(peer: Peer, hops: number): string {
  const chain = entries(peer, 'x-forwarded-for')
  const entry = chain[Math.max(0, chain.length - hops)]
  return entry === undefined ? unmapped(peer.address) : addressOf(entry)
}

function clientByAddress(peer: Peer, proxies: AddressList): { address: string; hops: number } {
  const chain = entries(peer, 'x-forwarded-for')
  let address = unmapped(peer.address)
  let hops = 1
  for (let i = chain.length - 1; i >= 0; i--) {
    address = addressOf(chain[i] as string)
    if (!proxies.has(address)) return { address, hops: chain.length - i }
    hops = chain.length - i
  }
  return { address, hops }
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711` carry ports; an address is what remains. */
function addressOf(entry: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)
  if (bracketed !== null) return bracketed[1] as string
  const colon = entry.indexOf(':')
  return unmapped(colon !== -1 && colon === entry.lastIndexOf(':') ? entry.slice(0, colon) : entry)
}

function forwarded(peer: Peer, ip: string, hops: number): Origin {
  const plain = direct(peer)
  const protocols = entries(peer, 'x-forwarded-proto')
  const protocol = protocols[Math.max(0, protocols.length - hops)]?.toLowerCase()
  const hosts = entries(peer, 'x-forwarded-host')
  // Proxies that do not set it hand on what the client has sent.
  const host = hosts[Math.max(0, hosts.length - hops)] ?? plain.host
  return {
    ip,
    protocol: protocol === 'https' || protocol === 'http' ? protocol : plain.protocol,
    host: isHost(host) ? host : plain.host,
  }
}
