/** A path as OpenAPI writes it, with the names of its parameters. */
export interface PathTemplate {
  readonly template: string
  readonly params: readonly string[]
}

/** `/cars/:id(uuid)/:photo?` → `/cars/{id}` and `/cars/{id}/{photo}`: OpenAPI has no optional segments. */
export function pathTemplates(path: string): readonly PathTemplate[] {
  const templates: PathTemplate[] = []
  let template = ''
  const params: string[] = []
  for (const segment of path.split('/').slice(1)) {
    const param = /^:(\w+)(?:\(.*\))?(\?)?$/.exec(segment)
    const wildcard = /^\*(\w*)$/.exec(segment)
    if (param?.[2] !== undefined) templates.push({ template: template === '' ? '/' : template, params: [...params] })
    const name = param?.[1] ?? (wildcard === null ? undefined : wildcard[1] === '' ? 'path' : wildcard[1])
    if (name === undefined) template += `/${segment}`
    else {
      params.push(name)
      template += `/{${name}}`
    }
  }
  return [...templates, { template: template === '' ? '/' : template, params }]
}
