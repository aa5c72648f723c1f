import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { subjectAddress } from './subject-address.ts'

test('IPv4 is itself in every spelling', () => {
  for (const spelling of ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:192.0.2.1', '::ffff:c000:201', '0:0:0:0:0:ffff:c000:0201', '0::ffff:192.0.2.1'])
    expect(subjectAddress(spelling), spelling).toBe('192.0.2.1')
})

test('IPv6 is its first 64 bits', () => {
  expect(subjectAddress('2001:db8::1')).toBe('2001:db8:0:0::/64')
  expect(subjectAddress('2001:0DB8:0:0:1:2:3:4')).toBe('2001:db8:0:0::/64')
  expect(subjectAddress('::1')).toBe('0:0:0:0::/64')
  expect(subjectAddress('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(subjectAddress('2001:db8:1:2::192.0.2.1')).toBe('2001:db8:1:2::/64')
})

test('what is no address stands for itself', () => {
  for (const other of ['', 'unknown', 'a:b', '1:2:3:4:5:6:7:8:9']) expect(subjectAddress(other)).toBe(other)
})

test('two addresses are one exactly when their first four groups are', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  const address = fc.tuple(group, group, group, group, group, group, group, group)
  const text = (groups: readonly number[], compress: boolean) =>
    compress
      ? new URL(`http://[${groups.map((one) => one.toString(16)).join(':')}]`).hostname.slice(1, -1)
      : groups.map((one) => one.toString(16).padStart(4, '0')).join(':')
  fc.assert(
    fc.property(address, address, fc.boolean(), fc.boolean(), (one, other, shared, compress) => {
      const second = shared ? [...one.slice(0, 4), ...other.slice(4)] : other
      const same = one.slice(0, 4).every((value, index) => value === second[index])
      const mapped = (groups: readonly number[]) => groups.slice(0, 5).every((value) => value === 0) && groups[5] === 0xffff
      fc.pre(!mapped(one) && !mapped(second))
      expect(subjectAddress(text(one, compress)) === subjectAddress(text(second, !compress))).toBe(same)
    }),
  )
})
