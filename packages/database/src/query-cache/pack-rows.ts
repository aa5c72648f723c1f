type Rows = readonly (readonly unknown[])[]

/** Values that JSON has no form for, as objects; plain values stay as they are. */
interface Packed {
  /** A bigint. */
  readonly n?: string
  /** Bytes, in base64. */
  readonly b?: string
  /** A number that JSON does not know. */
  readonly f?: string
  /** A date, in ms. */
  readonly d?: number
  /** Anything else, as JSON. */
  readonly j?: unknown
}

/** Rows as plain data that JSON keeps letter by letter. */
export function packRows(rows: Rows): unknown[][] {
  return rows.map((row) => row.map(packValue))
}

export function unpackRows(rows: Rows): unknown[][] {
  return rows.map((row) => row.map((value) => (typeof value === 'object' && value !== null ? unpack(value as Packed) : value)))
}

export function packValue(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return { n: value.toString() }
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { f: Object.is(value, -0) ? '-0' : String(value) }
    case 'object':
      if (value === null) return value
      if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('base64') }
      return value instanceof Date ? { d: value.getTime() } : { j: value }
    default:
      return value
  }
}

function unpack({ n, b, f, d, j }: Packed): unknown {
  if (n !== undefined) return BigInt(n)
  if (b !== undefined) return Buffer.from(b, 'base64')
  if (f !== undefined) return Number(f)
  return d === undefined ? j : new Date(d)
}
