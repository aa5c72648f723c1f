import { createReadStream, type ReadStream } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseByteSize, type ByteSize } from '../../foundation/byte-size.ts'
import { zodLibrary } from '../context/zod-library.ts'

/** A file of a multipart body, on disk until the request ends; `moveTo` keeps it. */
export class UploadedFile {
  readonly field: string
  /** What the client calls it, without folders. Never use it as a path. */
  readonly filename: string
  /** The media type that the client declares. */
  readonly type: string
  /** Bytes. */
  readonly size: number
  private readonly path: string

  constructor(parts: { field: string; filename: string; type: string; size: number; path: string }) {
    this.field = parts.field
    this.filename = parts.filename
    this.type = parts.type
    this.size = parts.size
    this.path = parts.path
  }

  stream(): ReadStream {
    return createReadStream(this.path)
  }

  bytes(): Promise<Buffer> {
    return readFile(this.path)
  }

  /** Keeps the file under a path of the application's choosing; its folder is made where it is missing. */
  async moveTo(target: string): Promise<void> {
    await mkdir(dirname(target), { recursive: true })
    try {
      await rename(this.path, target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      await copyFile(this.path, target)
      await rm(this.path)
    }
  }
}

export interface UploadedFileRules {
  /** Declared media types that are accepted. Default: any. */
  readonly types?: readonly string[]
  readonly maxSize?: ByteSize
}

/**
 * The schema of a file in a multipart body: `body: z.object({ photo: uploadedFile({ types: ['image/jpeg'], maxSize: '5mb' }) })`.
 */
export function uploadedFile({ types, maxSize }: UploadedFileRules = {}) {
  const limit = maxSize === undefined ? undefined : parseByteSize(maxSize, 'maxSize')
  return zodLibrary()
    .z.instanceof(UploadedFile, { error: 'Expected a file' })
    .refine((file) => types === undefined || types.includes(file.type), { error: `Expected a file of type ${types?.join(', ') ?? ''}` })
    .refine((file) => limit === undefined || file.size <= limit, { error: `Expected a file of at most ${limit ?? 0} bytes` })
    .meta({ type: 'string', format: 'binary', ...(types === undefined ? {} : { contentMediaType: types.join(', ') }) })
}
