import { expect, test } from 'vitest'
import { parseAddressList, unmapped } from './address-list.ts'

test('addresses and networks of both families are found', () => {
  const list = parseAddressList(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'], 'ipAllow')
  for (const address of ['10.255.0.1', '2001:db8:1::5', '192.0.2.7', '::ffff:10.1.2.3']) expect(list.has(address), address).toBe(true)
  for (const address of ['11.0.0.1', '2001:db9::1', '192.0.2.8', '', 'unix', '10.0.0.1, 10.0.0.2']) expect(list.has(address), address).toBe(false)
})

test('names stand for their networks and an empty list contains nobody', () => {
  const list = parseAddressList(['loopback', 'private'], 'ipAllow')
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '192.168.3.4', 'fd00::1']) expect(list.has(address), address).toBe(true)
  expect(list.has('203.0.113.1')).toBe(false)
  expect(parseAddressList([], 'ipAllow').has('127.0.0.1')).toBe(false)
})

test.each(['constructor', '10.0.0.0/33', '10.0.0', '::1/129', 'localhost', '10.0.0.0/', '1.2.3.4/8/9', ''])('%j is refused with INVALID_ADDRESS', (entry) => {
  expect(() => parseAddressList([entry], 'HEALTH_IP_ALLOWLIST')).toThrow(
    expect.objectContaining({ code: 'INVALID_ADDRESS', detail: expect.stringContaining('HEALTH_IP_ALLOWLIST') }),
  )
})

test('a mapped IPv4 address loses its prefix and nothing else changes', () => {
  expect(unmapped('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(unmapped('::ffff:zz')).toBe('::ffff:zz')
  expect(unmapped('::1')).toBe('::1')
})
