/**
 * Tells what would last as long as its client stays – event streams, long polls – that the application takes no more
 * requests: it ends then, and the client asks another process.
 */
export interface Draining {
  readonly hasStarted: boolean
  /** Called once when it starts; not any more when it has. */
  add(listener: () => void): void
  delete(listener: () => void): void
}

export function createDraining(): Draining & { start(): void } {
  const listeners = new Set<() => void>()
  let hasStarted = false
  return {
    get hasStarted() {
      return hasStarted
    },
    add: (listener) => void listeners.add(listener),
    delete: (listener) => void listeners.delete(listener),
    start() {
      hasStarted = true
      const waiting = [...listeners]
      listeners.clear()
      for (const listener of waiting) listener()
    },
  }
}

const key = Symbol('draining')
type OfRequest = AbortSignal & { [key]?: Draining }

/** Lets whoever has only a request's signal know of the draining. */
export function tagSignal(signal: AbortSignal, draining: Draining): void {
  ;(signal as OfRequest)[key] = draining
}

/** Undefined for signals that are not a request's own. */
export function drainingOf(signal: AbortSignal): Draining | undefined {
  return (signal as OfRequest)[key]
}
