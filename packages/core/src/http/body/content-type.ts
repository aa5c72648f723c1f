export interface ContentType {
  /** `type/subtype` in lower case. */
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Reads a Content-Type exactly (RFC 9110, 8.3.1); undefined where it is none. */
export function parseContentType(header: string | undefined): ContentType | undefined {
  if (header === undefined || header.length > 256) return undefined
  const match = /^\s*([!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+)\s*((?:;.*)?)$/.exec(header)
  if (match === null) return undefined
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>
  let rest = (match[2] as string).trim()
  while (rest !== '') {
    const parameter = /^;\s*(?:([!#$%&'*+.^_`|~\w-]+)=("(?:[^"\\]|\\.)*"|[!#$%&'*+.^_`|~\w-]+))?\s*/.exec(rest)
    if (parameter === null) return undefined
    const [whole, name, value] = parameter
    if (name !== undefined && value !== undefined) parameters[name.toLowerCase()] = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
    rest = rest.slice(whole.length)
  }
  return { type: (match[1] as string).toLowerCase(), parameters }
}
