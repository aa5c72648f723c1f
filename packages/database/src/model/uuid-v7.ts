import { randomFillSync } from 'node:crypto'

const pool = new Uint8Array(4096)
let used = pool.length
let lastMs = 0
let sequence = 0

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function randomByte(): number {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  return pool[used++] as number
}

/**
 * A version 7 uuid (RFC 9562, 5.7) for a moment in ms. Those made in one process sort in the order they were made: within
 * a millisecond by a 12-bit counter that starts at random (6.2, method 1), and that borrows from the next one when it is full.
 */
export function uuidV7(now: number): string {
  if (now > lastMs) {
    lastMs = now
    sequence = ((randomByte() & 0x07) << 8) | randomByte()
  } else if (++sequence > 0xfff) {
    lastMs++
    sequence = 0
  }
  const high = Math.floor(lastMs / 0x1_0000_0000)
  const low = lastMs % 0x1_0000_0000
  return (
    `${hex[(high >> 8) & 0xff]}${hex[high & 0xff]}${hex[(low >>> 24) & 0xff]}${hex[(low >>> 16) & 0xff]}-${hex[(low >>> 8) & 0xff]}${hex[low & 0xff]}-` +
    `${hex[0x70 | (sequence >> 8)]}${hex[sequence & 0xff]}-${hex[0x80 | (randomByte() & 0x3f)]}${hex[randomByte()]}-` +
    `${hex[randomByte()]}${hex[randomByte()]}${hex[randomByte()]}${hex[randomByte()]}${hex[randomByte()]}${hex[randomByte()]}`
  )
}
