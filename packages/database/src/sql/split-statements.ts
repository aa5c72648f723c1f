import type { Dialect } from './dialect.ts'

/** One statement of a script, without its semicolon. */
export interface Statement {
  /** As written. */
  readonly text: string
  /** Without comments, texts emptied, spaces single: for reading what it does. */
  readonly skeleton: string
  /** Line of its first word, from 1. */
  readonly line: number
}

type Kind = 'space' | 'comment' | 'text' | 'name' | 'word' | 'end' | 'sign'

interface Piece {
  readonly kind: Kind
  readonly text: string
  readonly start: number
}

/**
 * Takes a script apart. Semicolons in texts, quoted names, comments, dollar quotes and the bodies of triggers and
 * routines are no ends of statements.
 */
export function splitStatements(script: string, dialect: Dialect): Statement[] {
  const statements: Statement[] = []
  let pieces: Piece[] = []
  const finish = () => {
    const statement = toStatement(script, pieces)
    if (statement !== undefined) statements.push(statement)
    pieces = []
  }
  const body = createBodyTracker()
  for (const piece of scan(script, dialect)) {
    // A delimiter of the script's own ends a body as well.
    if (piece.kind === 'end' && (!body.isOpen() || piece.text !== ';')) {
      finish()
      body.reset()
      continue
    }
    body.see(piece)
    pieces.push(piece)
  }
  finish()
  return statements
}

function toStatement(script: string, pieces: readonly Piece[]): Statement | undefined {
  const meant = pieces.filter((piece) => piece.kind !== 'space' && piece.kind !== 'comment')
  const [first] = meant
  const last = meant.at(-1)
  if (first === undefined || last === undefined) return undefined
  const skeleton = pieces.map((piece) => (piece.kind === 'space' || piece.kind === 'comment' ? ' ' : piece.kind === 'text' ? "''" : piece.text)).join('')
  return {
    text: script.slice(first.start, last.start + last.text.length),
    skeleton: skeleton.replaceAll(/\s+/g, ' ').trim(),
    line: script.slice(0, first.start).split('\n').length,
  }
}

/** Follows `begin … end` and `case … end` of triggers and routines, in which semicolons end nothing. */
function createBodyTracker() {
  let words: string[] = []
  let depth = 0
  const isRoutine = () =>
    /^create(?: or replace)?(?: temp| temporary| definer)?.*\b(?:trigger|procedure|function|event|package)\b/.test(words.slice(0, 12).join(' '))
  return {
    isOpen: () => depth > 0,
    reset: () => {
      words = []
      depth = 0
    },
    see: (piece: Piece) => {
      if (piece.kind !== 'word') return
      const word = piece.text.toLowerCase()
      const before = words.at(-1)
      words.push(word)
      if (!isRoutine()) return
      if (before === 'end' && ['if', 'loop', 'while', 'repeat', 'case'].includes(word)) {
        // `end if` closes what its first word opened; `end case` closed it already at `end`.
        if (word !== 'case') depth++
        return
      }
      if (word === 'begin' || word === 'case') depth++
      else if (word === 'end') depth = Math.max(0, depth - 1)
    },
  }
}

const quoted = (quote: string, backslash: boolean) => {
  const escaped = backslash ? '\\\\[\\s\\S]|' : ''
  const inside = backslash ? `[^${quote}\\\\]` : `[^${quote}]`
  return `${quote}(?:${escaped}${quote}${quote}|${inside})*(?:${quote}|$)`
}

const patterns: Readonly<Record<Dialect, RegExp>> = {
  sqlite: pattern(
    [`(?<text>x?${quoted("'", false)})`, `(?<name>${quoted('"', false)}|${quoted('`', false)}|\\[[^\\]]*(?:\\]|$))`],
    '--[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$)',
  ),
  postgres: pattern(
    [
      `(?<text>[eE]${quoted("'", true)}|[bBxXnN]?${quoted("'", false)}|\\$(?<tag>[\\p{L}_]*[\\p{L}\\p{N}_]*)\\$[\\s\\S]*?(?:\\$\\k<tag>\\$|$))`,
      `(?<name>${quoted('"', false)})`,
    ],
    '--[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$)',
  ),
  mysql: pattern(
    [`(?<text>[bBxXnN]?${quoted("'", true)}|${quoted('"', true)})`, `(?<name>${quoted('`', false)})`],
    '--(?:[ \\t][^\\n]*|(?=\\n|$))|#[^\\n]*|\\/\\*(?!!)[\\s\\S]*?(?:\\*\\/|$)',
  ),
}

function pattern(literals: readonly string[], comment: string): RegExp {
  return new RegExp(`(?<space>\\s+)|(?<comment>${comment})|${literals.join('|')}|(?<word>[\\p{L}\\p{N}_$@]+)|(?<end>;)|(?<sign>[\\s\\S])`, 'uy')
}

const kinds: readonly Kind[] = ['space', 'comment', 'text', 'name', 'word', 'end', 'sign']

// What the mysql client understands, and the server does not.
const directive = /(?<=^|\n)[ \t]*delimiter[ \t]+(?<mark>\S+)[^\n]*/iy

function* scan(script: string, dialect: Dialect): Generator<Piece> {
  const expression = patterns[dialect]
  let delimiter = ';'
  let start = 0
  while (start < script.length) {
    const mark = dialect === 'mysql' ? at(directive, script, start) : undefined
    if (mark !== undefined) {
      delimiter = mark.groups?.['mark'] ?? ';'
      yield { kind: 'comment', text: mark[0], start }
      start += mark[0].length
      continue
    }
    if (delimiter !== ';' && script.startsWith(delimiter, start)) {
      yield { kind: 'end', text: delimiter, start }
      start += delimiter.length
      continue
    }
    const match = at(expression, script, start)
    if (match === undefined) return
    const found = kinds.find((candidate) => match.groups?.[candidate] !== undefined) ?? 'sign'
    const kind = found === 'end' && delimiter !== ';' ? 'sign' : found
    const text = kind === 'comment' && dialect === 'postgres' ? nestedComment(script, start, match[0]) : match[0]
    yield { kind, text, start }
    start += text.length
  }
}

function at(expression: RegExp, script: string, start: number): RegExpExecArray | undefined {
  expression.lastIndex = start
  return expression.exec(script) ?? undefined
}

/** PostgreSQL's comments nest. */
function nestedComment(script: string, start: number, found: string): string {
  if (!found.startsWith('/*')) return found
  let depth = 0
  for (const edge of script.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += edge[0] === '/*' ? 1 : -1
    if (depth === 0) return script.slice(start, start + edge.index + 2)
  }
  return script.slice(start)
}
