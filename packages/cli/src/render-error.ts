import { GluefulError } from 'glueful/errors'

/** An error as the terminal shows it: what happened, what to do, and of its causes what that does not say yet. */
export function renderError({ title, detail, fix, cause }: GluefulError): string {
  // A report of several lines has a heading of its own.
  const told = detail.includes('\n') ? `${detail.trimEnd()}\n${fix}` : `${title}: ${detail} ${fix}`
  let text = told.trimEnd()
  for (const reason of reasonsOf(cause)) if (!text.includes(reason)) text += `\n  because: ${reason}`
  return `${text}\n`
}

function reasonsOf(cause: unknown): string[] {
  const reasons: string[] = []
  for (let at = cause; at instanceof Error && reasons.length < 10; at = at.cause) {
    // Connections that were tried at several addresses fail together, with nothing said of the whole.
    const parts = at instanceof AggregateError && at.message === '' ? (at.errors as unknown[]) : [at]
    // Of the framework's own the detail: what embeds it leaves out the code.
    for (const part of parts) if (part instanceof Error && part.message !== '') reasons.push(part instanceof GluefulError ? part.detail : part.message)
  }
  return reasons
}
