import { createHash } from 'node:crypto'

/** A key of fixed length for any texts, the same on all databases. */
export function storeKey(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex')
}
