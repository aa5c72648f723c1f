import type { Emit, Event } from './event.ts'
import type { Listener } from './listen.ts'

export interface EventBus {
  readonly emit: Emit
  /** Adds a listener while the application runs; the returned function removes it. */
  on(listener: Listener): () => void
  /** Resolves when no deferred listener is waiting or running. */
  idle(): Promise<void>
}

export interface EventBusOptions {
  readonly listeners: readonly Listener[]
  /** Told of each failure of a listener; must not throw. */
  readonly report: (error: unknown, event: string, listener: string) => void
}

/** Awaited listeners run one after the other in order of registration; a failing one stops neither the others nor the emitter. */
export function createEventBus({ listeners, report }: EventBusOptions): EventBus {
  const byEvent = new Map<Event<unknown>, Listener[]>()
  const running = new Set<Promise<void>>()

  function on(listener: Listener): () => void {
    const list = byEvent.get(listener.event) ?? []
    // A new list, because an emit may be walking the old one.
    byEvent.set(listener.event, [...list, listener])
    return () => {
      byEvent.set(listener.event, (byEvent.get(listener.event) ?? []).filter((other) => other !== listener))
    }
  }

  async function tell(listener: Listener, payload: unknown): Promise<void> {
    try {
      await listener.handle(payload)
    } catch (error) {
      report(error, listener.event.name, listener.name)
    }
  }

  function defer(listener: Listener, payload: unknown): void {
    const work = new Promise<void>((resolve) => setImmediate(resolve)).then(() => tell(listener, payload))
    running.add(work)
    void work.finally(() => running.delete(work))
  }

  const emit: Emit = async (event, payload) => {
    for (const listener of byEvent.get(event as Event<unknown>) ?? []) {
      if (listener.mode === 'deferred') defer(listener, payload)
      else await tell(listener, payload)
    }
  }

  for (const listener of listeners) on(listener)
  return {
    emit,
    on,
    idle: async () => {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
