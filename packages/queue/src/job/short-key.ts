import { createHash } from 'node:crypto'

/** Keys are columns of an index; one longer than 180 characters is stored as its digest. */
export function shortKey(key: string): string {
  return key.length <= 180 ? key : `${key.slice(0, 100)}~${createHash('sha256').update(key).digest('base64url')}`
}
