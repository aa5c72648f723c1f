import type { Dialect } from '../sql/dialect.ts'

/** Whether values of one type are values of the other as they are stored, so that nothing has to be read or written. */
export function isWideningType(from: string, to: string, dialect: Dialect): boolean {
  const [old, fresh] = [parse(from), parse(to)]
  const isText = (type: string) => type === 'varchar' || type === 'text'
  if (dialect === 'postgres') {
    if (isText(old.base) && fresh.base === 'text') return true
    if (old.base === 'varchar' && fresh.base === 'varchar') return fresh.length === undefined || (old.length !== undefined && fresh.length >= old.length)
    return old.base === 'numeric' && fresh.base === 'numeric' && old.scale === fresh.scale && (fresh.length ?? Infinity) >= (old.length ?? Infinity)
  }
  // MySQL keeps the length in one byte up to 255 bytes: 63 characters of four.
  if (dialect === 'mysql' && old.base === 'varchar' && fresh.base === 'varchar' && old.length !== undefined && fresh.length !== undefined) {
    return fresh.length >= old.length && old.length <= 63 === fresh.length <= 63
  }
  return dialect === 'sqlite' && old.base === fresh.base
}

function parse(type: string): { readonly base: string; readonly length: number | undefined; readonly scale: number | undefined } {
  const [, word = '', length, scale] = /^\s*([a-z]+(?:\s+(?:varying|precision))?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?/i.exec(type) ?? []
  const base = word.toLowerCase()
  const named = base === 'character varying' ? 'varchar' : base === 'decimal' ? 'numeric' : base
  return { base: named, length: length === undefined ? undefined : Number(length), scale: scale === undefined ? undefined : Number(scale) }
}
