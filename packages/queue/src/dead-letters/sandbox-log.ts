import type { Clock, LogFields, LogLevel, Logger, Redactor } from 'glueful'
import type { SandboxLine } from './sandbox-run.ts'

const mostLines = 200

/** Keeps what a handler logs, masked as it is in the log. */
export function createSandboxLog(redact: Redactor, clock: Clock) {
  const started = clock.monotonic()
  const lines: SandboxLine[] = []
  let count = 0

  function derive(own: LogFields, secrets: () => readonly string[]): Logger {
    const method =
      (level: LogLevel): Logger['info'] =>
      (first: string | LogFields, second?: string) => {
        count++
        if (lines.length >= mostLines) return
        const hidden = secrets()
        const given = typeof first === 'string' ? {} : first
        const message = typeof first === 'string' ? first : (second ?? messageOf(given))
        lines.push({ level, message: redact.text(message, hidden), fields: redact({ ...own, ...given }, hidden), atMs: clock.monotonic() - started })
      }
    return {
      trace: method('trace'),
      debug: method('debug'),
      info: method('info'),
      warn: method('warn'),
      error: method('error'),
      fatal: method('fatal'),
      isEnabled: () => true,
      child: (fields, hidden = secrets) => derive({ ...own, ...fields }, hidden),
    }
  }

  return { log: derive({}, () => []), lines, count: () => count }
}

const messageOf = ({ err }: LogFields): string => (err instanceof Error ? err.message : '')
