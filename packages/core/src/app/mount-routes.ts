import type { FlatMount, FlatRoute } from '../http/context/flatten-routes.ts'
import type { Context } from '../http/context/context.ts'
import type { Method } from '../http/context/route.ts'

const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** A mounted application as routes: every method, at the path itself and all below. */
export function mountRoutes({ name, path, options, fetch }: FlatMount): FlatRoute[] {
  const handler = (ctx: Context) => fetch(withoutPrefix(ctx.request, path))
  const base = path === '/' ? '' : path
  return methods.flatMap((method) => [
    {
      name: `${name}.${method.toLowerCase()}`,
      method,
      path: path === '' ? '/' : path,
      options: { ...options, hidden: true },
      handler: handler as (ctx: never) => unknown,
    },
    {
      name: `${name}.${method.toLowerCase()}.below`,
      method,
      path: `${base}/*rest`,
      options: { ...options, hidden: true },
      handler: handler as (ctx: never) => unknown,
    },
  ])
}

/**
 * The request without the segments that the prefix stands for. They are counted, not compared: `/%6Cegacy` is `/legacy`
 * to the router that found the mount. The rest stays as it was sent, for the mounted application to decode once.
 */
function withoutPrefix(request: Request, prefix: string): Request {
  const url = new URL(request.url)
  const taken = prefix.split('/').filter((segment) => segment !== '').length
  const rest = url.pathname
    .split('/')
    .slice(taken + 1)
    .join('/')
  url.pathname = `/${rest}`
  return new Request(url, request)
}
