import { randomFillSync } from 'node:crypto'

const size = 8
const random = Buffer.alloc(512 * size)
let used = random.length
let last = 0
let sequence = 0

/**
 * A UUID version 7 (RFC 9562, 5.7) whose order is the order in which this process made them: 48 bits of time, 12 of a
 * sequence within the millisecond, 62 random.
 */
export function createJobId(now: number): string {
  if (now > last) {
    last = now
    sequence = 0
  } else if (++sequence > 0xfff) {
    last++
    sequence = 0
  }
  if (used === random.length) {
    randomFillSync(random)
    used = 0
  }
  const time = last.toString(16).padStart(12, '0')
  const order = sequence.toString(16).padStart(3, '0')
  const variant = ((random.readUInt16BE(used) & 0x3fff) | 0x8000).toString(16)
  const node = random.toString('hex', used + 2, used + size)
  used += size
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${variant}-${node}`
}
