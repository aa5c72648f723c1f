import { fail } from '../errors/catalog.ts'

/** One `NAME=value` of a `.env` file. */
export interface DotenvEntry {
  readonly name: string
  readonly value: string
  /** Lines are counted from 1. */
  readonly firstLine: number
  readonly lastLine: number
}

/** Lines of a text whose line breaks may be those of any system. */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/)
}

/**
 * Reads the text of a `.env` file: `NAME=value` lines, comments, an optional `export`, values bare (up to ` #`), in single
 * quotes or backticks (as they are) or double quotes (with \n, \r, \t, \", \$ and \\); quoted ones over several lines too.
 * `$` has no meaning.
 * @throws `DOTENV_MALFORMED` with file and line.
 */
export function parseDotenvEntries(text: string, file: string): DotenvEntry[] {
  const entries: DotenvEntry[] = []
  const lines = linesOf(text)
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    if (/^\s*(#|$)/.test(line)) continue
    const firstLine = i + 1
    const malformed = (reason: string) => fail('DOTENV_MALFORMED', { file, line: firstLine, reason })
    const [, name, rest = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/s.exec(line) ?? []
    if (name === undefined) throw malformed('it is not NAME=value')
    const quote = rest.charAt(0)
    if (!(quote in quotes)) {
      entries.push({ name, value: rest.replace(/(?:^|\s)#.*$/s, '').trim(), firstLine, lastLine: firstLine })
      continue
    }
    const parts: string[] = []
    let part = rest.slice(1)
    let end = closingQuote(part, quote)
    while (end === -1) {
      parts.push(part)
      if (++i === lines.length) throw malformed(`${quotes[quote]} is not closed`)
      part = lines[i] as string
      end = closingQuote(part, quote)
    }
    if (!/^\s*(#.*)?$/s.test(part.slice(end + 1))) throw malformed('something follows the closing quote')
    const quoted = [...parts, part.slice(0, end)].join('\n')
    const value = quote === '"' ? quoted.replace(/\\([nrt"$\\])/g, (_, escape: string) => escapes[escape] ?? escape) : quoted
    entries.push({ name, value, firstLine, lastLine: i + 1 })
  }
  return entries
}

/**
 * The values of a `.env` text; of a name that stands there twice, the last one.
 * @throws `DOTENV_MALFORMED` with file and line.
 */
export function parseDotenv(text: string, file: string): Record<string, string> {
  return Object.fromEntries(parseDotenvEntries(text, file).map(({ name, value }) => [name, value]))
}

/** A value as it stands in a `.env` file: bare where that is the same to every tool, else quoted. */
export function renderDotenvValue(value: string): string {
  if (/^[^\s"'`#\\$]*$/.test(value)) return value
  if (!/['\r\n]/.test(value)) return `'${value}'`
  return `"${value
    .replace(/["\\$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')}"`
}

const quotes: Readonly<Record<string, string>> = { '"': 'a double quote', "'": 'a single quote', '`': 'a backtick' }
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function closingQuote(line: string, quote: string): number {
  for (let i = 0; i < line.length; i++) {
    if (quote === '"' && line[i] === '\\') i++
    else if (line[i] === quote) return i
  }
  return -1
}
