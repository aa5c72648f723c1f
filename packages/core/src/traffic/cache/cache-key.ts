import { hash } from 'node:crypto'
import type { Context } from '../../http/context/context.ts'

/** What tells stored answers apart; unambiguous, whatever the parts contain. */
export function keyOf(parts: readonly (string | undefined)[]): string {
  return `responses:${hash('sha256', JSON.stringify(parts.map((part) => part ?? null)), 'base64url')}`
}

/** The query with its names in order, so that `?a=1&b=2` and `?b=2&a=1` are one; repeated names keep theirs. */
export function canonicalQuery(search: string): string {
  if (!search.includes('&')) return search
  const nameOf = (pair: string) => pair.split('=', 1)[0] as string
  return search
    .split('&')
    .map((pair, index) => ({ pair, name: nameOf(pair), index }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index))
    .map(({ pair }) => pair)
    .join('&')
}

/**
 * The tag that every stored answer of a path carries, whatever its query and variant: a change of the path removes them
 * all. A digest, because paths may hold what tags may not.
 */
export function pathTag(ctx: Pick<Context, 'host' | 'path'>): string {
  return `path:${hash('sha256', `${ctx.host}${ctx.path}`, 'base64url').slice(0, 22)}`
}
