import { randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { fail } from '../../foundation/errors/catalog.ts'
import { PreconditionFailed } from '../../foundation/errors/http-errors.ts'
import type { Context } from '../context/context.ts'
import type { Reply } from '../context/reply.ts'
import { contentDisposition } from './content-disposition.ts'
import { setDefault } from './default-header.ts'
import type { FileSource } from './file.ts'
import { FileStream } from './file-stream.ts'
import { mediaTypeOf } from './media-types.ts'
import { openFile } from './open-file.ts'
import { evaluatePreconditions, ifRangeHolds, type EntityTag, type Validators } from './preconditions.ts'
import { parseRange, type ByteRange } from './range.ts'
import { adoptStream } from './stream.ts'

/** Opens the file and turns the reply into what the request's headers ask for. */
export async function encodeFile(ctx: Context, reply: Reply, source: FileSource): Promise<void> {
  const { handle, path } = await openFile(source.path, source.root, source.hidden)
  let stream: FileStream | undefined
  try {
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile()) throw fail('FILE_NOT_FOUND', undefined)
    stream = describe(ctx, reply, { source, path, handle, stats })
  } finally {
    if (stream === undefined) await handle.close()
  }
  if (stream !== undefined) adoptStream(ctx, reply, stream)
}

interface OpenedFile {
  readonly source: FileSource
  readonly path: string
  readonly handle: FileHandle
  readonly stats: BigIntStats
}

/** Sets status and headers. Returns the stream of what is to be sent, if anything is. */
function describe(ctx: Context, reply: Reply, { source, path, handle, stats }: OpenedFile): FileStream | undefined {
  const size = Number(stats.size)
  const validators = validatorsOf(source, stats)
  if (validators.etag !== undefined) setDefault(ctx, reply, 'etag', validators.etag)
  if (validators.lastModified !== undefined) setDefault(ctx, reply, 'last-modified', new Date(validators.lastModified).toUTCString())
  setDefault(ctx, reply, 'cache-control', source.maxAge === undefined ? 'no-cache' : `max-age=${source.maxAge}`)
  // A file that explains an error, or answers a POST, is not what the request's conditions speak of (RFC 9110, 13.2.1).
  const conditional = reply.status === 200 && (ctx.method === 'GET' || ctx.method === 'HEAD')
  if (conditional) {
    const outcome = evaluatePreconditions(ctx.method, ctx.header, validators)
    if (outcome === 412) throw new PreconditionFailed('The file is not in the state that the request asks for.')
    if (outcome === 304) {
      reply.status = 304
      return undefined
    }
    reply.set('accept-ranges', 'bytes')
  }
  setDefault(ctx, reply, 'content-type', source.type ?? mediaTypeOf(path))
  if (source.download !== undefined)
    setDefault(ctx, reply, 'content-disposition', contentDisposition(source.download === true ? basename(path) : source.download))
  if (ctx.method === 'HEAD' || size === 0) {
    reply.length = size
    return undefined
  }
  const ranges = conditional && ifRangeHolds(ctx.readHeader('if-range'), validators) ? parseRange(ctx.header('range'), size) : undefined
  if (ranges === 'unsatisfiable') throw fail('RANGE_NOT_SATISFIABLE', { size }, { headers: ['content-range', `bytes */${size}`, 'accept-ranges', 'bytes'] })
  return new FileStream(handle, ranges === undefined ? whole(reply, size) : parts(reply, ranges, size))
}

function validatorsOf(source: FileSource, stats: BigIntStats): Validators {
  const { etag = etagOf(stats), lastModified = stats.mtime } = source
  return {
    etag: etag === false ? undefined : etag,
    // Never later than the answer itself (RFC 9110, 8.8.2.1).
    lastModified: lastModified === false ? undefined : Math.min(lastModified.getTime(), Date.now()),
  }
}

/**
 * Weak while the file might be written again without its time changing (RFC 9110, 8.8.1): a tick of the kernel's clock, or
 * two seconds where the file system keeps no fractions. That clock counts, not the application's.
 */
function etagOf(stats: BigIntStats): EntityTag {
  const tag = `"${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.ino.toString(36)}"` as const
  const granularity = stats.mtimeNs % 1_000_000_000n === 0n ? 2_000 : 20
  return Date.now() - Number(stats.mtimeMs) < granularity ? `W/${tag}` : tag
}

function whole(reply: Reply, size: number): readonly ByteRange[] {
  reply.length = size
  return [{ start: 0, end: size - 1 }]
}

/** One range as it is, several as multipart/byteranges (RFC 9110, 15.3.7). */
function parts(reply: Reply, ranges: readonly ByteRange[], size: number): readonly (string | ByteRange)[] {
  reply.status = 206
  const [only, ...more] = ranges
  if (only !== undefined && more.length === 0) {
    reply.length = only.end - only.start + 1
    reply.set('content-range', `bytes ${only.start}-${only.end}/${size}`)
    return ranges
  }
  const boundary = randomUUID()
  const type = reply.get('content-type') ?? 'application/octet-stream'
  const segments: (string | ByteRange)[] = []
  for (const range of ranges)
    segments.push(`\r\n--${boundary}\r\ncontent-type: ${type}\r\ncontent-range: bytes ${range.start}-${range.end}/${size}\r\n\r\n`, range)
  segments.push(`\r\n--${boundary}--\r\n`)
  reply.length = segments.reduce((sum, segment) => sum + (typeof segment === 'string' ? Buffer.byteLength(segment) : segment.end - segment.start + 1), 0)
  reply.set('content-type', `multipart/byteranges; boundary=${boundary}`)
  return segments
}
