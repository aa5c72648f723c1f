import type { CompiledRoute } from '../context/route.ts'
import type { JsonSchema } from '../validation/standard-json-schema.ts'
import type { Components } from './components.ts'
import { toJsonSchema } from './json-schema.ts'
import type { PathParam } from './path-templates.ts'

/** OpenAPI describes these by other means, and ignores parameters with their names (OpenAPI 3.1.1, 4.8.12). */
const reservedHeaders = new Set(['accept', 'content-type', 'authorization'])

/** The parameters of an operation: those of its path, and each field of its query, headers and cookies. */
export function parametersOf(route: CompiledRoute, inPath: readonly PathParam[], name: string, components: Components): Record<string, unknown>[] {
  const { params, query, headers, cookies } = route.options
  const described = params === undefined ? {} : fieldsOf(toJsonSchema(params, 'input', `${name}Params`, components), components).properties
  const path = inPath.map((param) => toParameter(param.name, 'path', described[param.source] ?? param.schema, true))
  const places = [
    ['query', query, 'Query'],
    ['header', headers, 'Headers'],
    ['cookie', cookies, 'Cookies'],
  ] as const
  const others = places.flatMap(([place, schema, suffix]) => {
    if (schema === undefined) return []
    const { properties, required } = fieldsOf(toJsonSchema(schema, 'input', `${name}${suffix}`, components), components)
    return Object.entries(properties)
      .filter(([field]) => place !== 'header' || !reservedHeaders.has(field.toLowerCase()))
      .map(([field, property]) => toParameter(field, place, property, required.has(field)))
  })
  return [...path, ...others]
}

function toParameter(name: string, place: string, property: JsonSchema, required: boolean): Record<string, unknown> {
  const { description, deprecated, ...schema } = property
  return {
    name,
    in: place,
    ...(required ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    ...(deprecated === true ? { deprecated: true } : {}),
    schema,
  }
}

interface Fields {
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly required: ReadonlySet<string>
}

/** The fields of an object, also where it is put together: of all parts, or of a choice (then required is what all require). */
function fieldsOf(schema: JsonSchema, components: Components): Fields {
  const { properties, required, allOf, anyOf, oneOf } = components.resolve(schema)
  const own: Fields = { properties: (properties as Fields['properties'] | undefined) ?? {}, required: new Set(required as string[] | undefined) }
  const parts = ((allOf as JsonSchema[] | undefined) ?? []).map((part) => fieldsOf(part, components))
  const choices = [anyOf, oneOf]
    .filter((members) => members !== undefined)
    .map((members) => choose((members as JsonSchema[]).map((member) => fieldsOf(member, components))))
  return [...parts, ...choices].reduce(
    (all, { properties: more, required: alsoRequired }) => ({ properties: { ...more, ...all.properties }, required: all.required.union(alsoRequired) }),
    own,
  )
}

function choose(members: readonly Fields[]): Fields {
  const properties = new Map<string, JsonSchema[]>()
  for (const member of members)
    for (const [name, property] of Object.entries(member.properties)) properties.set(name, [...(properties.get(name) ?? []), property])
  const merged = [...properties].map(([name, variants]) => {
    const different = [...new Map(variants.map((variant) => [JSON.stringify(variant), variant])).values()]
    return [name, different.length === 1 ? different[0] : { anyOf: different }] as const
  })
  const [first, ...others] = members.map(({ required }) => required)
  return {
    properties: Object.fromEntries(merged) as Fields['properties'],
    required: others.reduce((all, one) => all.intersection(one), first ?? new Set<string>()),
  }
}
