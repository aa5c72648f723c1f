import { fail } from '../../foundation/errors/catalog.ts'

/** Counts what a stream gives, and holds it to the length that was announced. */
export class LengthCheck {
  sent = 0
  private readonly announced: number | undefined

  constructor(announced: number | undefined) {
    this.announced = announced
  }

  /** @throws `STREAM_BROKEN` for what is neither text nor bytes, and for more than was announced. */
  pass(chunk: unknown): string | Uint8Array {
    if (typeof chunk === 'string') this.sent += Buffer.byteLength(chunk)
    else if (chunk instanceof Uint8Array) this.sent += chunk.byteLength
    else throw fail('STREAM_BROKEN', { reason: `it gave ${chunk === null ? 'null' : `a value of type ${typeof chunk}`}, which is neither text nor bytes` })
    if (this.announced !== undefined && this.sent > this.announced)
      throw fail('STREAM_BROKEN', { reason: `it gave more than the ${this.announced} bytes announced` })
    return chunk
  }

  /** @throws `STREAM_BROKEN` for less than was announced. */
  end(): void {
    if (this.announced !== undefined && this.sent < this.announced)
      throw fail('STREAM_BROKEN', { reason: `it ended after ${this.sent} of ${this.announced} bytes` })
  }
}

export function closedEarly(): Error {
  return fail('STREAM_BROKEN', { reason: 'it was closed before its end' })
}
