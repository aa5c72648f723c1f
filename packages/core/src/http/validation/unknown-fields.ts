import type { JsonSchema } from './standard-json-schema.ts'

export type FieldPath = readonly (string | number)[]

/** Paths of the fields in a value that a schema does not name; at most `most` of them. */
export type UnknownFields = (value: unknown, most: number) => readonly FieldPath[]

interface Search {
  /** Where the walk is; copied only where something is found. */
  readonly at: (string | number)[]
  readonly found: FieldPath[]
  readonly most: number
  /** What walks that had to agree found in a value: recursive choices would ask again and again. */
  memo: Map<object, Map<Walk, readonly FieldPath[]>> | undefined
}

type Walk = (value: object, search: Search) => void

/** Knows every field. */
const open: Walk = () => {}

/**
 * Compiles a JSON Schema into what finds fields that it does not name, at any depth. Fields are known by `properties`
 * and by `additionalProperties` where it is given: without it, unknown fields are what a schema drops or ignores.
 * Of `anyOf` and `oneOf` the members that may hold for the value are asked, and a field that one of them knows is known.
 */
export function unknownFields(root: JsonSchema): UnknownFields {
  const walk = createCompiler(root).walkOf(root) ?? open
  return (value, most) => {
    const search: Search = { at: [], found: [], most, memo: undefined }
    if (typeof value === 'object' && value !== null) walk(value, search)
    return search.found
  }
}

interface Compiler {
  /** Undefined where the schema says nothing about fields. */
  walkOf(node: unknown): Walk | undefined
  resolve(node: unknown): JsonSchema
}

function createCompiler(root: JsonSchema): Compiler {
  const references = new Map<string, Walk>()
  const resolve = (node: unknown): JsonSchema => {
    if (!isPlain(node)) return {}
    const target = node['$ref']
    return typeof target === 'string' ? follow(root, target) : node
  }

  function referenceWalk(target: string): Walk {
    const there = references.get(target)
    if (there !== undefined) return there
    // Recursive schemas meet themselves: by the time a value comes, the walk is complete.
    let own: Walk = open
    references.set(target, (value, search) => own(value, search))
    own = walkOf(follow(root, target)) ?? open
    return own
  }

  function walkOf(node: unknown): Walk | undefined {
    if (!isPlain(node)) return undefined
    const target = node['$ref']
    const choices = [node['anyOf'], node['oneOf']].filter(Array.isArray) as unknown[][]
    const walks = [
      typeof target === 'string' ? referenceWalk(target) : undefined,
      ...((node['allOf'] as unknown[] | undefined) ?? []).map(walkOf),
      ...choices.map((members) => choiceWalk(members, compiler)),
      objectWalk(node, compiler),
      arrayWalk(node, compiler),
    ].filter((walk) => walk !== undefined)
    if (walks.length < 2) return walks[0]
    return (value, search) => agree(walks, value, search)
  }

  const compiler: Compiler = { walkOf, resolve }
  return compiler
}

function objectWalk(node: JsonSchema, { walkOf }: Compiler): Walk | undefined {
  const { properties, additionalProperties, patternProperties } = node
  if (!isPlain(properties) && additionalProperties === undefined && patternProperties === undefined) return undefined
  const fields = new Map(Object.entries(isPlain(properties) ? properties : {}).map(([name, field]) => [name, walkOf(field)]))
  const knowsOthers = patternProperties !== undefined || (additionalProperties !== undefined && additionalProperties !== false)
  const other = walkOf(additionalProperties)
  return (value, search) => {
    if (Array.isArray(value)) return
    const record = value as Record<string, unknown>
    for (const name of Object.keys(record)) {
      if (search.found.length >= search.most) return
      const named = fields.has(name)
      const walk = named ? fields.get(name) : other
      if (!named && !knowsOthers) search.found.push([...search.at, name])
      else if (walk !== undefined) descend(walk, record[name], name, search)
    }
  }
}

function arrayWalk({ items, prefixItems }: JsonSchema, { walkOf }: Compiler): Walk | undefined {
  const rest = walkOf(items)
  const first = Array.isArray(prefixItems) ? prefixItems.map(walkOf) : []
  if (rest === undefined && first.every((walk) => walk === undefined)) return undefined
  return (value, search) => {
    if (!Array.isArray(value)) return
    for (let i = 0; i < value.length && search.found.length < search.most; i++) {
      const walk = i < first.length ? first[i] : rest
      if (walk !== undefined) descend(walk, value[i], i, search)
    }
  }
}

function descend(walk: Walk, value: unknown, key: string | number, search: Search): void {
  if (typeof value !== 'object' || value === null) return
  search.at.push(key)
  walk(value, search)
  search.at.pop()
}

function choiceWalk(members: readonly unknown[], compiler: Compiler): Walk | undefined {
  const choices = members.map((member) => ({ node: compiler.resolve(member), walk: compiler.walkOf(member) ?? open }))
  if (choices.every(({ walk }) => walk === open)) return undefined
  return (value, search) =>
    agree(
      choices.filter(({ node }) => mayHold(node, value)).map(({ walk }) => walk),
      value,
      search,
    )
}

/** Finds what all walks find; a field below an unknown one is unknown as well. */
function agree(walks: readonly Walk[], value: object, search: Search): void {
  const memo = (search.memo ??= new Map<object, Map<Walk, readonly FieldPath[]>>())
  const remembered = memo.get(value) ?? new Map<Walk, readonly FieldPath[]>()
  memo.set(value, remembered)
  const [first, ...others] = walks.map((walk) => {
    const there = remembered.get(walk)
    if (there !== undefined) return there
    const own: Search = { at: search.at, found: [], most: Number.POSITIVE_INFINITY, memo }
    walk(value, own)
    remembered.set(walk, own.found)
    return own.found
  })
  if (first === undefined) return
  const agreed = others.reduce<readonly FieldPath[]>((one, other) => {
    const [inOne, inOther] = [new Set(one.map(keyOf)), new Set(other.map(keyOf))]
    return [...one.filter((path) => within(path, inOther)), ...other.filter((path) => !inOne.has(keyOf(path)) && within(path, inOne))]
  }, first)
  for (const path of agreed) if (search.found.length < search.most) search.found.push(path)
}

function within(path: FieldPath, paths: ReadonlySet<string>): boolean {
  return path.some((_, index) => paths.has(keyOf(path.slice(0, index + 1))))
}

const keyOf = (path: FieldPath): string => JSON.stringify(path)

/** Whether a member of a choice can be the one meant: by its type, and by its constant fields. */
function mayHold(node: JsonSchema, value: object): boolean {
  const { type, properties } = node
  if (type !== undefined && ![type].flat().includes(Array.isArray(value) ? 'array' : 'object')) return false
  if (!isPlain(properties)) return true
  return Object.entries(properties).every(([name, field]) => {
    if (!isPlain(field)) return true
    const allowed = 'const' in field ? [field['const']] : Array.isArray(field['enum']) ? (field['enum'] as unknown[]) : undefined
    const given = (value as Record<string, unknown>)[name]
    return allowed === undefined || given === undefined || allowed.includes(given)
  })
}

/** Follows a reference within the document: `#`, `#/$defs/Car`. */
function follow(root: JsonSchema, reference: string): JsonSchema {
  if (!reference.startsWith('#')) return {}
  let node: unknown = root
  for (const part of reference.slice(1).split('/').slice(1))
    node = isPlain(node) ? node[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return isPlain(node) ? node : {}
}

function isPlain(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
