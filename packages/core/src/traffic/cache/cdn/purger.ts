import { retry } from '../../../foundation/concurrency/retry.ts'
import type { Logger } from '../../../foundation/logging/logger.ts'
import type { Metrics } from '../../../foundation/metrics/metrics.ts'
import type { Cdn } from './cdn.ts'

export interface Purger {
  /** Purges behind the caller's back: a slow network must not hold up the request that changed something. */
  purge(tags: readonly string[]): void
  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void>
}

/**
 * Passes flushes on to the CDN. What is flushed while a call is on its way goes with the next one, so a burst makes few
 * calls. Three tries each; counted in `glueful_cdn_purges_total`.
 */
export function createPurger(cdn: () => Cdn | undefined, { metrics, log }: { readonly metrics: Metrics; readonly log: Logger }): Purger {
  const total = metrics.counter({ name: 'glueful_cdn_purges_total', help: 'Calls that purge tags at the CDN.', labels: ['cdn', 'result'] })
  let waiting = new Set<string>()
  let running: Promise<void> | undefined

  async function run(target: Cdn): Promise<void> {
    // Flushes of the same moment go together.
    await Promise.resolve()
    while (waiting.size > 0) {
      const tags = [...waiting]
      waiting = new Set()
      try {
        await retry(() => target.purge(tags), { attempts: 3 })
        total.with(target.name, 'done').inc()
      } catch (error) {
        total.with(target.name, 'failed').inc()
        log.error({ err: error, cdn: target.name, tags }, 'The CDN was not purged and may serve old answers')
      }
    }
  }

  return {
    purge(tags) {
      const target = cdn()
      if (target === undefined) return
      for (const tag of tags) waiting.add(tag)
      running ??= run(target).finally(() => (running = undefined))
    },
    idle: async () => {
      await running
    },
  }
}
