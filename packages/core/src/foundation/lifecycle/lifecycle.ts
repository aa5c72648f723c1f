import { withDeadline } from '../concurrency/with-deadline.ts'
import { parseDuration, type Duration } from '../duration.ts'
import { fail } from '../errors/catalog.ts'
import type { Hook, HookPhase, Hooks } from './hook.ts'

export type LifecycleState = 'created' | 'booting' | 'ready' | 'draining' | 'stopped'

export interface Lifecycle {
  readonly state: LifecycleState
  /**
   * Runs the boot hooks, becomes `ready`, and runs the ready hooks. A boot that fails runs the stop hooks and is `stopped`.
   * @throws `LIFECYCLE_HOOK_FAILED`; `LIFECYCLE_STOPPED` when it is stopped meanwhile; `LIFECYCLE_TRANSITION_INVALID`
   */
  boot(): Promise<void>
  /**
   * Becomes `draining` at once and runs the drain hooks; further calls return the same promise.
   * @throws `LIFECYCLE_TRANSITION_INVALID` when it was never ready
   */
  drain(): Promise<void>
  /** From any state: breaks a boot off, drains when that is due, then runs the stop hooks. Never rejects; further calls return the same promise. */
  stop(): Promise<void>
}

export interface LifecycleOptions extends Hooks {
  /** For each hook that does not say otherwise. Default: 10 s. */
  readonly timeout?: Duration
  /** Told of each hook that fails or takes too long, except in boot, which throws; must not throw. */
  readonly report: (error: unknown, hook: string, phase: HookPhase) => void
}

/**
 * The states of an application: `created → booting → ready → draining → stopped`, each reached once. Outside boot, a hook
 * that fails or hangs is reported and keeps no other from running.
 */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { onBoot = [], onReady = [], onDrain = [], onStop = [], report, timeout = '10s' } = options
  const breakOff = new AbortController()
  let state: LifecycleState = 'created'
  let booting: Promise<void> | undefined
  let draining: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  function run({ name, run, timeout: own = timeout }: Hook, phase: HookPhase, signal?: AbortSignal): Promise<void> {
    return withDeadline((inner) => run({ signal: inner }), {
      ms: own === false ? undefined : parseDuration(own, `timeout of the ${phase} hook ${name}`),
      signal,
      expired: (timeoutMs) => fail('LIFECYCLE_HOOK_TIMEOUT', { hook: name, phase, timeoutMs }),
    })
  }

  async function runAll(hooks: readonly Hook[], phase: HookPhase): Promise<void> {
    for (const hook of hooks) {
      try {
        await run(hook, phase)
      } catch (error) {
        report(error, hook.name, phase)
      }
    }
  }

  async function boot(): Promise<void> {
    for (const hook of onBoot) {
      try {
        await run(hook, 'boot', breakOff.signal)
      } catch (cause) {
        if (!breakOff.signal.aborted)
          throw fail('LIFECYCLE_HOOK_FAILED', { hook: hook.name, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
      }
      breakOff.signal.throwIfAborted()
    }
    state = 'ready'
    await runAll(onReady, 'ready')
  }

  async function finish(): Promise<void> {
    state = 'stopped'
    await runAll(onStop.toReversed(), 'stop')
  }

  async function stop(): Promise<void> {
    if (state === 'created') return finish()
    breakOff.abort(fail('LIFECYCLE_STOPPED', undefined))
    await booting?.catch(() => undefined)
    if (state === 'ready' || state === 'draining') await lifecycle.drain()
    await finish()
  }

  const lifecycle: Lifecycle = {
    get state() {
      return state
    },
    async boot() {
      requireState('boot', state, ['created'])
      state = 'booting'
      booting = boot()
      try {
        await booting
      } catch (error) {
        await lifecycle.stop()
        throw error
      }
    },
    async drain() {
      requireState('drain', state, ['ready', 'draining'])
      state = 'draining'
      await (draining ??= runAll(onDrain, 'drain'))
    },
    stop: () => (stopping ??= stop()),
  }
  return lifecycle
}

function requireState(step: string, state: LifecycleState, expected: readonly LifecycleState[]): void {
  if (!expected.includes(state)) throw fail('LIFECYCLE_TRANSITION_INVALID', { step, state, expected: expected.join(' or ') })
}
