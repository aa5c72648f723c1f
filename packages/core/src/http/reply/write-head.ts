import type { ServerResponse } from 'node:http'
import { nodeHttp } from '../../foundation/node-http.ts'
import type { ConstantHeaders } from '../context/constant-headers.ts'
import type { Reply } from '../context/reply.ts'
import { additive } from './build-head.ts'
import { includesName } from './default-header.ts'

/** The step of Node's `writeHead` that frames the message; see docs/decisions on why it is called directly. */
interface NodeResponse {
  _storeHeader(head: string, headers: readonly string[] | undefined): void
  readonly _expect_continue?: boolean
  /** False in answers to HEAD. */
  readonly _hasBody: boolean
  readonly _removedContLen: boolean
  /** What Node writes itself, where it would otherwise send in chunks. */
  _contentLength: number | null
}

const nodesWriteHead = nodeHttp.ServerResponse.prototype.writeHead
const canStore = typeof (nodeHttp.ServerResponse.prototype as unknown as Partial<NodeResponse>)._storeHeader === 'function'

/**
 * Writes the head of a reply whose length is known, without having Node check again what was checked when the route was
 * compiled; twelve constant headers cost as much as all of the pipeline otherwise. Content-Length, Date and Connection
 * stay Node's, and so does whatever is out of the ordinary.
 * @returns false when nothing was written: the plain way is to be taken.
 */
export function writeCheckedHead(
  res: ServerResponse,
  status: number,
  reply: Reply,
  constant: ConstantHeaders,
  extra: readonly string[],
  length: number,
): boolean {
  // Somebody who wraps writeHead or has set headers on the response itself wants to be asked.
  if (!canStore || res.writeHead !== nodesWriteHead || res.getHeaderNames().length > 0) return false
  const node = res as unknown as NodeResponse
  if (node._expect_continue === true) return false
  const head = checkedHead(status, constant, reply.headers, extra)
  if (head === undefined) return false
  res.statusCode = status
  res.statusMessage = nodeHttp.STATUS_CODES[status] ?? 'unknown'
  // As `end` does when nobody has written a head: Node has no header to read.
  if (node._hasBody && res.useChunkedEncodingByDefault && !node._removedContLen) {
    node._contentLength = length
    node._storeHeader(head, undefined)
  } else node._storeHeader(head, ['content-length', String(length)])
  return true
}

/** The head that `mergeHeaders` would give; undefined where names meet that need its rules, or Node's. */
function checkedHead(status: number, constant: ConstantHeaders, own: readonly string[], extra: readonly string[]): string | undefined {
  let head = constant.head(status)
  if (head === undefined) return undefined
  for (let i = 0; i < own.length; i += 2) {
    const line = constant.lineOf(own[i] as string, own[i + 1] as string)
    if (line === undefined) return undefined
    head += line
  }
  for (let i = 0; i < extra.length; i += 2) {
    const name = extra[i] as string
    const line = constant.lineOf(name, extra[i + 1] as string)
    if (line === undefined) return undefined
    if (includesName(own, name) && !additive.has(name)) continue
    head += line
  }
  return head
}
