import { parseByteSize, type ByteSize } from '../../foundation/byte-size.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** How large a body may be, as sent and after decompression; more answers 413. Default: BODY_LIMIT (1 MB). */
    readonly bodyLimit?: ByteSize
  }
}

/** The limit of a route in bytes. */
export function bodyLimitOf(value: ByteSize | undefined, route: string): number {
  const limit = parseByteSize(value ?? '1mb', `bodyLimit of route ${route}`)
  if (limit === 0) throw fail('INVALID_BYTE_SIZE', { name: `bodyLimit of route ${route}`, found: '0' })
  return limit
}

/** Reading itself is one stage (`accepts`); here a bad value is refused on every route, with a body or not. */
export const bodyLimitOption = defineRouteOption({
  name: 'bodyLimit',
  compile: (value, route) => {
    bodyLimitOf(value, route.name)
    return undefined
  },
})
