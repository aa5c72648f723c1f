import { fail } from '../../foundation/errors/catalog.ts'
import type { BodySource } from '../context/body-source.ts'
import { parseContentType } from './content-type.ts'
import { wrapLists } from '../validation/list-fields.ts'
import { parseForm } from './parse-form.ts'
import { parseJson } from './parse-json.ts'
import { readBytes, type ReadLimits } from './read-bytes.ts'
import { readMultipart, type MultipartLimits } from './read-multipart.ts'

/** Forms of a body that a route may accept. */
export const bodyKinds = ['json', 'form', 'text', 'raw', 'multipart'] as const
export type BodyKind = (typeof bodyKinds)[number]

const mediaTypes: Record<BodyKind, string> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  text: 'text/plain',
  raw: 'application/octet-stream',
  multipart: 'multipart/form-data',
}

export interface ReadBodyOptions extends ReadLimits {
  readonly accepts: readonly BodyKind[]
  readonly multipart: MultipartLimits
  /** Fields of forms in which a single value is a list of one. */
  readonly lists: readonly string[]
  /** Whether a request may come without a body, which then is undefined. */
  readonly optional: boolean
}

/** The media types that stand for the kinds. */
export function mediaTypesOf(kinds: readonly BodyKind[]): string[] {
  return kinds.map((kind) => mediaTypes[kind])
}

/**
 * Reads a body as what its Content-Type says it is, never as what it looks like. `raw` accepts any type that no other
 * accepted kind claims.
 * @returns undefined where there is no body and none is needed
 * @throws `UNSUPPORTED_MEDIA_TYPE` (415), and what the readers of the kinds throw.
 */
export function readBody(source: BodySource, options: ReadBodyOptions): Promise<unknown> {
  if (options.optional && !source.hasBody) return Promise.resolve(undefined)
  const header = source.readHeader('content-type')
  // What nearly all clients send, word for word.
  if (header === mediaTypes.json && options.accepts.includes('json')) return readBytes(source, options).then(options.optional ? parseOptionalJson : parseJson)
  return readDeclared(source, header, options)
}

async function readDeclared(source: BodySource, header: string | undefined, options: ReadBodyOptions): Promise<unknown> {
  const contentType = parseContentType(header)
  const kind = contentType === undefined ? undefined : kindOf(contentType.type)
  const accepted =
    kind !== undefined && options.accepts.includes(kind) ? kind : contentType !== undefined && options.accepts.includes('raw') ? 'raw' : undefined
  if (contentType === undefined || accepted === undefined) throw unsupported(contentType?.type, options.accepts)
  if (accepted === 'multipart') return withLists(await readMultipart(source, options.multipart, options), options)
  const charset = contentType.parameters['charset']?.toLowerCase()
  if (accepted !== 'raw' && charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')
    throw unsupported(`${contentType.type} in ${charset}`, options.accepts)
  const bytes = await readBytes(source, options)
  if (accepted === 'json') return options.optional ? parseOptionalJson(bytes) : parseJson(bytes)
  if (accepted === 'raw') return bytes
  const text = decodeText(bytes)
  return accepted === 'form' ? withLists(parseForm(text), options) : text
}

function parseOptionalJson(bytes: Uint8Array): unknown {
  return bytes.byteLength === 0 ? undefined : parseJson(bytes)
}

function withLists(fields: object, { lists }: ReadBodyOptions): object {
  wrapLists(fields, lists)
  return fields
}

function kindOf(type: string): BodyKind | undefined {
  if (type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'))) return 'json'
  return bodyKinds.find((kind) => mediaTypes[kind] === type)
}

function unsupported(found: string | undefined, accepts: readonly BodyKind[]): Error {
  const accepted = mediaTypesOf(accepts).join(', ')
  return fail('UNSUPPORTED_MEDIA_TYPE', { found, accepted }, { headers: ['accept', accepted] })
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw fail('BODY_MALFORMED', { reason: 'it is not valid UTF-8' }, { cause })
  }
}
