/** A JSON Schema or a part of an OpenAPI document, as it was read. */
export type Node = Readonly<Record<string, unknown>>

/** Follows references within a document. */
export type Resolve = (node: unknown) => Node

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A reference that leads nowhere, or in a circle, is an empty schema: anything. */
export function createResolve(document: Node): Resolve {
  return (node) => {
    let found = node
    for (let steps = 0; isNode(found) && typeof found['$ref'] === 'string' && steps < 50; steps++) {
      found = found['$ref']
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>((at, part) => (isNode(at) ? at[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')] : undefined), document)
    }
    return isNode(found) && found['$ref'] === undefined ? found : {}
  }
}

/** The forms that a value may have: members of anyOf and oneOf, themselves taken apart; `allOf` is merged. */
export function alternativesOf(given: unknown, resolve: Resolve, depth = 0): Node[] {
  const schema = resolve(given)
  if (depth > 10) return [schema]
  const { anyOf, oneOf, allOf, ...own } = schema
  if (Array.isArray(allOf)) return alternativesOf(mergeAll([own, ...(allOf as unknown[]).map(resolve)]), resolve, depth + 1)
  const members = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined
  if (members === undefined) return splitTypes(schema)
  return (members as unknown[]).flatMap((member) => alternativesOf(member, resolve, depth + 1))
}

/** `type: ['string', 'null']` is two forms. */
function splitTypes(schema: Node): Node[] {
  const { type } = schema
  return Array.isArray(type) ? (type as unknown[]).map((one) => ({ ...schema, type: one })) : [schema]
}

function mergeAll(schemas: readonly Node[]): Node {
  const merged: Record<string, unknown> = {}
  for (const schema of schemas) {
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties' && isNode(merged[key]) && isNode(value)) merged[key] = { ...merged[key], ...value }
      else if (key === 'required' && Array.isArray(merged[key]) && Array.isArray(value)) merged[key] = [...(merged[key] as unknown[]), ...(value as unknown[])]
      else merged[key] = value
    }
  }
  return merged
}

/** The type of one form; undefined is anything. */
export function typeOf(schema: Node): string | undefined {
  if (typeof schema['type'] === 'string') return schema['type']
  const values = valuesOf(schema)
  const types = values === undefined ? [] : [...new Set(values.map(typeOfValue))]
  if (types.length === 1) return types[0]
  return isNode(schema['properties']) ? 'object' : schema['items'] === undefined ? undefined : 'array'
}

function typeOfValue(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** The values that are allowed, where they are listed. */
export function valuesOf(schema: Node): readonly unknown[] | undefined {
  if ('const' in schema) return [schema['const']]
  return Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]) : undefined
}

export function membersOf(schema: Node): Node {
  return isNode(schema['properties']) ? schema['properties'] : {}
}

export function requiredOf(schema: Node): ReadonlySet<string> {
  return new Set(Array.isArray(schema['required']) ? (schema['required'] as string[]) : [])
}
