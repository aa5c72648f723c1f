import { fail } from '../../foundation/errors/catalog.ts'
import { parseDuration, type Duration } from '../../foundation/duration.ts'
import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * How long the handler may take to answer; then the client gets 504 and `ctx.signal` is aborted. Streams count until
     * they start. `false` sets no limit. Default: REQUEST_TIMEOUT (30 s).
     */
    readonly timeout?: Duration | false
  }
}

export const timeoutOption = defineRouteOption({
  name: 'timeout',
  compile: (value, route) => {
    if (value === undefined || value === false) return undefined
    const timeoutMs = parseDuration(value, `timeout of route ${route.name}`)
    return {
      name: 'timeout',
      phase: 'handle',
      // A handler that answers at once has no use for a timer.
      around: (ctx, next) => {
        const pending = next()
        return pending instanceof Promise ? limited(ctx, pending, timeoutMs) : pending
      },
    }
  },
  errors: (value) => (value === undefined || value === false ? [] : [{ status: 504, code: 'GATEWAY_TIMEOUT', title: 'Gateway Timeout' }]),
})

function limited(ctx: Context, pending: Promise<Reply>, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = fail('GATEWAY_TIMEOUT', { timeoutMs })
      ctx.abort(error)
      reject(error)
    }, timeoutMs)
    pending.then(
      (reply) => {
        clearTimeout(timer)
        resolve(reply)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
