import { createWriteStream } from 'node:fs'
import { createRequire } from 'node:module'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type * as BusboyModule from '@fastify/busboy'
import type { BusboyFileStream } from '@fastify/busboy'
import { fail } from '../../foundation/errors/catalog.ts'
import type { BodySource } from '../context/body-source.ts'
import { headLength } from './file-signatures.ts'
import { Pace } from './pace.ts'
import { bodyTooLarge, decompressorOf, notDecompressed, type ReadLimits } from './read-bytes.ts'
import { UploadedFile } from './uploaded-file.ts'

export interface MultipartLimits {
  /** Bytes of one file. */
  readonly fileSize: number
  readonly files: number
  readonly fields: number
  /** Bytes of one field's value. */
  readonly fieldSize: number
}

export const defaultMultipartLimits: MultipartLimits = { fileSize: 10 * 1024 * 1024, files: 10, fields: 100, fieldSize: 64 * 1024 }

type Value = string | UploadedFile
type Fields = Record<string, Value | Value[]>

/** A part in its place; a file has no value before it is stored, nor ever where none was chosen. */
interface Part {
  readonly name: string
  value: Value | undefined
}

/**
 * Reads a multipart body, decompressed; files go to a folder of their own as they come and are removed when the request ends.
 * @throws `INVALID_MULTIPART` (400), `UPLOAD_LIMIT_EXCEEDED`, `BODY_TOO_LARGE` (413), `BODY_TIMEOUT` (408), `UPLOAD_NOT_STORED` (507), and what the decompressing throws
 */
export async function readMultipart(source: BodySource, limits: MultipartLimits, { limit, timeout, slowest }: ReadLimits): Promise<Fields> {
  const length = source.readHeader('content-length')
  if (length !== undefined && Number(length) > limit) throw bodyTooLarge(limit)
  const decompress = decompressorOf(source)
  const parser = createParser(source.readHeader('content-type') as string, limits)
  const folder = await mkdtemp(join(tmpdir(), 'glueful-upload-')).catch((cause: NodeJS.ErrnoException) => {
    throw storageError(cause)
  })
  source.onEnd(() => rm(folder, { recursive: true, force: true }))

  const parts: Part[] = []
  const storing: Promise<void>[] = []
  const raw = source.stream()
  const content = decompress === undefined ? raw : raw.pipe(decompress)
  let failure: Error | undefined
  let size = 0
  let arrived = 0

  await new Promise<void>((settle) => {
    const resolve = () => {
      pace.leave()
      settle()
    }
    const stop = (error: Error) => {
      failure ??= error
      content.unpipe(parser)
      content.off('data', count)
      if (decompress !== undefined) {
        raw.unpipe(decompress)
        decompress.destroy()
      }
      raw.pause()
      resolve()
    }
    const exceeded = (what: string, most: number) => stop(fail('UPLOAD_LIMIT_EXCEEDED', { what, limit: most }, { headers: ['connection', 'close'] }))
    const pace = new Pace((waited) => {
      if (waited >= timeout && (arrived / slowest) * 1_000 <= waited) stop(fail('BODY_TIMEOUT', undefined, { headers: ['connection', 'close'] }))
    })
    pace.watch()
    const count = (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) stop(bodyTooLarge(limit))
    }
    const nameless = () => stop(fail('INVALID_MULTIPART', { reason: 'a part has no name' }, { headers: ['connection', 'close'] }))

    parser.on('field', (field: string | undefined, value: string, nameTruncated: boolean, valueTruncated: boolean) => {
      if (field === undefined) nameless()
      else if (nameTruncated || valueTruncated) exceeded(`a field larger than allowed (${field.slice(0, 40)})`, limits.fieldSize)
      else parts.push({ name: field, value })
    })
    parser.on('file', (field: string | undefined, stream: BusboyFileStream, filename: string | undefined, _encoding: string, type: string) => {
      if (field === undefined) {
        stream.resume()
        return nameless()
      }
      const part: Part = { name: field, value: undefined }
      parts.push(part)
      const path = join(folder, String(storing.length))
      let head = Buffer.alloc(0)
      const keepHead = (chunk: Buffer) => {
        head = Buffer.concat([head, chunk.subarray(0, headLength - head.length)])
        if (head.length === headLength) stream.off('data', keepHead)
      }
      stream.on('data', keepHead)
      stream.on('limit', () => exceeded(`a file larger than allowed (${field.slice(0, 40)})`, limits.fileSize))
      storing.push(
        pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
          .then(() => {
            // What a form sends for a file field in which none was chosen (WHATWG HTML, 4.10.22.4).
            if (filename === '' && stream.bytesRead === 0) return
            part.value = new UploadedFile({ field, filename: safeName(filename), type, size: stream.bytesRead, path, head })
          })
          .catch((cause: NodeJS.ErrnoException) => stop(failure ?? storageError(cause))),
      )
    })
    parser.on('filesLimit', () => exceeded('more files than allowed', limits.files))
    parser.on('fieldsLimit', () => exceeded('more fields than allowed', limits.fields))
    parser.on('partsLimit', () => exceeded('more parts than allowed', limits.files + limits.fields))
    parser.on('finish', () => resolve())
    parser.on('error', (cause: unknown) =>
      stop(fail('INVALID_MULTIPART', { reason: cause instanceof Error ? cause.message.toLowerCase() : 'it breaks off' }, { headers: ['connection', 'close'] })),
    )
    raw.on('error', (cause: Error) => stop(fail('BODY_ABORTED', undefined, { cause })))
    raw.on('close', () => {
      if (!raw.readableEnded) stop(fail('BODY_ABORTED', undefined))
    })
    raw.on('data', (chunk: Buffer) => void (arrived += chunk.length))
    content.on('data', count)
    decompress?.on('error', (cause: Error) => stop(notDecompressed(cause)))
    content.pipe(parser)
  })

  if (failure !== undefined) {
    parser.destroy()
    throw failure
  }
  await Promise.all(storing)
  if (failure !== undefined) throw failure
  return toFields(parts)
}

