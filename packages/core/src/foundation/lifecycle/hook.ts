import type { Duration } from '../duration.ts'

export interface HookTools {
  /** Aborted when the hook's time is up, or a boot is broken off. */
  readonly signal: AbortSignal
}

/** One step of an application's life. */
export interface Hook {
  /** For reports. */
  readonly name: string
  readonly run: (tools: HookTools) => void | Promise<void>
  /** How long it may take; `false` for one that bounds itself. Default: the lifecycle's. */
  readonly timeout?: Duration | false
}

export interface Hooks {
  /** Before the first request, in order; a failure ends the boot. */
  readonly onBoot?: readonly Hook[]
  /** When requests are welcome, in order. */
  readonly onReady?: readonly Hook[]
  /** When no more requests are wanted, in order. */
  readonly onDrain?: readonly Hook[]
  /** At the end, in reverse order: what was set up first is taken down last. */
  readonly onStop?: readonly Hook[]
}

export type HookPhase = 'boot' | 'ready' | 'drain' | 'stop'
