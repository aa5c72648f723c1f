import type { Schema } from '../context/schema.ts'

/** Paths of fields in a value that a schema does not name. */
export type UnknownFields = (value: unknown) => readonly (readonly (string | number)[])[]

/** The little of zod 4's internals (`_zod.def`) that says which fields there are. */
interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, ZodLike>>
  readonly catchall?: ZodLike
  readonly innerType?: ZodLike
  readonly element?: ZodLike
  readonly in?: ZodLike
  readonly options?: readonly ZodLike[]
  readonly items?: readonly ZodLike[]
  readonly left?: ZodLike
  readonly right?: ZodLike
  readonly valueType?: ZodLike
  readonly getter?: () => ZodLike
}

interface ZodLike {
  readonly _zod: { readonly def: Definition }
}

type Path = readonly (string | number)[]
/** Whether a field is known; undefined where everything is. */
type Walk = (value: unknown, path: Path, found: Path[]) => void

const anything: Walk = () => {}
const deepest = 64

/**
 * Compiles what finds unknown fields, at any depth; undefined for schemas of vendors that do not show their fields.
 * A field of a union is known when one of its members that are objects names it.
 */
export function unknownFields(schema: Schema): UnknownFields | undefined {
  if (schema['~standard'].vendor !== 'zod') return undefined
  const compiled = new Map<ZodLike, Walk>()
  const walk = compile(schema as unknown as ZodLike, compiled)
  return (value) => {
    const found: Path[] = []
    walk(value, [], found)
    return found
  }
}

function compile(schema: ZodLike, compiled: Map<ZodLike, Walk>): Walk {
  const there = compiled.get(schema)
  if (there !== undefined) return there
  // Recursive schemas meet themselves: by then the walk is complete.
  let own: Walk = anything
  compiled.set(schema, (value, path, found) => own(value, path, found))
  own = build(schema._zod.def, (inner) => compile(inner, compiled))
  return own
}

function build(definition: Definition, of: (schema: ZodLike) => Walk): Walk {
  const { innerType, element } = definition
  switch (definition.type) {
    case 'object':
      return objectWalk([definition], of)
    case 'array':
      return element === undefined ? anything : arrayWalk(of(element))
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return innerType === undefined ? anything : of(innerType)
    case 'pipe':
      return definition.in === undefined ? anything : of(definition.in)
    case 'lazy':
      return definition.getter === undefined ? anything : (value, path, found) => of((definition.getter as () => ZodLike)())(value, path, found)
    case 'union':
      return objectWalk((definition.options ?? []).map((option) => unwrap(option)), of)
    case 'intersection':
      return objectWalk([definition.left, definition.right].flatMap((side) => (side === undefined ? [] : unwrap(side))), of)
    case 'record':
      return definition.valueType === undefined ? anything : recordWalk(of(definition.valueType))
    default:
      return anything
  }
}

function unwrap(schema: ZodLike): Definition {
  const { def } = schema._zod
  return def.innerType === undefined ? def : unwrap(def.innerType)
}

function objectWalk(definitions: readonly Definition[], of: (schema: ZodLike) => Walk): Walk {
  const objects = definitions.filter((definition) => definition.type === 'object')
  // A loose object, or a member that is no object, says nothing about fields.
  if (objects.length === 0 || objects.some((object) => object.catchall !== undefined && object.catchall._zod.def.type !== 'never')) return anything
  const fields = new Map<string, Walk>()
  for (const object of objects) for (const [name, field] of Object.entries(object.shape ?? {})) fields.set(name, of(field))
  return (value, path, found) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || path.length > deepest) return
    for (const name of Object.keys(value)) {
      const field = fields.get(name)
      if (field === undefined) found.push([...path, name])
      else field((value as Record<string, unknown>)[name], [...path, name], found)
    }
  }
}

function arrayWalk(element: Walk): Walk {
  if (element === anything) return anything
  return (value, path, found) => {
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) element(value[i], [...path, i], found)
  }
}

function recordWalk(entry: Walk): Walk {
  return (value, path, found) => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, inner] of Object.entries(value)) entry(inner, [...path, name], found)
  }
}
