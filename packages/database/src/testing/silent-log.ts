import type { Logger } from 'glueful'

const nothing = () => undefined

/** A log that nobody reads, for databases opened by tests themselves. */
export const silentLog: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  isEnabled: () => false,
  child: () => silentLog,
}
