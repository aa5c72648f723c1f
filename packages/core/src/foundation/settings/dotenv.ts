import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors/catalog.ts'
import type { Environment } from '../environment.ts'

/**
 * Reads the text of a `.env` file: `NAME=value` lines, comments, an optional `export`, values in single quotes (as they
 * are), double quotes (with \n, \r, \t, \" and \\, and over several lines) or bare (up to ` #`).
 * @throws `DOTENV_MALFORMED` with file and line.
 */
export function parseDotenv(text: string, file: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] as string).trim()
    if (line === '' || line.startsWith('#')) continue
    const started = i
    const match = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/s.exec(line)
    if (match === null) throw fail('DOTENV_MALFORMED', { file, line: started + 1, reason: 'it is not NAME=value' })
    const [, name = '', rest = ''] = match
    const quote = rest[0]
    if (quote !== '"' && quote !== "'") {
      values[name] = rest.replace(/(?:^|\s)#.*$/, '').trim()
      continue
    }
    let value = rest.slice(1)
    let end = closing(value, quote)
    while (end === -1 && ++i < lines.length) {
      value += `\n${lines[i] as string}`
      end = closing(value, quote)
    }
    if (end === -1) throw fail('DOTENV_MALFORMED', { file, line: started + 1, reason: `a ${quote} is not closed` })
    if (!/^\s*(#.*)?$/.test(value.slice(end + 1))) throw fail('DOTENV_MALFORMED', { file, line: started + 1, reason: 'something follows the closing quote' })
    values[name] = quote === "'" ? value.slice(0, end) : value.slice(0, end).replace(/\\([nrt"\\])/g, (_, escape: string) => escapes[escape] as string)
  }
  return values
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

function closing(text: string, quote: string): number {
  for (let i = 0; i < text.length; i++) {
    if (quote === '"' && text[i] === '\\') i++
    else if (text[i] === quote) return i
  }
  return -1
}

/**
 * The `.env` files of a folder, later ones overriding: `.env`, `.env.<environment>`, `.env.local` (not in tests, which
 * must not depend on whose machine they run on).
 */
export function readDotenvFiles(directory: string, environment: Environment): Record<string, string> {
  const names = ['.env', `.env.${environment}`, ...(environment === 'test' ? [] : ['.env.local'])]
  const values: Record<string, string> = {}
  for (const name of names) {
    const file = join(directory, name)
    if (existsSync(file)) Object.assign(values, parseDotenv(readFileSync(file, 'utf8'), name))
  }
  return values
}
