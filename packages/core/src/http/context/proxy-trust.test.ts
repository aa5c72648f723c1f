import { describe, expect, test } from 'vitest'
import { createOriginResolver, type TrustProxy } from './proxy-trust.ts'

function origin(trust: TrustProxy, address: string, headers: Record<string, string>) {
  return createOriginResolver(trust)({ address, encrypted: false, readHeader: (name) => headers[name] })
}

const forged = { host: 'api.test', 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.test' }

describe('without trusted proxies', () => {
  test.each([[false], [[]]] as const)('forwarded headers are never used (%j)', (trust) => {
    expect(origin(trust, '198.51.100.1', forged)).toEqual({ ip: '198.51.100.1', protocol: 'http', host: 'api.test' })
  })

  test('a mapped IPv4 address is an IPv4 address', () => {
    expect(origin(false, '::ffff:198.51.100.1', {}).ip).toBe('198.51.100.1')
  })
})

describe('with proxies by address', () => {
  const trust = ['10.0.0.0/8']

  test('a peer that is no proxy is not believed', () => {
    expect(origin(trust, '198.51.100.1', forged).ip).toBe('198.51.100.1')
  })

  test('the right-most address that is no proxy is the client', () => {
    const headers = { host: 'api.test', 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.0.0.2', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.test' }
    expect(origin(trust, '10.0.0.1', headers)).toEqual({ ip: '203.0.113.9', protocol: 'https', host: 'shop.test' })
  })

  test('without the header the proxy itself is the client', () => {
    expect(origin(trust, '10.0.0.1', { host: 'a' }).ip).toBe('10.0.0.1')
  })

  test('ports are not part of an address', () => {
    expect(origin(trust, '10.0.0.1', { 'x-forwarded-for': '203.0.113.9:4711' }).ip).toBe('203.0.113.9')
    expect(origin(trust, '10.0.0.1', { 'x-forwarded-for': '[2001:db8::1]:4711' }).ip).toBe('2001:db8::1')
  })
})

describe('with a number of proxies', () => {
  test.each([
    [1, '203.0.113.9', '203.0.113.9'],
    [1, '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    [2, '6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    [2, '203.0.113.9', '203.0.113.9'],
  ])('%i behind %j is %s', (hops, chain, ip) => {
    expect(origin(hops, '10.0.0.1', { 'x-forwarded-for': chain }).ip).toBe(ip)
  })

  test.each([0, -1, 1.5, 17, Number.NaN])('%d hops are refused with INVALID_TRUST_PROXY', (hops) => {
    expect(() => createOriginResolver(hops)).toThrow(expect.objectContaining({ code: 'INVALID_TRUST_PROXY' }))
  })
})

test('an unknown protocol from a proxy changes nothing', () => {
  expect(origin(1, '10.0.0.1', { 'x-forwarded-proto': 'gopher' }).protocol).toBe('http')
})

test.each(['good@evil.test', 'evil.test/x', 'a b', '<script>'])('a host of %j from a proxy that hands on what clients send changes nothing', (host) => {
  expect(origin(1, '10.0.0.1', { host: 'api.test', 'x-forwarded-host': host }).host).toBe('api.test')
})
