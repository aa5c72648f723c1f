import { fail } from '../../foundation/errors/catalog.ts'
import type { CoreSettings } from '../../foundation/settings/core-settings.ts'
import { announce, type Announcement, type Deprecation } from './deprecation.ts'
import type { VersionsFile } from './versions-file.ts'

/** The versions of an API that are served side by side. */
export interface ApiVersions {
  /** Names without `v`: `['1', '2']`. */
  readonly supported: readonly string[]
  /** What requests get that name none. Default: the first, so that a new version surprises nobody. */
  readonly default?: string
  /** The header that names a version; false for none. Default: `X-Api-Version`. */
  readonly header?: string | false
  /** The vendor part of media types that name one: with `vnd.acme`, `Accept: application/vnd.acme.v2+json`. Default: none. */
  readonly mediaType?: string
  /** Whether the first label of the host may name one: `v2.api.example.com`. Default: false. */
  readonly subdomain?: boolean
  /** Versions that should not be used any more. `glueful api version deprecate` adds to them without a change of the code. */
  readonly deprecated?: Readonly<Record<string, Deprecation>>
}

/** The versions as the application serves them. */
export interface ServedVersions {
  readonly supported: readonly string[]
  readonly default: string
  readonly strict: boolean
  /** Whether paths carry the version: `/api/v2/cars`. */
  readonly inPath: boolean
  readonly prefix: string
  /** In lower case. */
  readonly header: string | undefined
  readonly mediaType: string | undefined
  readonly subdomain: boolean
  readonly deprecated: ReadonlyMap<string, Announcement>
}

const wellFormed = /^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$/

/**
 * @returns undefined for an application without versions.
 * @throws `API_VERSIONS_INVALID`, `DEPRECATION_INVALID`
 */
export function serveVersions(
  given: ApiVersions | undefined,
  settings: Pick<CoreSettings, 'apiVersionInPath' | 'apiVersionStrict' | 'apiPrefix' | 'apiUsePrefix'>,
  file: () => VersionsFile,
): ServedVersions | undefined {
  const prefix = settings.apiUsePrefix ? settings.apiPrefix : ''
  if (given === undefined && !settings.apiVersionInPath) return undefined
  const refuse = (reason: string) => fail('API_VERSIONS_INVALID', { reason })
  const { supported, header = 'X-Api-Version', mediaType, subdomain = false } = given ?? { supported: ['1'] }
  if (!Array.isArray(supported) || supported.length === 0) throw refuse('supported names none')
  for (const version of supported as readonly string[])
    if (typeof version !== 'string' || !wellFormed.test(version)) throw refuse(`${JSON.stringify(version)} is no name of a version`)
  if (new Set(supported).size !== supported.length) throw refuse('supported names one twice')
  const fallback = given?.default ?? (supported[0] as string)
  if (!supported.includes(fallback)) throw refuse(`default is ${JSON.stringify(fallback)}, which is not supported`)
  if (header !== false && !/^[\w-]+$/.test(header)) throw refuse(`${JSON.stringify(header)} is no header`)
  if (mediaType !== undefined && !/^[\w.-]+$/.test(mediaType)) throw refuse(`${JSON.stringify(mediaType)} is no part of a media type`)
  const all = { ...given?.deprecated, ...Object.fromEntries(Object.entries(file()).map(([version, { deprecated }]) => [version, deprecated])) }
  const unknown = Object.keys(all).find((version) => !supported.includes(version))
  if (unknown !== undefined) throw refuse(`version ${JSON.stringify(unknown)} is deprecated and not supported`)
  const inPath = settings.apiVersionInPath
  return {
    supported,
    default: fallback,
    strict: settings.apiVersionStrict,
    inPath,
    prefix,
    header: inPath || header === false ? undefined : header.toLowerCase(),
    mediaType: inPath ? undefined : mediaType,
    subdomain: !inPath && subdomain,
    deprecated: new Map(Object.entries(all).map(([version, value]) => [version, announce(value, `version ${version}`)])),
  }
}
