import type { Clock } from '../clock.ts'
import type { LogDestination } from './line-writer.ts'
import type { LogFields } from './logger.ts'
import { prettyRequest } from './pretty-line.ts'

export interface AccessRecord {
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly route: string | undefined
  readonly status: number
  readonly durationMs: number
  readonly bytes: number
  readonly ip: string
  readonly userId: string | undefined
}

/** One line for each request, put together from text that was prepared once: serialising an object would cost five times as much. */
export function createAccessLog(parts: {
  readonly destination: LogDestination
  readonly clock: Clock
  readonly format: 'json' | 'pretty'
  readonly base: LogFields
}): (record: AccessRecord) => void {
  const { destination, clock, format } = parts
  if (format === 'pretty') {
    return ({ method, path, status, durationMs }) => destination.write(prettyRequest(clock.now(), method, path, status, durationMs))
  }
  const base = JSON.stringify(parts.base).slice(1, -1)
  const prefix = `${base === '' ? '' : `,${base}`},"msg":"request","requestId":`
  // Applications have so many routes and no more, and strangers make none.
  const routes = new Map<string, string>()
  const routeField = (route: string): string => {
    let field = routes.get(route)
    if (field === undefined) routes.set(route, (field = `,"route":${quote(route)}`))
    return field
  }
  return ({ requestId, method, path, route, status, durationMs, bytes, ip, userId }) => {
    const level = status >= 500 ? 50 : 30
    destination.write(
      `{"level":${level},"time":${clock.now()}${prefix}${quote(requestId)},"method":${quote(method)},"path":${quote(path)}` +
        (route === undefined ? '' : routeField(route)) +
        `,"status":${status},"durationMs":${Math.round(durationMs * 1000) / 1000},"bytes":${bytes},"ip":${quote(ip)}` +
        `${userId === undefined ? '' : `,"userId":${quote(userId)}`}}\n`,
    )
  }
}

// Printable ASCII but quote and backslash stands for itself in JSON.
const plain = /^[ !#-[\]-~]*$/

function quote(text: string): string {
  return plain.test(text) && text.length < 2_048 ? `"${text}"` : JSON.stringify(text.slice(0, 2_048))
}
