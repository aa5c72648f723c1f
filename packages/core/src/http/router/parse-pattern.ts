import { fail } from '../../foundation/errors/catalog.ts'

export type Segment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string; readonly constraint: Constraint | undefined; readonly optional: boolean }
  | { readonly kind: 'wildcard'; readonly name: string }

export interface Constraint {
  /** As written, the identity of the constraint when routes are compared. */
  readonly source: string
  /** The regular expression that `source` stands for, anchored. */
  readonly pattern: string
  readonly test: (value: string) => boolean
}

const named: Record<string, RegExp> = {
  int: /^-?\d{1,15}$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  slug: /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
}

/** Longer segments never satisfy a constraint, which bounds what a regular expression can cost. */
const longestConstrained = 256

/**
 * Reads a path pattern into its segments.
 * @throws `ROUTE_PATH_INVALID` with the reason.
 */
export function parsePattern(path: string, route: string): readonly Segment[] {
  const refuse = (reason: string) => fail('ROUTE_PATH_INVALID', { route, path, reason })
  if (!path.startsWith('/')) throw refuse('it does not start with a slash')
  if (/[?#]/.test(path.replace(/\([^()]*\)/g, '').replace(/\?(?=\/|$)/g, ''))) throw refuse('it contains a query or a fragment')
  if (path === '/') return []
  const names = new Set<string>()
  const texts = path.slice(1).split('/')
  return texts.map((text, index) => {
    const segment = parseSegment(text, refuse)
    if (segment.kind === 'static') return segment
    if (names.has(segment.name)) throw refuse(`the parameter ${segment.name} occurs twice`)
    names.add(segment.name)
    if (segment.kind === 'wildcard' && index < texts.length - 1) throw refuse('a wildcard must be the last segment')
    if (segment.kind === 'param' && segment.optional && !texts.slice(index + 1).every((later) => later.startsWith(':') && later.endsWith('?'))) {
      throw refuse('only optional parameters may follow an optional one')
    }
    return segment
  })
}

function parseSegment(text: string, refuse: (reason: string) => Error): Segment {
  if (text.startsWith('*')) {
    const name = text.slice(1)
    if (name !== '' && !/^\w+$/.test(name)) throw refuse(`${JSON.stringify(name)} is no name for a wildcard`)
    return { kind: 'wildcard', name: name === '' ? '*' : name }
  }
  if (text.startsWith(':')) {
    const match = /^:(\w+)(?:\((.+)\))?(\?)?$/.exec(text)
    if (match === null) throw refuse(`${JSON.stringify(text)} is no parameter`)
    const [, name = '', source, optional] = match
    return { kind: 'param', name, constraint: source === undefined ? undefined : compileConstraint(source, refuse), optional: optional !== undefined }
  }
  if (text === '') throw refuse('it has an empty segment')
  if (text === '.' || text === '..') throw refuse('it has a dot segment')
  if (/[%*:()]/.test(text)) throw refuse(`the segment ${JSON.stringify(text)} mixes text with a parameter, or is percent-encoded`)
  return { kind: 'static', text }
}

function compileConstraint(source: string, refuse: (reason: string) => Error): Constraint {
  if (/[+*}]\)?[+*{]|\([^)]*[+*}][^)]*\)[+*{]/.test(source)) throw refuse(`the constraint ${source} nests repetitions, which can take exponential time`)
  let expression: RegExp
  try {
    expression = named[source] ?? new RegExp(`^(?:${source})$`, 'u')
  } catch {
    throw refuse(`the constraint ${source} is no regular expression`)
  }
  return { source, pattern: expression.source, test: (value) => value.length <= longestConstrained && expression.test(value) }
}
