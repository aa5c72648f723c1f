import { nodeHttp } from '../../foundation/node-http.ts'

const { STATUS_CODES, validateHeaderName, validateHeaderValue } = nodeHttp

/** Names that Node reads in a head, to frame the message by them. */
const framingNames: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding', 'date', 'expect', 'trailer', 'keep-alive'])

/** A header that answers carry besides the constant ones, as it was written last. */
interface Written {
  /** The name with what stands before the value. */
  readonly start: string
  value: string | undefined
  line: string
  /** Times in a row that the value was another one. */
  misses: number
}

/** Names that are remembered. Programs have few of them; those who make names up do not fill the memory. */
const mostNames = 200
/** A header whose value changes so often is not worth remembering. */
const mostMisses = 16

/** What a value must not contain (RFC 9110, 5.5); the same as Node's rule. */
const unsendable = /[^\t\x20-\x7e\x80-\xff]/

/** Headers that every answer of a route carries. Checked and put together once, so that requests only hand them on. */
export class ConstantHeaders {
  /** Flat name, value pairs; names in lower case. */
  readonly pairs: readonly string[]
  private readonly names: ReadonlySet<string>
  /** The pairs as the text of a message's head; undefined when HTTP cannot carry one of them, or Node has to read it. */
  private readonly lines: string | undefined
  // Both are made by the first answer: most routes of a process may never be asked.
  private heads: Map<number, string> | undefined = undefined
  private written: Map<string, Written | undefined> | undefined = undefined

  constructor(pairs: readonly string[]) {
    this.pairs = pairs
    this.names = new Set(pairs.filter((_, index) => index % 2 === 0))
    this.lines = linesOf(pairs)
  }

  /** The status line and the constant headers; undefined when Node has to write them. */
  head(status: number): string | undefined {
    const heads = (this.heads ??= new Map())
    let head = heads.get(status)
    if (head === undefined && this.lines !== undefined) {
      head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${this.lines}`
      heads.set(status, head)
    }
    return head
  }

  /** The line of another header; undefined where names meet that need the rules of merging, or Node's. */
  lineOf(name: string, value: string): string | undefined {
    const written = (this.written ??= new Map()).get(name) ?? this.learn(name)
    if (written === undefined) return undefined
    // Many say the same each time: a policy, an origin, a media type.
    if (written.value === value) {
      written.misses = 0
      return written.line
    }
    if (unsendable.test(value)) return undefined
    const line = `${written.start}${value}\r\n`
    if (written.misses < mostMisses) {
      written.misses++
      written.value = value
      written.line = line
    }
    return line
  }

  private learn(name: string): Written | undefined {
    const all = this.written as Map<string, Written | undefined>
    if (all.size >= mostNames || !isToken(name)) return undefined
    if (framingNames.has(name.toLowerCase()) || (name !== 'vary' && this.names.has(name))) return undefined
    // Cookies are nobody's but their owner's.
    const written = { start: `${name}: `, value: undefined, line: '', misses: name === 'set-cookie' ? mostMisses : 0 }
    all.set(name, written)
    return written
  }
}

export const noConstantHeaders = new ConstantHeaders([])

function isToken(name: string): boolean {
  try {
    validateHeaderName(name)
    return true
  } catch {
    return false
  }
}

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
