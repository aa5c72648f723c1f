import { GluefulError } from '../../foundation/errors/define-errors.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import { maskSecrets } from '../../foundation/logging/secret-values.ts'
import type { Context } from '../context/context.ts'
import { secretsOf } from '../context/request-secrets.ts'
import { Reply } from '../context/reply.ts'
import { toEnvelope, type Problem } from './problem.ts'

/** An error class of the application's own that knows its answer. */
export interface RenderableError {
  toProblem(ctx: Context): Partial<Problem> & { readonly status: number }
}

export interface ErrorOptions {
  /**
   * The shape of error bodies: `problem` (RFC 9457, the default), `envelope` for older clients, or a function that
   * makes a body of its own out of the problem.
   */
  readonly format?: 'problem' | 'envelope' | ((problem: Problem, ctx: Context) => unknown)
  /** Prefix of `type`: with `https://api.example.com/errors/` a missing car is `…/errors/car-not-found`. Default: `about:blank`. */
  readonly typeBase?: string
  /** Error classes that are expected: answered as usual, never reported or logged as errors. */
  readonly dontReport?: readonly (abstract new (...args: never[]) => Error)[]
}

export interface ErrorRendererParts extends ErrorOptions {
  /** Adds name, message and stack of unexpected errors to the answer; off in production. */
  readonly debug: boolean
  /** Told once about each error that answers 500 or above. */
  readonly report: (ctx: Context, error: unknown) => void
}

/** Makes the one function through which every error of the application becomes an answer. */
export function createErrorRenderer(parts: ErrorRendererParts): (ctx: Context, error: unknown) => Reply {
  const { format = 'problem', typeBase, dontReport = [], debug, report } = parts
  const contentType = format === 'problem' ? 'application/problem+json' : 'application/json; charset=utf-8'

  // A handler whose time was up throws the error that it was aborted with once more.
  const reported = new WeakMap<Context, unknown>()

  function reportOnce(ctx: Context, error: unknown): void {
    if (reported.get(ctx) === error) return
    reported.set(ctx, error)
    report(ctx, error)
  }

  return (ctx, thrown) => {
    const error = ctx.disconnected && isAbort(thrown, ctx.abortReason) ? fail('CLIENT_CLOSED_REQUEST', undefined, { cause: thrown }) : thrown
    const problem = shown(ctx, toProblem(ctx, error))
    if (problem.status >= 500 && !isDeliberate(error) && !dontReport.some((type) => error instanceof type)) reportOnce(ctx, error)
    const reply = new Reply(problem.status, 'json', shape(problem, ctx), ['content-type', contentType, 'cache-control', 'no-store'])
    reply.error = error
    if (error instanceof GluefulError && error.headers !== undefined) reply.headers.push(...error.headers)
    return reply
  }

  function shape(problem: Problem, ctx: Context): unknown {
    if (format === 'problem') return problem
    if (format === 'envelope') return toEnvelope(problem)
    try {
      return format(problem, ctx)
    } catch (broken) {
      report(ctx, broken)
      return problem
    }
  }

  function toProblem(ctx: Context, error: unknown): Problem {
    if (isRenderable(error)) {
      try {
        const own = error.toProblem(ctx)
        return complete(ctx, { code: 'ERROR', title: 'Error', detail: '', ...own })
      } catch (broken) {
        report(ctx, broken)
      }
    }
    // What a 5xx of the framework says is for the developer (configuration, schemas), so production hides it as well.
    const known = error instanceof GluefulError && (error.status < 500 || error.status > 500 || debug)
    const shown = known ? error : fail('INTERNAL_ERROR', undefined)
    const problem = complete(ctx, {
      status: shown.status,
      code: shown.code,
      title: shown.title,
      detail: known && debug && shown.fix !== '' ? `${shown.detail} ${shown.fix}` : shown.detail,
    })
    return {
      ...problem,
      ...(known && shown.errors !== undefined ? { errors: shown.errors } : {}),
      ...(debug && problem.status >= 500 ? { debug: describe(ctx.runtime.redact.error(error, secretsOf(ctx))) } : {}),
    }
  }

  /** No answer repeats a secret that the request brought: not what failed, nor why. */
  function shown(ctx: Context, problem: Problem): Problem {
    const secrets = secretsOf(ctx)
    if (secrets.length === 0) return problem
    const { detail, errors } = problem
    const mask = (text: string) => maskSecrets(text, secrets)
    return {
      ...problem,
      detail: mask(detail),
      ...(errors === undefined ? {} : { errors: errors.map((one) => ({ ...one, message: mask(one.message) })) }),
    }
  }

  function complete(ctx: Context, part: { status: number; code: string; title: string; detail: string } & Partial<Problem>): Problem {
    const type = typeBase === undefined ? 'about:blank' : typeBase + part.code.toLowerCase().replaceAll('_', '-')
    return { type, ...part, requestId: ctx.requestId }
  }
}

/** Whether an error says no more than that the signal was aborted: its reason, or what a library made of it. */
function isAbort(error: unknown, reason: unknown): boolean {
  if (reason === undefined) return false
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown }
  return error === reason || cause === reason || name === 'AbortError'
}

/** 503 with Retry-After is what a busy application says, not a failure of it. */
function isDeliberate(error: unknown): boolean {
  return error instanceof GluefulError && error.status === 503 && error.headers?.includes('retry-after') === true
}

function describe(error: unknown): NonNullable<Problem['debug']> {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) }
  const stack = error.stack === undefined ? undefined : framesOf(error.stack)
  return {
    name: error.name,
    message: error.message,
    ...(stack === undefined ? {} : { stack }),
    ...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}),
  }
}

const mostFrames = 8

/** Where it was thrown, and from there on what is the application's own: frames of packages would crowd it out. */
function framesOf(stack: string): readonly string[] {
  const frames = stack.split('\n').flatMap((line) => (/^\s+at /.test(line) ? [line.trim()] : []))
  const own = frames.filter((frame, index) => index > 0 && !/[\\/]node_modules[\\/]|\(?node:/.test(frame))
  return (own.length === 0 ? frames : [...frames.slice(0, 1), ...own]).slice(0, mostFrames)
}

function isRenderable(error: unknown): error is RenderableError {
  return typeof error === 'object' && error !== null && typeof (error as { toProblem?: unknown }).toProblem === 'function'
}
