import { validateHeaderName, validateHeaderValue } from 'node:http'

/** Names that Node reads in a head, to frame the message by them. */
export const framingNames: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding', 'date', 'expect', 'trailer', 'keep-alive'])

/** Headers that every answer of a route carries. Checked and put together once, so that requests only hand them on. */
export class ConstantHeaders {
  /** Flat name, value pairs; names in lower case. */
  readonly pairs: readonly string[]
  readonly names: ReadonlySet<string>
  /** The pairs as the text of a message's head; undefined when HTTP cannot carry one of them, or Node has to read it. */
  readonly lines: string | undefined

  constructor(pairs: readonly string[]) {
    this.pairs = pairs
    this.names = new Set(pairs.filter((_, index) => index % 2 === 0))
    this.lines = linesOf(pairs)
  }
}

export const noConstantHeaders = new ConstantHeaders([])

function linesOf(pairs: readonly string[]): string | undefined {
  let lines = ''
  for (let i = 0; i < pairs.length; i += 2) {
    const [name, value] = [pairs[i] as string, pairs[i + 1] as string]
    if (framingNames.has(name.toLowerCase())) return undefined
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      // Reported with the first answer that should carry it.
      return undefined
    }
    lines += `${name}: ${value}\r\n`
  }
  return lines
}
