import type { Socket } from 'node:net'
import { nodeHttp } from '../foundation/node-http.ts'
import type { Refusal } from '../http/context/observer.ts'
import { toEnvelope, type Problem } from '../http/problem/problem.ts'

const answers: Record<string, { status: number; code: string; detail: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'HEADERS_TOO_LARGE', detail: 'The head of the request is larger than this server reads.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'BODY_TOO_LARGE', detail: 'The chunk extensions of the request are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'REQUEST_TIMEOUT', detail: 'The request did not arrive in time.' },
}
const malformed = { status: 400, code: 'MALFORMED_REQUEST', detail: 'The request is not valid HTTP/1.1.' }

/** Node keeps the answer that is being sent here. */
type AnsweringSocket = Socket & { readonly _httpMessage?: { readonly headersSent: boolean } | null }

/**
 * Answers what the HTTP parser refuses (RFC 9112, 3) with a problem document, or an envelope, and closes the connection.
 * One on which an answer is being sent is cut, because another would become part of it; one that was opened and never used,
 * as browsers do in advance, is closed without a word.
 * @returns what was refused; undefined where nothing was asked, or whoever asked has gone
 */
export function answerClientError(error: Error & { code?: string }, socket: AnsweringSocket, isEnvelope: boolean): Refusal | undefined {
  const { status, code, detail } = answers[error.code ?? ''] ?? malformed
  const address = socket.remoteAddress
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesRead === 0) {
    socket.destroy()
    return undefined
  }
  if (socket._httpMessage?.headersSent === true) {
    socket.destroy()
    return { status, code, address }
  }
  const title = nodeHttp.STATUS_CODES[status] as string
  const problem: Omit<Problem, 'requestId'> = { type: 'about:blank', title, status, detail, code }
  const body = JSON.stringify(isEnvelope ? toEnvelope({ ...problem, requestId: '' }) : problem)
  const type = isEnvelope ? 'application/json; charset=utf-8' : 'application/problem+json'
  socket.end(`HTTP/1.1 ${status} ${title}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`, () =>
    socket.destroy(),
  )
  return { status, code, address }
}
