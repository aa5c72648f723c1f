import { expect, test } from 'vitest'
import { countBytes } from './network.ts'

test('bytes of all interfaces but the loopback are summed', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0
  eth0: 100 2 0 0 0 0 0 0 10 2 0 0 0 0 0 0
  eth1:2000 2 0 0 0 0 0 0 7 2 0 0 0 0 0 0
`
  expect(countBytes(text)).toEqual({ received: 2_100, sent: 17 })
})
