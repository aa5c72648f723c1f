import { randomUUID } from 'node:crypto'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import { basename, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../context/context.ts'
import { Reply } from '../context/reply.ts'
import { mediaTypeOf } from './media-types.ts'
import { evaluatePreconditions, ifRangeHolds } from './preconditions.ts'
import { parseRange, type ByteRange } from './range.ts'

export interface FileOptions {
  /** The folder that the path is relative to and that no link may leave. Needed where any part of the path comes from outside. */
  readonly root?: string
  /** Media type. Default: by extension. */
  readonly type?: string
  /** Offers to save the file under this name (RFC 6266); `true` takes its own. */
  readonly download?: string | true
  /** How long caches may keep it. Default: they ask each time (`no-cache`). */
  readonly maxAge?: Duration
}

export interface FileSource extends FileOptions {
  readonly path: string
}

/**
 * Answers a file with its type, ETag and Last-Modified; conditional requests get 304 or 412, ranges 206 or 416
 * (RFC 9110, 13 and 14). A file that does not exist, is no file or lies outside `root` is 404.
 */
export function file(path: string, options: FileOptions = {}): Reply<200, FileSource> {
  return new Reply(200, 'file', { path, ...options })
}

/** Opens the file and turns the reply into what the request's headers ask for. */
export async function encodeFile(ctx: Context, reply: Reply, source: FileSource): Promise<void> {
  const path = await locate(source)
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw fail('FILE_NOT_FOUND', undefined, { cause })
  })
  let handedOver = false
  try {
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile()) throw fail('FILE_NOT_FOUND', undefined)
    const size = Number(stats.size)
    const etag = `"${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.ino.toString(36)}"`
    const lastModified = Number(stats.mtimeMs)
    const validators = { etag, lastModified }
    reply.set('etag', etag).set('last-modified', new Date(lastModified).toUTCString())
    reply.set('cache-control', source.maxAge === undefined ? 'no-cache' : `max-age=${Math.floor(parseDuration(source.maxAge, 'maxAge') / 1000)}`)
    const outcome = evaluatePreconditions(ctx.method, ctx.header, validators)
    if (outcome !== 'proceed') {
      reply.status = outcome
      return
    }
    reply.set('accept-ranges', 'bytes').set('content-type', source.type ?? mediaTypeOf(path))
    if (source.download !== undefined) reply.set('content-disposition', disposition(source.download === true ? basename(path) : source.download))
    const asked = ctx.method === 'GET' && ifRangeHolds(ctx.header('if-range'), validators) ? parseRange(ctx.header('range'), size) : undefined
    if (asked === 'unsatisfiable') {
      reply.status = 416
      reply.set('content-range', `bytes */${size}`)
      return
    }
    if (ctx.method === 'HEAD' || size === 0) {
      reply.length = size
      return
    }
    handedOver = true
    send(reply, handle, asked ?? [], size)
  } finally {
    if (!handedOver) await handle.close()
  }
}

async function locate({ path, root }: FileSource): Promise<string> {
  if (path.includes('\0')) throw fail('FILE_NOT_FOUND', undefined)
  if (root === undefined) return resolve(path)
  try {
    const base = await realpath(root)
    const target = await realpath(resolve(base, `.${sep}${path}`))
    if (target === base || !target.startsWith(base.endsWith(sep) ? base : base + sep)) throw fail('FILE_NOT_FOUND', undefined)
    return target
  } catch (cause) {
    throw fail('FILE_NOT_FOUND', undefined, { cause })
  }
}

function send(reply: Reply, handle: FileHandle, ranges: readonly ByteRange[], size: number): void {
  const [only, ...more] = ranges
  if (only === undefined) {
    reply.length = size
    reply.payload = handle.createReadStream({ start: 0, end: size - 1 })
    return
  }
  reply.status = 206
  if (more.length === 0) {
    reply.length = only.end - only.start + 1
    reply.set('content-range', `bytes ${only.start}-${only.end}/${size}`)
    reply.payload = handle.createReadStream({ ...only })
    return
  }
  const boundary = randomUUID()
  const type = reply.get('content-type') as string
  const heads = ranges.map((range) => `\r\n--${boundary}\r\ncontent-type: ${type}\r\ncontent-range: bytes ${range.start}-${range.end}/${size}\r\n\r\n`)
  const tail = `\r\n--${boundary}--\r\n`
  reply.length = ranges.reduce((sum, range, index) => sum + (heads[index] as string).length + range.end - range.start + 1, tail.length)
  reply.set('content-type', `multipart/byteranges; boundary=${boundary}`)
  reply.payload = Readable.from(parts(handle, ranges, heads, tail), { objectMode: false })
}

async function* parts(handle: FileHandle, ranges: readonly ByteRange[], heads: readonly string[], tail: string): AsyncGenerator<Uint8Array | string> {
  try {
    for (const [index, range] of ranges.entries()) {
      yield heads[index] as string
      yield* handle.createReadStream({ ...range, autoClose: false })
    }
    yield tail
  } finally {
    await handle.close()
  }
}

/** RFC 6266 with the extended form of RFC 8187 where the name is not plain ASCII. */
function disposition(name: string): string {
  const safe = name.replace(/[/\\]/g, '_')
  const plain = safe.replace(/[^\x20-\x7e]|["%]/g, '_')
  const extended = encodeURIComponent(safe.toWellFormed()).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return plain === safe ? `attachment; filename="${plain}"` : `attachment; filename="${plain}"; filename*=UTF-8''${extended}`
}
