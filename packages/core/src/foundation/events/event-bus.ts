import type { Logger } from '../logging/logger.ts'
import { startCapture, type Capture, type Occurrence } from './capture.ts'
import type { Emit, Event } from './event.ts'
import type { Listener } from './listen.ts'

export interface EventBus {
  readonly emit: Emit
  /** Adds a listener while the application runs; the returned function removes it. */
  on(listener: Listener): () => void
  /** Resolves when no deferred listener is waiting or running, those that others cause included. */
  idle(): Promise<void>
  /** Records what is emitted from now on; for tests. */
  capture(): Capture
}

export interface EventBusOptions {
  readonly listeners: readonly Listener[]
  /** Told once of each failure of a listener. */
  readonly report: (error: unknown, event: string, listener: string, payload: unknown) => void
  /** Told at level error when `report` itself fails. */
  readonly log?: Logger
  /** Starts deferred listeners; keeps them out of whatever surrounds the emitter and ends before them. Default: at once. */
  readonly detached?: (work: () => Promise<void>) => Promise<void>
}

/**
 * Awaited listeners run one after the other in order of registration, then the deferred ones start, in a later turn of
 * the event loop. A failing listener is reported, and stops neither the others nor the emitter.
 */
export function createEventBus({ listeners, report, log, detached = (work) => work() }: EventBusOptions): EventBus {
  // Each registration is an object of its own: the same listener may be added twice, and removed once.
  const byEvent = new Map<Event<unknown>, readonly { readonly listener: Listener }[]>()
  const pending = new Set<Promise<void>>()
  const recorders = new Set<(occurrence: Occurrence) => void>()

  function on(listener: Listener): () => void {
    const registration = { listener }
    // A new list, because an emit may be walking the old one.
    byEvent.set(listener.event, [...(byEvent.get(listener.event) ?? []), registration])
    return () => {
      const rest = (byEvent.get(listener.event) ?? []).filter((other) => other !== registration)
      if (rest.length > 0) byEvent.set(listener.event, rest)
      else byEvent.delete(listener.event)
    }
  }

  async function tell(listener: Listener, payload: unknown): Promise<void> {
    try {
      await listener.handle(payload)
    } catch (error) {
      reportSafely(error, listener, payload)
    }
  }

  function reportSafely(error: unknown, { event, name }: Listener, payload: unknown): void {
    try {
      report(error, event.name, name, payload)
    } catch (err) {
      log?.error({ err, event: event.name, listener: name }, 'A failed listener could not be reported')
    }
  }

  async function tellAll(list: readonly { readonly listener: Listener }[], payload: unknown): Promise<void> {
    for (const { listener } of list) if (listener.mode === 'awaited') await tell(listener, payload)
  }

  async function tellLater(list: readonly { readonly listener: Listener }[], payload: unknown, awaited: Promise<void>): Promise<void> {
    await awaited
    await new Promise<void>((resolve) => void setImmediate(resolve))
    await Promise.all(list.map(({ listener }) => (listener.mode === 'deferred' ? tell(listener, payload) : undefined)))
  }

  const emit: Emit = (event, payload) => {
    for (const record of recorders) record({ event: event as Event<unknown>, payload })
    const list = byEvent.get(event as Event<unknown>)
    if (list === undefined) return Promise.resolve()
    const awaited = tellAll(list, payload)
    if (list.some(({ listener }) => listener.mode === 'deferred')) {
      const work = detached(() => tellLater(list, payload, awaited)).finally(() => pending.delete(work))
      pending.add(work)
    }
    return awaited
  }

  for (const listener of listeners) on(listener)
  return {
    emit,
    on,
    idle: async () => {
      while (pending.size > 0) await Promise.all(pending)
    },
    capture: () => startCapture(recorders),
  }
}
