import type { Logger } from '../foundation/logging/logger.ts'
import type { Metrics } from '../foundation/metrics/metrics.ts'
import { renderPrometheus } from '../foundation/metrics/render-prometheus.ts'
import { addProcessMetrics } from '../operate/metrics/process-metrics.ts'
import { joinSiblings, type SiblingMetrics } from '../operate/metrics/sibling-metrics.ts'
import { listen, type Listening, type ListenParts } from '../server/listen.ts'

/** The sockets that an application listens on, and what goes with being a process that serves. */
export interface Servers {
  listen(parts: ListenParts): Promise<Listening>
  /** Requests whose answer has not been sent. */
  inFlight(): number
  /** The metrics as text: of all workers on this machine where the application listens, else its own. */
  scrape(): Promise<string>
  /** Lets requests in flight finish; resolves with the number that had to be cut. */
  drain(): Promise<number>
  /** Leaves the workers' company; after `drain`. */
  close(): void
}

export function createServers(name: string, metrics: Metrics, log: Logger): Servers {
  const listening = new Set<Listening>()
  let siblings: SiblingMetrics | undefined
  let stopWatching = () => {}
  let isWatched = false

  async function look(mostMs: number): Promise<void> {
    for (const err of await metrics.look(mostMs)) log.warn({ err }, 'A metric could not be brought up to date')
  }

  return {
    async listen(parts) {
      if (listening.size === 0) {
        if (!isWatched) stopWatching = addProcessMetrics(metrics)
        isWatched = true
        siblings = joinSiblings({
          name,
          snapshot: () => metrics.snapshot(),
          look: () => look(300),
          onError: (err) => log.warn({ err }, 'Other workers cannot ask this one for its metrics; its last counts stay in their sum'),
        })
      }
      const server = await listen(parts)
      listening.add(server)
      return server
    },
    inFlight: () => [...listening].reduce((sum, server) => sum + server.inFlight, 0),
    async scrape() {
      await look(3_000)
      if (siblings === undefined) return renderPrometheus(metrics.snapshot())
      const { snapshot } = await siblings.collect()
      return renderPrometheus(snapshot)
    },
    async drain() {
      const cut = await Promise.all([...listening].map((server) => server.close()))
      listening.clear()
      return cut.reduce((sum, one) => sum + one, 0)
    },
    close() {
      stopWatching()
      siblings?.close()
    },
  }
}
