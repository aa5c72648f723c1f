import type { Context } from '../context/context.ts'
import type { Reply } from '../context/reply.ts'

/** Gives a reply a header unless the handler or a stage has said something else. */
export function setDefault(ctx: Context, reply: Reply, name: string, value: string): void {
  if (!includesName(reply.headers, name) && !includesName(ctx.outgoing, name)) reply.headers.push(name, value)
}

/** Whether flat name, value pairs contain a name. */
export function includesName(headers: readonly string[], name: string): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return true
  return false
}
