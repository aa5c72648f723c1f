import { hash } from 'node:crypto'
import type { EntityTag } from '../../http/reply/preconditions.ts'

/** What tells one state of a resource from another: a counter, a text, or when it was changed. */
export type Version = string | number | Date

// What may stand between the quotes (RFC 9110, 8.8.3), as far as it is readable.
const plain = /^[\x21\x23-\x7e]{1,64}$/

/** The tag of bytes as they are sent. */
export function tagOfPayload(payload: string | Uint8Array, weak: boolean): EntityTag {
  return tag(hash('sha256', payload, 'base64url').slice(0, 27), weak)
}

/** The tag of a version. Equal versions give equal tags; 12 becomes `"12"`. */
export function tagOfVersion(version: Version, weak: boolean): EntityTag {
  const text = version instanceof Date ? version.getTime().toString(36) : String(version)
  return tag(plain.test(text) ? text : hash('sha256', text, 'base64url').slice(0, 27), weak)
}

function tag(text: string, weak: boolean): EntityTag {
  return weak ? `W/"${text}"` : `"${text}"`
}
