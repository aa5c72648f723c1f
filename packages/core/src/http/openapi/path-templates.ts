import { parsePattern, type Segment } from '../router/parse-pattern.ts'
import type { JsonSchema } from '../validation/standard-json-schema.ts'

export interface PathParam {
  /** As the template calls it. */
  readonly name: string
  /** As the route calls it: `*` for a wildcard without a name. */
  readonly source: string
  /** What the path itself says about the value. */
  readonly schema: JsonSchema
}

/** A path as OpenAPI writes it, with its parameters. */
export interface PathTemplate {
  readonly template: string
  readonly params: readonly PathParam[]
}

/**
 * `/cars/:id(int)/:photo?` → `/cars/{id}` and `/cars/{id}/{photo}`, the longest last: OpenAPI has no optional segments.
 * A wildcard is a parameter like others, though its value may contain slashes.
 */
export function pathTemplates(path: string, route: string): readonly PathTemplate[] {
  const templates: PathTemplate[] = []
  let template = ''
  const params: PathParam[] = []
  for (const segment of parsePattern(path, route)) {
    if (segment.kind === 'static') {
      template += `/${segment.text}`
      continue
    }
    if (segment.kind === 'param' && segment.optional) templates.push({ template: template === '' ? '/' : template, params: [...params] })
    let name = segment.name === '*' ? 'rest' : segment.name
    while (params.some((param) => param.name === name)) name += '_'
    params.push({ name, source: segment.name, schema: schemaOf(segment) })
    template += `/{${name}}`
  }
  return [...templates, { template: template === '' ? '/' : template, params }]
}

const named: Readonly<Record<string, JsonSchema>> = {
  int: { type: 'integer' },
  uuid: { type: 'string', format: 'uuid' },
}

function schemaOf(segment: Exclude<Segment, { kind: 'static' }>): JsonSchema {
  if (segment.kind === 'wildcard') return { type: 'string', description: 'May contain slashes' }
  const { constraint } = segment
  if (constraint === undefined) return { type: 'string' }
  return named[constraint.source] ?? { type: 'string', pattern: constraint.pattern }
}
