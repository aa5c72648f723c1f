import { alternativesOf, isNode, membersOf, requiredOf, typeOf, valuesOf, type Node, type Resolve } from './schema-view.ts'

/** What clients send has to stay accepted; what they receive has to stay what they expect. */
export type Direction = 'input' | 'output'

export interface Sides {
  readonly oldResolve: Resolve
  readonly newResolve: Resolve
}

/** Tells each change that breaks clients: where, and what. */
export type Report = (where: string, message: string) => void

const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
const deepest = 30

/** Compares what a value may be before and after. */
export function diffSchemas(before: unknown, after: unknown, direction: Direction, sides: Sides, where: string, report: Report, depth = 0): void {
  if (depth > deepest) return
  const [olds, news] = [alternativesOf(before, sides.oldResolve), alternativesOf(after, sides.newResolve)]
  const [first, second] = [olds[0], news[0]]
  if (olds.length === 1 && news.length === 1 && first !== undefined && second !== undefined)
    return diffForm(first, second, direction, sides, where, report, depth)
  // Input: every old form is still accepted. Output: every new form is one that was there.
  const [demanding, offering] = direction === 'input' ? [olds, news] : [news, olds]
  for (const form of demanding) {
    const matches = offering.some((candidate) => {
      let isSame = true
      const [old, fresh] = direction === 'input' ? [form, candidate] : [candidate, form]
      diffForm(old, fresh, direction, sides, where, () => (isSame = false), depth)
      return isSame
    })
    if (!matches) report(where, direction === 'input' ? `${describe(form)} is no longer accepted` : `may now be ${describe(form)}`)
  }
}

function diffForm(before: Node, after: Node, direction: Direction, sides: Sides, where: string, report: Report, depth: number): void {
  if (!typeFits(typeOf(before), typeOf(after), direction)) return report(where, `was ${typeOf(before) ?? 'anything'}, is ${typeOf(after) ?? 'anything'}`)
  diffValues(before, after, direction, where, report)
  if (direction === 'input') diffLimits(before, after, where, report)
  else if (before['format'] !== undefined && before['format'] !== after['format'])
    report(where, `had the format ${String(before['format'])}, has ${String(after['format'] ?? 'none')}`)
  diffMembers(before, after, direction, sides, where, report, depth)
  if (before['items'] !== undefined && after['items'] !== undefined)
    diffSchemas(before['items'], after['items'], direction, sides, `${where}[]`, report, depth + 1)
}

/** An integer is a number; anything contains everything. */
function typeFits(before: string | undefined, after: string | undefined, direction: Direction): boolean {
  const [inner, outer] = direction === 'input' ? [before, after] : [after, before]
  return outer === undefined || inner === outer || (inner === 'integer' && outer === 'number')
}

function diffValues(before: Node, after: Node, direction: Direction, where: string, report: Report): void {
  const [old, fresh] = [valuesOf(before), valuesOf(after)]
  const has = (list: readonly unknown[], value: unknown) => list.some((one) => JSON.stringify(one) === JSON.stringify(value))
  if (direction === 'input') {
    if (fresh === undefined) return
    if (old === undefined) return report(where, `only accepts ${fresh.map(show).join(', ')} now`)
    for (const value of old) if (!has(fresh, value)) report(where, `no longer accepts ${show(value)}`)
    return
  }
  if (old === undefined) return
  if (fresh === undefined) return report(where, 'may now be values that were not listed')
  for (const value of fresh) if (!has(old, value)) report(where, `may now be ${show(value)}`)
}

/** Limits of what is sent may only become wider. */
function diffLimits(before: Node, after: Node, where: string, report: Report): void {
  for (const [bounds, isNarrower] of [
    [lowerBounds, (old: number, fresh: number) => fresh > old],
    [upperBounds, (old: number, fresh: number) => fresh < old],
  ] as const) {
    for (const bound of bounds) {
      const [old, fresh] = [before[bound], after[bound]]
      if (typeof fresh !== 'number') continue
      // A length or count of at least 0 says nothing.
      if (typeof old !== 'number' && fresh === 0 && /^min(Length|Items|Properties)$/.test(bound)) continue
      if (typeof old !== 'number' || isNarrower(old, fresh))
        report(where, `${bound} ${typeof old === 'number' ? `was ${old}, is ${fresh}` : `is ${fresh} now`}`)
    }
  }
  for (const rule of ['pattern', 'format', 'multipleOf']) {
    if (after[rule] !== undefined && before[rule] !== after[rule])
      report(
        where,
        `${rule} ${before[rule] === undefined ? 'is' : `was ${String(before[rule])}, is`} ${String(after[rule])}${before[rule] === undefined ? ' now' : ''}`,
      )
  }
  if (after['uniqueItems'] === true && before['uniqueItems'] !== true) report(where, 'has to be unique items now')
}

function diffMembers(before: Node, after: Node, direction: Direction, sides: Sides, where: string, report: Report, depth: number): void {
  const [old, fresh] = [membersOf(before), membersOf(after)]
  const [oldRequired, newRequired] = [requiredOf(before), requiredOf(after)]
  for (const [name, member] of Object.entries(old)) {
    const at = `${where}.${name}`
    if (!(name in fresh)) {
      // What is described for all names still reads, or gives, this one.
      if (isNode(after['additionalProperties'])) diffSchemas(member, after['additionalProperties'], direction, sides, at, report, depth + 1)
      else report(at, direction === 'input' ? 'is no longer read' : 'is no longer there')
      continue
    }
    if (direction === 'output' && oldRequired.has(name) && !newRequired.has(name)) report(at, 'was always there, and may be missing now')
    diffSchemas(member, fresh[name], direction, sides, at, report, depth + 1)
  }
  if (direction === 'output') return
  for (const name of newRequired) if (!oldRequired.has(name)) report(`${where}.${name}`, name in old ? 'is required now' : 'is new and required')
  if (after['additionalProperties'] === false && before['additionalProperties'] !== false && typeOf(before) === 'object')
    report(where, 'refuses members that it does not name now')
}

function describe(schema: Node): string {
  const values = valuesOf(schema)
  return values === undefined ? (typeOf(schema) ?? 'anything') : values.map(show).join(', ')
}

function show(value: unknown): string {
  return JSON.stringify(value)
}
