import type { Cache } from '../../foundation/cache/cache.ts'
import type { Context } from '../../http/context/context.ts'
import type { FlatRoute } from '../../http/context/flatten-routes.ts'
import type { Reply } from '../../http/context/reply.ts'
import type { Stage } from '../../http/context/stage.ts'
import { pathTag } from './cache-key.ts'

/** Patterns of paths whose answers are cached, without the names of their parameters. */
export function cachedPatterns(routes: readonly FlatRoute[]): ReadonlySet<string> {
  return new Set(routes.filter(({ options }) => options.cache !== undefined && options.cache !== false).map(({ path }) => patternOf(path)))
}

export function patternOf(path: string): string {
  return path.replace(/:\w+/g, ':')
}

/**
 * After a change that was answered without an error, nothing stored of its path is used any more, nor of the same-host
 * paths that Location and Content-Location name (RFC 9111, 4.4).
 */
export function invalidationStage(cache: () => Cache): Stage {
  return {
    name: 'cache',
    phase: 'guard',
    after: (ctx, reply) => {
      if (reply.status < 200 || reply.status >= 400) return undefined
      return cache().flush(...new Set([pathTag(ctx), ...namedPlaces(ctx, reply)]))
    },
  }
}

function namedPlaces(ctx: Context, reply: Reply): string[] {
  const base = `${ctx.protocol}://${ctx.host === '' ? 'localhost' : ctx.host}`
  return ['location', 'content-location'].flatMap((name) => {
    const value = reply.get(name)
    const url = value !== undefined && URL.canParse(value, base) ? new URL(value, base) : undefined
    if (url === undefined || url.origin !== new URL(base).origin) return []
    return pathTag({ host: ctx.host, path: decode(url.pathname) })
  })
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
