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
  const common = `${base === '' ? '' : `,${base}`},"msg":"request","requestId":"`
  const describe = createRouteFields()
  // Lines of one millisecond begin alike.
  let time = Number.NaN
  let start = ''
  let faulty = ''
  const beginAt = (now: number): void => {
    time = now
    start = `{"level":30,"time":${now}${common}`
    faulty = `{"level":50,"time":${now}${common}`
  }
  return ({ requestId, method, path, route, status, durationMs, bytes, ip, userId }) => {
    const now = clock.now()
    if (now !== time) beginAt(now)
    const micros = Math.max(0, Math.round(durationMs * 1000))
    const whole = Math.floor(micros / 1000)
    destination.write(
      `${status >= 500 ? faulty : start}${escaped(requestId)}","path":"${escaped(path)}${describe(method, route)}${status}` +
        `,"durationMs":${whole}.${thousandths[micros - whole * 1000]},"bytes":${bytes},"ip":"${escaped(ip)}` +
        (userId === undefined ? '"}\n' : `","userId":"${escaped(userId)}"}\n`),
    )
  }
}

/** What a line says of its route, up to the status. Applications have so many routes and no more, and strangers make none. */
function createRouteFields(): (method: string, route: string | undefined) => string {
  const known = new Map<string, Map<string, string>>()
  const render = (method: string, route: string): string => `","method":"${escaped(method)}"${route},"status":`
  return (method, route) => {
    if (route === undefined) return render(method, '')
    let methods = known.get(route)
    if (methods === undefined) known.set(route, (methods = new Map()))
    let fields = methods.get(method)
    if (fields === undefined) methods.set(method, (fields = render(method, `,"route":"${escaped(route)}"`)))
    return fields
  }
}

const thousandths: readonly string[] = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'))

// Printable ASCII but quote and backslash stands for itself in JSON.
const plain = /^[ !#-[\]-~]*$/

/** Text as it stands between the quotes of a JSON string, and no more than 2,048 characters of it. */
function escaped(text: string): string {
  return plain.test(text) && text.length < 2_048 ? text : JSON.stringify(text.slice(0, 2_048)).slice(1, -1)
}
