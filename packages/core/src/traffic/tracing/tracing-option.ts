import type { Span, SpanOptions, TextMapGetter } from '@opentelemetry/api'
import { telemetry } from '../../foundation/telemetry.ts'
import { redactText } from '../../foundation/logging/redact-text.ts'
import { maskSecrets } from '../../foundation/logging/secret-values.ts'
import { secretsOf } from '../../http/context/request-secrets.ts'
import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import { shownPath } from '../../http/context/shown-path.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** Whether requests make spans when an OpenTelemetry provider is registered before boot. Default: true. */
    readonly trace?: boolean
  }
}

/** In the context of OpenTelemetry: the request that is answered. */
const requestKey = Symbol.for('glueful.request')

const getter: TextMapGetter<Context> = {
  get: (ctx, key) => ctx.readHeader(key.toLowerCase()),
  keys: (ctx) => Object.keys(ctx.rawHeaders()),
}

/** True when somebody has registered a provider: the default one is a proxy in front of nothing. */
export function isTracing(): boolean {
  const api = telemetry()
  if (api === undefined) return false
  const { ProxyTracerProvider, trace } = api
  const provider = trace.getTracerProvider()
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegate().constructor.name !== 'NoopTracerProvider'
}

/** A server span for each request, named `GET /cars/:id`, child of the caller's (W3C Trace Context), active in the handler. */
export const tracingOption = defineRouteOption({
  name: 'trace',
  compile: (value, route, runtime) => {
    const api = value === false || !isTracing() ? undefined : telemetry()
    if (api === undefined) return undefined
    const { context, propagation, trace, SpanKind } = api
    // A request that no route answers has no name but its method; its path is anybody's.
    const routed = route.path === '' ? undefined : route.path
    const tracer = trace.getTracer('glueful', runtime.version)
    return {
      name: 'trace',
      phase: 'edge',
      around: (ctx, next) => {
        const parent = propagation.extract(context.active(), ctx, getter)
        const attributes = {
          'http.request.method': ctx.method,
          ...(routed === undefined ? {} : { 'http.route': routed }),
          'url.path': shownPath(ctx),
          'url.scheme': ctx.protocol,
          'client.address': ctx.ip,
          'glueful.request_id': ctx.requestId,
        }
        const span = tracer.startSpan(routed === undefined ? ctx.method : `${ctx.method} ${routed}`, { kind: SpanKind.SERVER, attributes }, parent)
        const active = trace.setSpan(parent, span).setValue(requestKey, ctx)
        const result = context.with(active, next)
        if (!(result instanceof Promise)) return finish(ctx, span, result)
        return result.then((reply) => finish(ctx, span, reply))
      },
    }
  },
})

/** `SpanStatusCode.ERROR`. */
const errorStatus = 2

function finish(ctx: Context, span: Span, reply: Reply): Reply {
  span.setAttribute('http.response.status_code', reply.status)
  if (ctx.identity !== undefined) span.setAttribute('enduser.id', ctx.identity.id)
  if (reply.status >= 500) span.setStatus({ code: errorStatus })
  span.end()
  return reply
}

/** Runs `work` in a span of its own; costs a function call when nobody traces. Default kind: internal. */
export function traced<T>(name: string, work: () => T, options: SpanOptions = {}): T {
  const api = telemetry()
  if (api === undefined) return work()
  const ctx = api.context.active().getValue(requestKey) as Context | undefined
  return api.trace.getTracer('glueful').startActiveSpan(name, shownOptions(options, ctx), (span) => {
    const failed = (error: unknown): never => {
      span.recordException(shownError(error, ctx))
      span.setStatus({ code: errorStatus })
      span.end()
      throw error
    }
    let result: T
    try {
      result = work()
    } catch (error) {
      return failed(error)
    }
    if (!(result instanceof Promise)) {
      span.end()
      return result
    }
    return result.then((value: unknown) => {
      span.end()
      return value
    }, failed) as T
  })
}

/** Spans leave the house: what looks like a secret in a message stays. */
function shownError(error: unknown, ctx: Context | undefined): { name: string; message: string; stack?: string } {
  const show = ctx === undefined ? redactText : (text: string) => ctx.runtime.redact.text(text, secretsOf(ctx))
  const { name = 'Error', message = String(error), stack } = error as Partial<Error>
  return { name, message: show(message), ...(stack === undefined ? {} : { stack: show(stack) }) }
}

/** A statement with values pasted into it, say. */
function shownOptions(options: SpanOptions, ctx: Context | undefined): SpanOptions {
  const secrets = ctx === undefined || options.attributes === undefined ? [] : secretsOf(ctx)
  if (secrets.length === 0) return options
  const shown = Object.entries(options.attributes ?? {}).map(([key, value]) => [key, typeof value === 'string' ? maskSecrets(value, secrets) : value])
  return { ...options, attributes: Object.fromEntries(shown) as NonNullable<SpanOptions['attributes']> }
}
