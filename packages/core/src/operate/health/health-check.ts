/** What a check may say besides "I am well"; a throw or a time-out means down. */
export interface CheckReport {
  readonly status: 'ok' | 'degraded'
  /** Shown in the detailed answer only. */
  readonly detail?: string
}

import type { Use } from '../../foundation/services/service.ts'

/** What a check is handed. */
export interface HealthTools {
  /** A service of the application that is asked. */
  readonly use: Use
}

/** Something that the application needs, and how to ask whether it works. Any part may add one. */
export interface HealthCheck {
  readonly name: string
  readonly check: (signal: AbortSignal, tools: HealthTools) => void | CheckReport | Promise<void | CheckReport>
  /** In ms; later counts as down. Default: 2,000. */
  readonly timeout?: number
  /** Whether the application is down without it, or degraded. Default: true. */
  readonly critical?: boolean
}
