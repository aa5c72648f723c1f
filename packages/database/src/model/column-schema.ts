import { z } from 'zod'
import type { ColumnFacts } from '../columns/column.ts'

const wellFormed = (text: string) => text.isWellFormed() && !text.includes('\0')
const wellFormedMessage = 'Expected well-formed text without NUL characters'

/** A validator for one column: of what a client sends (`body`), or of a record that is answered (`answer`). */
export function columnSchema(facts: ColumnFacts, side: 'body' | 'answer'): z.ZodType {
  const schema = side === 'body' ? bodySchema(facts) : answerSchema(facts)
  return facts.nullable ? schema.nullable() : schema
}

function bodySchema(facts: ColumnFacts): z.ZodType {
  switch (facts.type) {
    case 'string':
      return z
        .string()
        .max(facts.length ?? 255)
        .refine(wellFormed, wellFormedMessage)
    case 'text':
    case 'encrypted':
      return z.string().refine(wellFormed, wellFormedMessage)
    case 'timestamp':
      return z.codec(z.iso.datetime({ offset: true }), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() })
    case 'bigint':
      if (facts.as === 'number') return z.int()
      return z.codec(z.string().regex(/^-?\d{1,19}$/), z.bigint(), { decode: (text) => BigInt(text), encode: (value) => value.toString() })
    case 'binary':
      return z.codec(z.base64(), z.instanceof(Uint8Array), {
        decode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
        encode: (bytes) => Buffer.from(bytes).toString('base64'),
      })
    default:
      return plainSchema(facts)
  }
}

function answerSchema(facts: ColumnFacts): z.ZodType {
  switch (facts.type) {
    case 'string':
    case 'text':
    case 'encrypted':
      return z.string()
    case 'timestamp':
      return z.date()
    case 'bigint':
      if (facts.as === 'number') return z.int()
      // JSON has neither big integers nor bytes: what is answered is what the record's toJSON makes of them.
      return z.codec(z.bigint(), z.string().regex(/^-?\d{1,19}$/), { decode: (value) => value.toString(), encode: (text) => BigInt(text) })
    case 'binary':
      return z.codec(z.instanceof(Uint8Array), z.base64(), {
        decode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
        encode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
      })
    default:
      return plainSchema(facts)
  }
}

function plainSchema(facts: ColumnFacts): z.ZodType {
  switch (facts.type) {
    case 'uuid':
      return z.guid()
    case 'integer':
      return z.int32()
    case 'float':
      return z.number()
    case 'decimal': {
      const { precision = 12, scale = 2 } = facts
      return z.string().regex(new RegExp(`^-?\\d{1,${Math.max(1, precision - scale)}}${scale === 0 ? '' : `(\\.\\d{1,${scale}})?`}$`))
    }
    case 'boolean':
      return z.boolean()
    case 'date':
      return z.iso.date()
    case 'enumeration':
      return z.enum(facts.values as readonly [string, ...string[]])
    default:
      return z.json()
  }
}
