import { BlockList, isIP } from 'node:net'

/** Whether an address is in one of the networks (CIDR or single addresses, both families). Unknown addresses are in none. */
export function isWithin(networks: readonly string[], address: string): boolean {
  const family = isIP(address)
  return family !== 0 && listOf(networks).check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const most = isIP(address) === 6 ? 128 : 32
  return isIP(address) !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
}

const lists = new Map<string, BlockList>()
const mostLists = 1_000

/** Building a list costs more than asking it, and keys are few. */
function listOf(networks: readonly string[]): BlockList {
  const name = networks.join(' ')
  const known = lists.get(name)
  if (known !== undefined) return known
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const six = isIP(address) === 6
    list.addSubnet(address, bits === undefined ? (six ? 128 : 32) : Number(bits), six ? 'ipv6' : 'ipv4')
  }
  if (lists.size >= mostLists) lists.clear()
  lists.set(name, list)
  return list
}
