import { Readable } from 'node:stream'
import type { ReplyKind } from '../context/reply.ts'

/** How a value that a handler answered is sent. Plain data is told by its prototype alone. */
export function kindOf(value: unknown): Exclude<ReplyKind, 'text' | 'file'> {
  if (typeof value !== 'object' || value === null) return value === undefined ? 'empty' : 'json'
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === Array.prototype) return 'json'
  return kindOfInstance(value)
}

// By tag and not by `instanceof`: Node loads Response and ReadableStream when their globals are first touched.
function kindOfInstance(value: object): 'json' | 'bytes' | 'stream' | 'events' | 'response' {
  if (Symbol.asyncIterator in value) return value instanceof Readable || isTagged(value, 'ReadableStream') ? 'stream' : 'events'
  if (value instanceof Uint8Array) return 'bytes'
  return isTagged(value, 'Response') ? 'response' : 'json'
}

function isTagged(value: object, tag: string): boolean {
  return (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === tag
}
