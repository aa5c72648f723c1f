import { fail } from './errors/catalog.ts'

/** Bytes as a number, or text with a binary unit: `'64kb'`, `'1mb'`, `'2gb'` (1 kb = 1,024 bytes). */
export type ByteSize = number | `${number}${'b' | 'kb' | 'mb' | 'gb'}`

const units: Record<string, number> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/**
 * Whole bytes in `value`.
 * @throws `INVALID_BYTE_SIZE` when it is negative, not finite or has no known unit; `name` says where it stood.
 */
export function parseByteSize(value: ByteSize, name: string): number {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return value
    throw fail('INVALID_BYTE_SIZE', { name, found: String(value) })
  }
  const match = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/i.exec(value)
  if (match === null) throw fail('INVALID_BYTE_SIZE', { name, found: String(value) })
  return Math.floor(Number(match[1]) * (units[(match[2] as string).toLowerCase()] as number))
}
