import type { Event } from './event.ts'

export interface ListenOptions {
  /** `awaited`: emit waits for it. `deferred`: it runs after, off the request's path. Default: `awaited`. */
  readonly mode?: 'awaited' | 'deferred'
  /** For reports. Default: the function's name. */
  readonly name?: string
}

/** A listener as a plain value; made by `listen`. */
export interface Listener<Payload = unknown> {
  readonly kind: 'listener'
  readonly event: Event<Payload>
  readonly handle: (payload: Payload) => unknown
  readonly mode: 'awaited' | 'deferred'
  readonly name: string
}

/**
 * Declares what happens on an event.
 *
 * @example
 * listen(CarSold, ({ carId }) => index.remove(carId), { mode: 'deferred' })
 */
export function listen<Payload>(event: Event<Payload>, handle: (payload: Payload) => unknown, options: ListenOptions = {}): Listener {
  const listener: Listener<Payload> = {
    kind: 'listener',
    event,
    handle,
    mode: options.mode ?? 'awaited',
    name: options.name ?? (handle.name === '' ? 'anonymous' : handle.name),
  }
  // Listeners of all payloads share lists; each is only ever told of its own event.
  return listener as unknown as Listener
}
