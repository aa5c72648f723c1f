import { Readable } from 'node:stream'
import { fail } from '../../foundation/errors/catalog.ts'
import { nodeHttp } from '../../foundation/node-http.ts'
import type { Reply } from '../context/reply.ts'
import { toEnvelope } from '../problem/problem.ts'
import type { Sending } from './build-head.ts'

/** Throws for a status that HTTP has no final answer for; Node sends some of them, the web's Response none. */
export function checkStatus(status: number): number {
  if (status >= 200 && status <= 599) return status
  throw fail('REPLY_UNSENDABLE', { status, reason: 'there is no such final status' })
}

/** Turns a reply that HTTP cannot carry into a plain 500, and reports what was wrong. */
export function replaceUnsendable(ctx: Sending, reply: Reply, cause: unknown): void {
  const { status, payload } = reply
  const error = fail('REPLY_UNSENDABLE', { status, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  ctx.log?.error({ err: error }, 'A reply could not be sent')
  if (payload instanceof Readable) payload.destroy()
  const shown = fail('INTERNAL_ERROR', undefined)
  const problem = { type: 'about:blank', status: 500, code: shown.code, title: shown.title, detail: shown.detail, requestId: ctx.requestId ?? '' }
  reply.status = 500
  reply.kind = 'json'
  const isEnvelope = ctx.runtime?.errorFormat === 'envelope'
  reply.headers = ['content-type', isEnvelope ? 'application/json; charset=utf-8' : 'application/problem+json', 'cache-control', 'no-store']
  reply.payload = JSON.stringify(isEnvelope ? toEnvelope(problem) : problem)
}

/** The pairs that a message can carry, so that the 500 keeps its request id and security headers; it closes the connection. */
export function validPairs(headers: readonly string[]): string[] {
  const valid: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i] as string, headers[i + 1] as string]
    if (name === 'connection') continue
    try {
      nodeHttp.validateHeaderName(name)
      nodeHttp.validateHeaderValue(name, value)
      valid.push(name, value)
    } catch {
      // Reported by whoever asks for this.
    }
  }
  return valid
}
