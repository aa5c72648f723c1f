import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fail } from '../../foundation/errors/catalog.ts'
import type { ByteRange } from './range.ts'

const chunkSize = 65_536

/** Text and ranges of an open file, one after the other. Closes the file with itself, read or not. */
export class FileStream extends Readable {
  private readonly handle: FileHandle
  private readonly segments: readonly (string | ByteRange)[]
  private index = 0
  private offset = 0

  constructor(handle: FileHandle, segments: readonly (string | ByteRange)[]) {
    super({ highWaterMark: chunkSize })
    this.handle = handle
    this.segments = segments
  }

  override _read(): void {
    const segment = this.segments[this.index]
    if (segment === undefined) {
      this.push(null)
    } else if (typeof segment === 'string') {
      this.index++
      this.push(segment)
    } else {
      this.readFrom(segment).then(
        (chunk) => this.push(chunk),
        (error: Error) => this.destroy(error),
      )
    }
  }

  private async readFrom({ start, end }: ByteRange): Promise<Uint8Array> {
    const position = start + this.offset
    const length = Math.min(chunkSize, end - position + 1)
    const { bytesRead, buffer } = await this.handle.read(Buffer.allocUnsafeSlow(length), 0, length, position)
    if (bytesRead === 0) throw fail('STREAM_BROKEN', { reason: 'the file became shorter while it was sent' })
    this.offset += bytesRead
    if (start + this.offset > end) {
      this.index++
      this.offset = 0
    }
    return bytesRead === length ? buffer : buffer.subarray(0, bytesRead)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.close(error, callback)
  }

  private async close(error: Error | null, callback: (error?: Error | null) => void): Promise<void> {
    try {
      // Waits for a read that is under way.
      await this.handle.close()
      callback(error)
    } catch (failure) {
      callback(failure as Error)
    }
  }
}
