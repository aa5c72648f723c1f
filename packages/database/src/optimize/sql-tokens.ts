/** A word of SQL, or what stands between parentheses. */
export type SqlToken =
  | { readonly kind: 'word' | 'name' | 'value' | 'sign'; readonly text: string }
  /** A value to bind; its place among them, from 0. */
  | { readonly kind: 'parameter'; readonly text: string; readonly at: number }
  | { readonly kind: 'group'; readonly text: ''; readonly tokens: readonly SqlToken[] }

const pattern =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(?<text>'(?:[^'\\]|''|\\[\s\S])*')|(?<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`)|(?<parameter>\$\d+|\?)|(?<number>\d[\w.]*)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<sign><=|>=|<>|!=|::|@@|\|\||[^\s])/gu

/** Takes a statement apart; names lose their quotes, words are in lower case. */
export function readTokens(text: string): readonly SqlToken[] {
  const open: SqlToken[][] = [[]]
  let parameters = 0
  for (const { groups = {} } of text.matchAll(pattern)) {
    const top = open.at(-1) as SqlToken[]
    if (groups['text'] !== undefined || groups['number'] !== undefined) top.push({ kind: 'value', text: groups['text'] ?? (groups['number'] as string) })
    else if (groups['name'] !== undefined) top.push({ kind: 'name', text: unquote(groups['name']) })
    else if (groups['parameter'] !== undefined) {
      const given = groups['parameter']
      top.push({ kind: 'parameter', text: given, at: given === '?' ? parameters : Number(given.slice(1)) - 1 })
      parameters++
    } else if (groups['word'] !== undefined) top.push({ kind: 'word', text: groups['word'].toLowerCase() })
    else if (groups['sign'] === '(') open.push([])
    else if (groups['sign'] === ')') {
      if (open.length > 1) (open.at(-2) as SqlToken[]).push({ kind: 'group', text: '', tokens: open.pop() as SqlToken[] })
    } else if (groups['sign'] !== undefined) top.push({ kind: 'sign', text: groups['sign'] })
  }
  while (open.length > 1) (open.at(-2) as SqlToken[]).push({ kind: 'group', text: '', tokens: open.pop() as SqlToken[] })
  return open[0] as SqlToken[]
}

function unquote(name: string): string {
  const [quote = ''] = name
  return name.slice(1, -1).replaceAll(quote + quote, quote)
}

/** How many values a statement takes. */
export function countParameters(tokens: readonly SqlToken[]): number {
  return tokens.reduce(
    (most, token) => Math.max(most, token.kind === 'parameter' ? token.at + 1 : token.kind === 'group' ? countParameters(token.tokens) : 0),
    0,
  )
}

export const isWord = (token: SqlToken | undefined, ...texts: readonly string[]): boolean => token?.kind === 'word' && texts.includes(token.text)
