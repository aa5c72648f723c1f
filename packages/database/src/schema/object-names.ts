import { createHash } from 'node:crypto'

// PostgreSQL cuts longer names off without a word, and two could become the same.
const longest = 63

/** The name of an index, key or check that was given none: `cars_make_model_index`. */
export function objectName(table: string, columns: readonly string[], suffix: 'index' | 'unique' | 'foreign' | 'check'): string {
  return boundedName([table, ...columns, suffix].join('_').replaceAll(/[^\p{L}\p{N}_]+/gu, '_'))
}

/** A name that no database cuts off; one that would be too long ends in a digest. */
export function boundedName(name: string): string {
  if (Buffer.byteLength(name) <= longest) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 10)
  let kept = name
  while (Buffer.byteLength(kept) > longest - digest.length - 1) kept = kept.slice(0, -1)
  return `${kept}_${digest}`
}