/** In the order in which they were sent; a name that comes twice is a list. */
function toFields(parts: readonly Part[]): Fields {
  const fields: Fields = Object.create(null) as Fields
  for (const { name, value } of parts) {
    if (value === undefined) continue
    const there = fields[name]
    if (there === undefined) fields[name] = value
    else if (Array.isArray(there)) there.push(value)
    else fields[name] = [there, value]
  }
  return fields
}

/** Loaded with the first multipart body; most applications never see one. */
function loadParser() {
  return createRequire(import.meta.url)('@fastify/busboy') as typeof BusboyModule
}

function createParser(contentType: string, limits: MultipartLimits) {
  const { Busboy } = loadParser()
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: {
        fileSize: limits.fileSize,
        files: limits.files,
        fields: limits.fields,
        fieldSize: limits.fieldSize,
        fieldNameSize: 200,
        parts: limits.files + limits.fields,
        headerPairs: 32,
        headerSize: 8_192,
      },
    })
  } catch {
    throw fail('INVALID_MULTIPART', { reason: 'its Content-Type has no boundary' })
  }
}

/** A full disk is not the client's fault; a stream that breaks off is. */
function storageError(cause: NodeJS.ErrnoException): Error {
  return cause.code === undefined || cause.code === 'ERR_STREAM_PREMATURE_CLOSE'
    ? fail('INVALID_MULTIPART', { reason: 'it ends within a file' }, { cause, headers: ['connection', 'close'] })
    : fail('UPLOAD_NOT_STORED', undefined, { cause, headers: ['connection', 'close'] })
}

function safeName(filename: string | undefined): string {
  // Windows separators too, whatever this machine is.
  const name = basename((filename ?? '').replaceAll('\\', '/'))
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f]/g, '')
    .slice(0, 255)
  return name === '' || name === '.' || name === '..' ? 'file' : name
}
