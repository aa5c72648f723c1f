import { BlockList, isIP } from 'node:net'
import { fail } from '../errors.ts'
import { classifyAddress } from './classify-address.ts'

export interface TargetPolicyOptions {
  readonly requireHttps: boolean
  /** `443`, or a range such as `1024-65535`. */
  readonly ports: readonly string[]
  /** Addresses and networks that are allowed although they are not public. */
  readonly allow: readonly string[]
}

/** Where webhooks may go. */
export interface TargetPolicy {
  /**
   * Reads the URL of an endpoint: scheme, port, no user name, and no address that is not public, however it is spelled.
   * @throws `WEBHOOK_URL_REFUSED`
   */
  read(url: string): URL
  /** @throws `WEBHOOK_URL_REFUSED` */
  requireAddress(url: string, address: string): void
}

const longestUrl = 2_000

/** @throws `WEBHOOK_POLICY_INVALID` */
export function createTargetPolicy({ requireHttps, ports, allow }: TargetPolicyOptions): TargetPolicy {
  const ranges = ports.map(parsePorts)
  const allowed = new BlockList()
  for (const entry of allow) addNetwork(allowed, entry)
  const isAllowed = (address: string) => {
    const [plain = ''] = address.split('%')
    const family = isIP(plain)
    return family !== 0 && allowed.check(plain, family === 6 ? 'ipv6' : 'ipv4')
  }

  function requireAddress(url: string, address: string): void {
    const kind = classifyAddress(address)
    if (kind !== 'public' && !isAllowed(address)) throw refuse(url, `it leads to ${address}, which is ${kind}`)
  }

  return {
    requireAddress,
    read(text) {
      if (text.length > longestUrl) throw refuse(`${text.slice(0, 100)}…`, `it is longer than ${longestUrl} characters`)
      // The URL parser makes one spelling of all: 0x7f.1, 2130706433 and full-width digits are 127.0.0.1 from here on.
      const url = URL.canParse(text) ? new URL(text) : undefined
      if (url === undefined) throw refuse(text, 'it is no URL')
      const shown = `${url.protocol}//${url.host}`
      if (url.protocol !== 'https:' && (requireHttps || url.protocol !== 'http:')) throw refuse(shown, `${url.protocol.slice(0, -1)} is not allowed`)
      if (url.username !== '' || url.password !== '') throw refuse(shown, 'it carries a user name or password')
      if (url.hash !== '') throw refuse(shown, 'it has a fragment')
      const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port)
      if (!ranges.some(([from, to]) => port >= from && port <= to)) throw refuse(shown, `port ${port} is not allowed`)
      const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '')
      if (host === '') throw refuse(shown, 'it names no host')
      if (isIP(host) !== 0) requireAddress(shown, host)
      else if (!host.includes('.') && !isAllowed('127.0.0.1')) throw refuse(shown, 'its host is no public name')
      return url
    },
  }
}

function refuse(url: string, reason: string) {
  return fail('WEBHOOK_URL_REFUSED', { url, reason })
}

function parsePorts(text: string): readonly [number, number] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim())
  const from = Number(match?.[1])
  const to = Number(match?.[2] ?? match?.[1])
  if (match === null || from < 1 || to > 65_535 || from > to)
    throw fail('WEBHOOK_POLICY_INVALID', { setting: 'WEBHOOKS_PORTS', found: text, expected: 'a port or a range: 443, 1024-65535' })
  return [from, to]
}

function addNetwork(list: BlockList, entry: string): void {
  const [address = '', bits, ...rest] = entry.trim().split('/')
  const family = isIP(address)
  const most = family === 6 ? 128 : 32
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (family === 0 || rest.length > 0 || prefix < 0 || prefix > most)
    throw fail('WEBHOOK_POLICY_INVALID', { setting: 'WEBHOOKS_ALLOW_NETWORKS', found: entry, expected: 'an address or a network: 10.1.0.0/16' })
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
}
