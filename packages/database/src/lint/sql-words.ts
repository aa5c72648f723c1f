/** A name as it stands in SQL, perhaps with a schema before it. */
export const name = '(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|\\[[^\\]]+\\]|[\\p{L}_][\\p{L}\\p{N}_$]*)'
export const qualified = `(?:${name}\\s*\\.\\s*)?${name}`

/** A pattern in which `NAME` is a name that may be qualified, and spaces are any. */
export function sqlPattern(text: string): RegExp {
  return new RegExp(text.replaceAll('NAME', `(${qualified})`).replaceAll(' ', '\\s+'), 'iu')
}

/** The last part of a name, without quotes; unquoted names in lower case. */
export function plainName(text: string): string {
  const last = new RegExp(`${name}$`, 'u').exec(text.trim())?.[0] ?? text.trim()
  const [first] = last
  if (first === '"' || first === '`') return last.slice(1, -1).replaceAll(first + first, first)
  return first === '[' ? last.slice(1, -1) : last.toLowerCase()
}

/** Parts between commas that are not inside parentheses. */
export function splitCommas(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (const match of text.matchAll(/"(?:[^"]|"")*"|`(?:[^`]|``)*`|[(),]/g)) {
    if (match[0] === '(') depth++
    else if (match[0] === ')') depth--
    else if (match[0] === ',' && depth === 0) {
      parts.push(text.slice(start, match.index).trim())
      start = match.index + 1
    }
  }
  return [...parts, text.slice(start).trim()]
}
