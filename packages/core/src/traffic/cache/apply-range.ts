import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import { parseHttpDate } from '../../http/reply/http-date.ts'
import { ifRangeHolds, type EntityTag } from '../../http/reply/preconditions.ts'
import { parseRange } from '../../http/reply/range.ts'

/**
 * Answers a part of a whole that is at hand (RFC 9110, 14; RFC 9111, 3.3): one range as 206, none that fits as 416.
 * Several ranges are answered with the whole, which is allowed.
 */
export function applyRange(ctx: Context, reply: Reply): void {
  const asked = ctx.readHeader('range')
  if (asked === undefined || ctx.method !== 'GET' || reply.status !== 200) return
  const { payload } = reply
  if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) return
  const validators = { etag: reply.get('etag') as EntityTag | undefined, lastModified: parseHttpDate(reply.get('last-modified') ?? '') }
  if (!ifRangeHolds(ctx.readHeader('if-range'), validators)) return
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  const ranges = parseRange(asked, bytes.byteLength)
  if (ranges === 'unsatisfiable')
    throw fail('RANGE_NOT_SATISFIABLE', { size: bytes.byteLength }, { headers: ['content-range', `bytes */${bytes.byteLength}`, 'accept-ranges', 'bytes'] })
  const [only, ...more] = ranges ?? []
  if (only === undefined || more.length > 0) return
  reply.status = 206
  reply.payload = bytes.subarray(only.start, only.end + 1)
  reply.set('content-range', `bytes ${only.start}-${only.end}/${bytes.byteLength}`).set('accept-ranges', 'bytes')
}
