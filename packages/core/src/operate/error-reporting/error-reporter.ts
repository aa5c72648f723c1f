import type { Context } from '../../http/context/context.ts'
import { secretsOf } from '../../http/context/request-secrets.ts'
import { shownPath } from '../../http/context/shown-path.ts'

/** The request in which an error happened; headers with secrets masked. */
export interface ErrorReport {
  readonly requestId: string
  readonly route: string | undefined
  readonly method: string
  readonly path: string
  readonly userId: string | undefined
  readonly headers: Readonly<Record<string, unknown>>
  /** The error as it was thrown, with all that it says: for what stays in the house. */
  readonly raw: () => unknown
}

/**
 * Told once about each unexpected error: where Sentry and its like are connected. The error is a copy of the same class, in
 * whose message, stack, causes and fields secrets are masked as in logs.
 */
export type ErrorReporter = (error: unknown, report: ErrorReport) => void | Promise<void>

/** Logs an unexpected error and passes it on; a reporter that fails is logged and changes nothing. */
export function reportError(ctx: Context, error: unknown, reporter: ErrorReporter | undefined): void {
  ctx.log.error({ err: error, method: ctx.method, path: shownPath(ctx) }, 'A request failed unexpectedly')
  if (reporter === undefined) return
  const redact = ctx.runtime.redact
  const secrets = secretsOf(ctx)
  const report: ErrorReport = {
    requestId: ctx.requestId,
    route: ctx.route?.name,
    method: ctx.method,
    path: shownPath(ctx),
    userId: ctx.identity?.id,
    headers: redact(ctx.rawHeaders(), secrets),
    raw: () => error,
  }
  const shown = redact.error(error, secrets)
  void (async () => reporter(shown, report))().catch((broken: unknown) => ctx.log.error({ err: broken }, 'The error reporter failed'))
}
