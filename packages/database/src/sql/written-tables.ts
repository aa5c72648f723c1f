/** A table that a statement writes to, and how: rows that are deleted may take others with them. */
export interface WrittenTable {
  readonly table: string
  readonly how: 'insert' | 'update' | 'delete'
}

const name = '(?:["`\\[]([^"`\\]]+)["`\\]]|([A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*))'
const qualified = `${name}(?:\\s*\\.\\s*${name})?`
const writing = new RegExp(
  `\\b(insert\\s+(?:(?:or\\s+\\w+|ignore|low_priority|high_priority|delayed)\\s+)*into|replace(?:\\s+into)?|merge\\s+into|update(?:\\s+(?:only|ignore|low_priority|or\\s+\\w+))*|delete\\s+(?:(?:ignore|quick|low_priority)\\s+)*from(?:\\s+only)?|truncate(?:\\s+table)?|copy)\\s+${qualified}`,
  'gi',
)

/**
 * The tables that a statement, or several, may write to, as far as the text names them. What only looks like a write – in a
 * literal, say – is among them: too many are harmless. What triggers and functions write is not.
 */
export function writtenTables(text: string): readonly WrittenTable[] {
  const found = new Map<string, WrittenTable>()
  for (const [, verb = '', quoted, plain, quotedLast, plainLast] of text.matchAll(writing)) {
    const table = quotedLast ?? plainLast ?? quoted ?? plain ?? ''
    const how = howOf(verb.toLowerCase())
    found.set(`${how} ${table}`, { table, how })
  }
  return [...found.values()]
}

function howOf(verb: string): WrittenTable['how'] {
  // `replace`, and what is named like it, deletes the row that was there.
  if (/^(?:delete|truncate|replace|merge)|\breplace\b/.test(verb)) return 'delete'
  return verb.startsWith('update') ? 'update' : 'insert'
}
