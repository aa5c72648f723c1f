import type { Logger } from '../foundation/logging/logger.ts'
import type { Metrics } from '../foundation/metrics/metrics.ts'
import { renderPrometheus } from '../foundation/metrics/render-prometheus.ts'
import { addProcessMetrics } from '../operate/metrics/process-metrics.ts'
import { joinSiblings, type SiblingMetrics } from '../operate/metrics/sibling-metrics.ts'
import { listen, type Listening, type ListenParts } from '../server/listen.ts'

/** Whose numbers a process that runs jobs answers with: its own, those of all workers that it looks after, or what its supervisor asks for. */
export type OperateRole = 'alone' | 'supervisor' | 'supervised'

/** The sockets that an application listens on, and what goes with being a process that serves. */
export interface Servers {
  listen(parts: ListenParts): Promise<Listening>
  /** For a process that serves no requests: its numbers are asked for on a socket, by its supervisor, or both. */
  operate(role: OperateRole, parts: ListenParts | undefined): Promise<Listening | undefined>
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

  function join(company: string, place: 'sibling' | 'parent' | 'child'): SiblingMetrics {
    return joinSiblings({
      name: company,
      place,
      snapshot: () => metrics.snapshot(),
      look: () => look(300),
      onError: (err) => log.warn({ err }, 'Other workers cannot ask this one for its metrics; its last counts stay in their sum'),
    })
  }

  function watch(): void {
    if (!isWatched) stopWatching = addProcessMetrics(metrics)
    isWatched = true
  }

  async function open(parts: ListenParts): Promise<Listening> {
    const server = await listen(parts)
    listening.add(server)
    return server
  }

  return {
    async listen(parts) {
      if (listening.size === 0) {
        watch()
        siblings ??= join(name, 'sibling')
      }
      return open(parts)
    },
    async operate(role, parts) {
      watch()
      // Apart from those that serve requests: both may have the same parent, and are scraped each.
      if (role === 'supervisor') siblings ??= join(`${name} workers`, 'parent')
      if (role === 'supervised') siblings ??= join(`${name} workers`, 'child')
      return parts === undefined ? undefined : open(parts)
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
