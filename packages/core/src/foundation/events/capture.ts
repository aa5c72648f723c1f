import type { Event } from './event.ts'

/** One emit: the event and its payload. */
export interface Occurrence {
  readonly event: Event<unknown>
  readonly payload: unknown
}

/** What was emitted since it was made; made by `bus.capture()`. */
export interface Capture {
  /** Everything, in order. */
  readonly occurrences: readonly Occurrence[]
  /** The payloads of one event, in order. */
  of<Payload>(event: Event<Payload>): Payload[]
  /** Ends the recording; what was recorded stays. */
  stop(): void
  [Symbol.dispose](): void
}

export function startCapture(recorders: Set<(occurrence: Occurrence) => void>): Capture {
  const occurrences: Occurrence[] = []
  const record = (occurrence: Occurrence) => void occurrences.push(occurrence)
  recorders.add(record)
  const stop = () => void recorders.delete(record)
  return {
    occurrences,
    of: <Payload>(event: Event<Payload>) => occurrences.filter((occurrence) => occurrence.event === event).map(({ payload }) => payload as Payload),
    stop,
    [Symbol.dispose]: stop,
  }
}
