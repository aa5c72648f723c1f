import { createReadStream, type ReadStream } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseByteSize, type ByteSize } from '../../foundation/byte-size.ts'
import { zodLibrary } from '../context/zod-library.ts'
import { beginsLike, isNamedLike } from './file-signatures.ts'

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
  // Not a member that logs and JSON would show.
  readonly #head: Buffer

  constructor(parts: { field: string; filename: string; type: string; size: number; path: string; head: Buffer }) {
    this.field = parts.field
    this.filename = parts.filename
    this.type = parts.type
    this.size = parts.size
    this.path = parts.path
    this.#head = parts.head
  }

  /** Whether its first bytes are those of the declared type; true for types that have no such mark, as text has none. */
  get beginsAsDeclared(): boolean {
    return beginsLike(this.type, this.#head)
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
  /**
   * Whether a file of `types` must begin as its declared type does and may have no extension of another, for the usual types of
   * images, audio, video, archives and documents. It tells mistakes and disguises, and is no scan for harmful content. Default: true.
   */
  readonly checkContents?: boolean
  readonly maxSize?: ByteSize
}

/**
 * The schema of a file in a multipart body: `body: z.object({ photo: uploadedFile({ types: ['image/jpeg'], maxSize: '5mb' }) })`.
 */
export function uploadedFile({ types, checkContents = true, maxSize }: UploadedFileRules = {}) {
  const limit = maxSize === undefined ? undefined : parseByteSize(maxSize, 'maxSize')
  const isChecked = (file: UploadedFile) => checkContents && types?.includes(file.type) === true
  return zodLibrary()
    .z.instanceof(UploadedFile, { error: 'Expected a file' })
    .refine((file) => types === undefined || types.includes(file.type), { error: `Expected a file of type ${types?.join(', ') ?? ''}` })
    .refine((file) => !isChecked(file) || file.beginsAsDeclared, { error: 'Expected contents of the declared type' })
    .refine((file) => !isChecked(file) || isNamedLike(file.type, file.filename), { error: 'Expected an extension of the declared type' })
    .refine((file) => limit === undefined || file.size <= limit, { error: `Expected a file of at most ${limit ?? 0} bytes` })
    .meta({ type: 'string', format: 'binary', ...(types === undefined ? {} : { contentMediaType: types.join(', ') }) })
}
