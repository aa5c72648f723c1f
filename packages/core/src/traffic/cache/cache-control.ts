/** Directives of a Cache-Control field by lower-case name; those without a value are `true`. */
export type Directives = ReadonlyMap<string, string | true>

const none: Directives = new Map()

const directive = /[\s,]*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?\s*(?:,|$)/y

/**
 * Reads a Cache-Control field (RFC 9111, 5.2). Of a directive that comes twice the first counts (RFC 9111, 4.2.1); what
 * cannot be read is passed over up to the next comma.
 */
export function parseCacheControl(field: string | undefined): Directives {
  if (field === undefined || field === '') return none
  const directives = new Map<string, string | true>()
  let at = 0
  while (at < field.length) {
    directive.lastIndex = at
    const match = directive.exec(field)
    if (match === null) {
      const comma = field.indexOf(',', at)
      if (comma === -1) break
      at = comma + 1
      continue
    }
    at = directive.lastIndex
    const [, name = '', quoted, token] = match
    const key = name.toLowerCase()
    if (!directives.has(key)) directives.set(key, quoted ?? token ?? true)
  }
  return directives
}

/** A directive's seconds as ms; an unreadable number is as good as none at all (RFC 9111, 4.2.1): 0. */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const value = directives.get(name)
  if (value === undefined) return undefined
  return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) * 1000 : 0
}
