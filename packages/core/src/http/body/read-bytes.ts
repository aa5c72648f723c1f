import type { Readable, Transform } from 'node:stream'
import { fail } from '../../foundation/errors/catalog.ts'
import type { BodySource } from '../context/body-source.ts'
import { Pace } from './pace.ts'

export interface ReadLimits {
  /** Bytes, as sent and after decompression. */
  readonly limit: number
  /** A body must have arrived after this long, in ms … */
  readonly timeout: number
  /** … or keep coming at this rate, in bytes a second. */
  readonly slowest: number
}

export const defaultReadLimits: ReadLimits = { limit: 1024 * 1024, timeout: 10_000, slowest: 1_024 }

const empty = Buffer.alloc(0)
const closing = ['connection', 'close'] as const

/** A body that outgrows the limit: the connection cannot be used again, because the rest of it is still coming. */
export function bodyTooLarge(limit: number) {
  return fail('BODY_TOO_LARGE', { limit }, { headers: closing })
}

/** A body that is not what its Content-Encoding says. */
export function notDecompressed(cause: Error) {
  return fail('BODY_MALFORMED', { reason: 'it cannot be decompressed' }, { cause, headers: closing })
}

/**
 * Reads a whole body, decompressed. Never holds more than the limit.
 * @throws `BODY_TOO_LARGE` (413), `BODY_TIMEOUT` (408), `BODY_ABORTED`, `CONTENT_ENCODING_UNSUPPORTED` (415), `BODY_MALFORMED` (400)
 */
export function readBytes(source: BodySource, limits: ReadLimits): Promise<Buffer> {
  const length = source.readHeader('content-length')
  if (length !== undefined && Number(length) > limits.limit) return Promise.reject(bodyTooLarge(limits.limit))
  let decompress: Transform | undefined
  try {
    decompress = decompressorOf(source)
  } catch (error) {
    return Promise.reject(error as Error)
  }
  const stream = source.stream()
  return collect(stream, decompress === undefined ? stream : stream.pipe(decompress), limits)
}

/**
 * What decompresses a body; undefined where it is sent as it is.
 * @throws `CONTENT_ENCODING_UNSUPPORTED` (415)
 */
export function decompressorOf(source: BodySource): Transform | undefined {
  const encoding = source.readHeader('content-encoding')?.trim().toLowerCase()
  if (encoding === undefined || encoding === '' || encoding === 'identity') return undefined
  // Loaded by the first body that is compressed.
  const zlib = process.getBuiltinModule('node:zlib')
  if (encoding === 'gzip' || encoding === 'x-gzip') return zlib.createGunzip()
  if (encoding === 'deflate') return zlib.createInflate()
  if (encoding === 'br') return zlib.createBrotliDecompress({ params: { [zlib.constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0 } })
  throw fail('CONTENT_ENCODING_UNSUPPORTED', undefined, { headers: ['accept-encoding', 'gzip, deflate, br'] })
}

function collect(raw: Readable, stream: Readable, { limit, timeout, slowest }: ReadLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let more: Buffer[] | undefined
    let size = 0
    let arrived = 0
    const pace = new Pace((waited) => {
      if (waited >= timeout && ((raw === stream ? size : arrived) / slowest) * 1_000 <= waited) stop(fail('BODY_TIMEOUT', undefined, { headers: closing }))
    })
    pace.watch()
    if (raw !== stream) raw.on('data', (chunk: Buffer) => void (arrived += chunk.length))

    function stop(error: Error): void {
      pace.leave()
      stream.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      raw.off('error', onRawError).off('close', onClose)
      // Whatever still comes must not crash the process or fill its memory.
      stream.on('error', () => {})
      raw.on('error', () => {})
      if (raw !== stream) {
        raw.unpipe(stream as never)
        stream.destroy()
      }
      raw.pause()
      reject(error)
    }
    function onData(chunk: Buffer): void {
      size += chunk.length
      if (size > limit) return stop(bodyTooLarge(limit))
      if (first === undefined) first = chunk
      else (more ??= [first]).push(chunk)
    }
    function onEnd(): void {
      pace.leave()
      raw.off('close', onClose)
      stream.off('close', onClose)
      resolve(more === undefined ? (first ?? empty) : Buffer.concat(more, size))
    }
    function onError(cause: Error): void {
      stop(raw === stream ? fail('BODY_ABORTED', undefined, { cause }) : notDecompressed(cause))
    }
    function onRawError(cause: Error): void {
      stop(fail('BODY_ABORTED', undefined, { cause }))
    }
    function onClose(): void {
      if (raw.readableEnded) return
      stop(fail('BODY_ABORTED', undefined))
    }
    stream.on('data', onData).on('end', onEnd).on('error', onError)
    if (raw !== stream) raw.on('error', onRawError)
    raw.on('close', onClose)
  })
}
