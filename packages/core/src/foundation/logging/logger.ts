export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
export type LogFields = Readonly<Record<string, unknown>>

/** One log method: a message, or fields and a message. An error goes under `err`: `log.error({ err }, 'Payment failed')`. */
export interface LogMethod {
  (message: string): void
  (fields: LogFields, message?: string): void
}

/** Structured log with pino's levels and line format: `{"level":30,"time":…,"msg":"…"}`, one JSON object a line. */
export interface Logger {
  readonly trace: LogMethod
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  readonly fatal: LogMethod
  isEnabled(level: LogLevel): boolean
  /** A logger that adds `fields` to each of its lines. No line of it shows the texts of `secrets`, asked for when one is written. */
  child(fields: LogFields, secrets?: () => readonly string[]): Logger
}
