import { diffSchemas, type Direction, type Report, type Sides } from './diff-schemas.ts'
import { isNode, type Node } from './schema-view.ts'

/** Compares a body in each of its media types. */
export function diffContent(before: Node, after: Node, direction: Direction, sides: Sides, where: string, report: Report): void {
  const [old, fresh] = [before['content'], after['content']].map((content) => (isNode(content) ? content : {})) as [Node, Node]
  for (const [type, media] of Object.entries(old)) {
    const counterpart = fresh[type]
    if (counterpart === undefined) report(where, direction === 'input' ? `is no longer accepted as ${type}` : `is no longer ${type}`)
    else if (isNode(media) && isNode(counterpart) && media['schema'] !== undefined)
      diffSchemas(media['schema'], counterpart['schema'], direction, sides, where, report)
  }
}
