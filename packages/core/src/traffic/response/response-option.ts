import { fail } from '../../foundation/errors/catalog.ts'
import type { Metrics } from '../../foundation/metrics/metrics.ts'
import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { Stage } from '../../http/context/stage.ts'
import { compileValidator, type Validated } from '../../http/validation/compile-validator.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * What happens to answers that the `response` schema refuses: `enforce` answers 500; `report` counts them, logs the
     * first and then one in a hundred, and sends what the handler gave. Both send of all others what the schema makes of
     * them, without fields that it does not name. `sample` looks at one answer in a hundred, reports, and changes none;
     * false looks at none. Default: `report` in production, else `enforce`.
     */
    readonly checkResponse?: 'enforce' | 'report' | 'sample' | false
  }
}

const sampleEvery = 100

/** Holds answers to their schema; counts refused ones in `glueful_http_invalid_responses_total`. */
export function createResponseOption(metrics: Metrics) {
  const total = metrics.counter({ name: 'glueful_http_invalid_responses_total', help: 'Answers that the response schema refuses.', labels: ['route'] })

  return defineRouteOption({
    name: 'checkResponse',
    compile: (value, route, runtime): Stage | undefined => {
      const schema = route.options.response
      const mode = value ?? (runtime.environment === 'production' ? 'report' : 'enforce')
      if (schema === undefined || mode === false) return undefined
      const validate = compileValidator(schema, { location: 'response', route: route.name, unknown: undefined })
      let seen = 0
      let refused = 0

      const judge = (ctx: Context, reply: Reply, result: Validated): void => {
        if (!('errors' in result)) {
          if (mode !== 'sample') reply.body = result.value
          return
        }
        total.with(route.path).inc()
        if (mode !== 'enforce' && refused++ % sampleEvery !== 0) return
        const faults = result.errors
          .map((error) => `${error.path.slice(1).join('.') || '(root)'}: ${error.message}`)
          .slice(0, 10)
          .join('; ')
        const error = fail('INVALID_RESPONSE', { route: route.name, faults })
        if (mode === 'enforce') throw error
        ctx.log.error({ err: error }, 'An answer does not match its schema')
      }

      return {
        name: 'checkResponse',
        phase: 'shape',
        after: (ctx, reply) => {
          if (reply.kind !== 'json' || reply.status >= 300) return undefined
          if (mode === 'sample' && seen++ % sampleEvery !== 0) return undefined
          const result = validate(reply.body)
          return result instanceof Promise ? result.then((late) => judge(ctx, reply, late)) : judge(ctx, reply, result)
        },
      }
    },
  })
}
