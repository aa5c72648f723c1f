import { createHash, type Hash } from 'node:crypto'
import { UploadedFile } from '../../http/body/uploaded-file.ts'
import type { Context } from '../../http/context/context.ts'

/**
 * A digest of what a request asks for: method, path, query and body as it was read, uploaded files included. The order of
 * members in a JSON object does not matter.
 */
export async function fingerprintOf(ctx: Pick<Context, 'method' | 'path' | 'search' | 'readBody'>): Promise<string> {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([ctx.method, ctx.path, ctx.search]))
  await add(hash, ctx.readBody)
  return hash.digest('base64url')
}

/** Each value with its kind and length in front, so that no two different bodies give the same bytes. */
async function add(hash: Hash, value: unknown): Promise<void> {
  if (value instanceof UploadedFile) {
    hash.update(`file:${JSON.stringify([value.field, value.filename, value.type, value.size])}`)
    for await (const chunk of value.stream()) hash.update(chunk as Buffer)
  } else if (value instanceof Uint8Array) {
    hash.update(`bytes:${value.byteLength}:`).update(value)
  } else if (Array.isArray(value)) {
    hash.update(`array:${value.length}:`)
    for (const item of value) await add(hash, item)
  } else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    hash.update(`object:${members.length}:`)
    for (const [name, member] of members) {
      hash.update(`${name.length}:${name}`)
      await add(hash, member)
    }
  } else {
    const text = String(value)
    hash.update(`${typeof value}:${text.length}:${text}`)
  }
}
