import { hostname } from 'node:os'
import type { Clock } from '../clock.ts'
import type { LogDestination } from './line-writer.ts'
import type { LogFields, LogLevel, LogMethod, Logger } from './logger.ts'
import { prettyLine } from './pretty-line.ts'
import { createRedactor, type Redactor } from './redact.ts'

export const levels: Readonly<Record<LogLevel, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: 'json' | 'pretty'
  readonly destination: LogDestination
  readonly clock: Clock
  /** In every line: service, version, environment. */
  readonly base?: LogFields
  /** Masks secrets. Default: by the names that are masked in every application. */
  readonly redactor?: Redactor
}

/** A logger that writes one JSON object a line, as pino does, or readable text. Secrets are masked by the names of their fields. */
export function createLogger({ level, format, destination, clock, base = {}, redactor: clean = createRedactor() }: LoggerOptions): Logger {
  const least = levels[level]
  const identity = format === 'json' ? { pid: process.pid, hostname: hostname(), ...base } : {}
  return derive(members(clean(identity)), {}, undefined)

  /** `prefix` holds the fields of this logger, serialised once; `fields` the same for readable text. */
  function derive(prefix: string, fields: LogFields, secrets: (() => readonly string[]) | undefined): Logger {
    const method = (name: LogLevel): LogMethod => {
      const number = levels[name]
      if (number < least) return () => {}
      return (first: string | LogFields, second?: string) => {
        const hidden = secrets?.() ?? none
        const own = typeof first === 'string' ? {} : clean(first, hidden)
        const message =
          typeof first === 'object' && second === undefined ? messageOf(own) : clean.text(typeof first === 'string' ? first : (second as string), hidden)
        if (format === 'pretty') destination.write(prettyLine(clock.now(), number, message, { ...fields, ...own }))
        else destination.write(`{"level":${number},"time":${clock.now()}${prefix}${members(own)},"msg":${JSON.stringify(message)}}\n`)
      }
    }
    return {
      trace: method('trace'),
      debug: method('debug'),
      info: method('info'),
      warn: method('warn'),
      error: method('error'),
      fatal: method('fatal'),
      isEnabled: (name) => levels[name] >= least,
      child: (more, hidden = secrets) => {
        const own = clean(more)
        return derive(prefix + members(own), { ...fields, ...own }, hidden)
      },
    }
  }
}

const none: readonly string[] = []

/** Of an error as it is shown. */
function messageOf({ err }: LogFields): string {
  const message = typeof err === 'object' && err !== null ? (err as { message?: unknown }).message : undefined
  return typeof message === 'string' ? message : ''
}

/** `,"name":value` for each field. */
function members(fields: LogFields): string {
  let text = ''
  for (const key in fields) {
    const value = JSON.stringify(fields[key])
    if (value !== undefined) text += `,${JSON.stringify(key)}:${value}`
  }
  return text
}
