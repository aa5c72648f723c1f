import { reply, type Reply } from 'glueful'

/**
 * Answers a page with its links also as header, for clients that follow those (RFC 8288).
 *
 * @example
 * linked(await CarResource.paginate(query.apply(Car.query()), query))
 */
export function linked<Page extends { readonly links: object }>(page: Page): Reply<200, Page> {
  const relations = Object.entries(page.links).filter(([name, target]) => name !== 'self' && target !== null) as [string, string][]
  return reply(200, page, { link: relations.map(([name, target]) => `<${target}>; rel="${name}"`).join(', ') })
}
