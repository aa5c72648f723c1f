import type { Context } from '../../http/context/context.ts'
import type { ServedVersions } from './api-versions.ts'

/**
 * The version that a request names: by the host, else by the header, else by the media type; undefined where it names
 * none. A `v` in front does not count.
 */
export function askedVersion(ctx: Pick<Context, 'host' | 'header'>, versions: ServedVersions): string | undefined {
  const { subdomain, header, mediaType } = versions
  if (subdomain) {
    const label = /^v(\d[0-9A-Za-z-]*)\./i.exec(ctx.host)?.[1]
    if (label !== undefined) return label
  }
  const named = header === undefined ? undefined : ctx.header(header)?.trim()
  if (named !== undefined && named !== '') return bare(named)
  const accept = mediaType === undefined ? undefined : ctx.header('accept')
  return accept === undefined ? undefined : ofAccept(accept, `application/${mediaType}.v`.toLowerCase())
}

/** Of the first media type that names one. */
function ofAccept(accept: string, start: string): string | undefined {
  for (const part of accept.split(',')) {
    const type = part.split(';', 1)[0]?.trim().toLowerCase() ?? ''
    if (type.startsWith(start) && type.endsWith('+json')) return type.slice(start.length, -'+json'.length)
  }
  return undefined
}

function bare(version: string): string {
  return /^v\d/i.test(version) ? version.slice(1) : version
}
