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

function withoutPrefix(request: Request, prefix: string): Request {
  const url = new URL(request.url)
  url.pathname = url.pathname.slice(prefix.length) || '/'
  return new Request(url, request)
}
