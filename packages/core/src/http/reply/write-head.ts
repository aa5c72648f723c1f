import { STATUS_CODES, ServerResponse, validateHeaderName } from 'node:http'
import { framingNames, type ConstantHeaders } from '../context/constant-headers.ts'
import type { Reply } from '../context/reply.ts'
import { additive } from './build-head.ts'
import { includesName } from './default-header.ts'

/** The step of Node's `writeHead` that frames the message; see docs/decisions on why it is called directly. */
interface NodeResponse {
  _storeHeader(head: string, headers: readonly string[]): void
  readonly _expect_continue?: boolean
}

const nodesWriteHead = ServerResponse.prototype.writeHead
const canStore = typeof (ServerResponse.prototype as unknown as Partial<NodeResponse>)._storeHeader === 'function'

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
  const lines = checkedLines(constant, reply.headers, extra)
  if (lines === undefined) return false
  res.statusCode = status
  const phrase = STATUS_CODES[status] ?? 'unknown'
  res.statusMessage = phrase
  node._storeHeader(`HTTP/1.1 ${status} ${phrase}\r\n${lines}`, ['content-length', String(length)])
  return true
}

/** The lines that `mergeHeaders` would give; undefined where names meet that need its rules, or Node's. */
function checkedLines(constant: ConstantHeaders, own: readonly string[], extra: readonly string[]): string | undefined {
  let lines = constant.lines
  if (lines === undefined) return undefined
  const { names } = constant
  for (let i = 0; i < own.length; i += 2) {
    const name = own[i] as string
    const value = own[i + 1] as string
    if (!isPlainName(name) || unsendable.test(value) || (name !== 'vary' && names.has(name))) return undefined
    lines += `${name}: ${value}\r\n`
  }
  for (let i = 0; i < extra.length; i += 2) {
    const name = extra[i] as string
    const value = extra[i + 1] as string
    if (!isPlainName(name) || unsendable.test(value) || (name !== 'vary' && names.has(name))) return undefined
    if (includesName(own, name) && !additive.has(name)) continue
    lines += `${name}: ${value}\r\n`
  }
  return lines
}

/** What a value must not contain (RFC 9110, 5.5); the same as Node's rule. */
const unsendable = /[^\t\x20-\x7e\x80-\xff]/

/** Names known to be tokens. Programs have few of them; those who make names up do not fill the memory. */
const plainNames = new Set<string>()
const mostPlainNames = 1_000

function isPlainName(name: string): boolean {
  return plainNames.has(name) || learn(name)
}

function learn(name: string): boolean {
  if (framingNames.has(name.toLowerCase())) return false
  try {
    validateHeaderName(name)
  } catch {
    return false
  }
  if (plainNames.size < mostPlainNames) plainNames.add(name)
  return true
}
