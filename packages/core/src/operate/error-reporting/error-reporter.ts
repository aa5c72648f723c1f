import { Redaction } from '../../foundation/logging/redact.ts'
import type { Context } from '../../http/context/context.ts'
import { shownPath } from '../../http/context/shown-path.ts'

/** The request in which an error happened; headers with secrets masked. */
export interface ErrorReport {
  readonly requestId: string
  readonly route: string | undefined
  readonly method: string
  readonly path: string
  readonly userId: string | undefined
  readonly headers: Readonly<Record<string, unknown>>
}

/** Told once about each unexpected error: where Sentry and its like are connected. */
export type ErrorReporter = (error: unknown, report: ErrorReport) => void | Promise<void>

/** Logs an unexpected error and passes it on; a reporter that fails is logged and changes nothing. */
export function reportError(ctx: Context, error: unknown, reporter: ErrorReporter | undefined): void {
  ctx.log.error({ err: error, method: ctx.method, path: shownPath(ctx) }, 'A request failed unexpectedly')
  if (reporter === undefined) return
  const report: ErrorReport = {
    requestId: ctx.requestId,
    route: ctx.route?.name,
    method: ctx.method,
    path: shownPath(ctx),
    userId: ctx.identity?.id,
    headers: ctx.runtime.use(Redaction)(ctx.rawHeaders()),
  }
  void (async () => reporter(error, report))().catch((broken: unknown) => ctx.log.error({ err: broken }, 'The error reporter failed'))
}
