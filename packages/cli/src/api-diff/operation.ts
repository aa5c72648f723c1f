import type { Node, Resolve } from './schema-view.ts'

export const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace']

/** An operation with what is around it. */
export interface Operation {
  readonly item: Node
  readonly operation: Node
  readonly document: Node
}

/** By place and name; those of the path by their position in it. */
export function parametersOf({ item, operation }: Operation, resolve: Resolve): Map<string, Node> {
  const all = [item['parameters'], operation['parameters']].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : [])).map(resolve)
  const ofPath = all.filter((parameter) => parameter['in'] === 'path')
  return new Map(
    all.map((parameter) => {
      const place = String(parameter['in'])
      const name =
        place === 'path' ? String(ofPath.indexOf(parameter) + 1) : place === 'header' ? String(parameter['name']).toLowerCase() : String(parameter['name'])
      return [`${place} parameter ${name}`, parameter]
    }),
  )
}
