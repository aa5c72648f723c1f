/**
 * A typed name for something that happened.
 *
 * @example
 * const CarSold = event<{ carId: string }>('car.sold')
 * await ctx.emit(CarSold, { carId })
 */
export interface Event<Payload> {
  readonly kind: 'event'
  readonly name: string
  /** Carries the payload's type; never present at run time. */
  readonly type?: Payload
}

/** Declares an event. Events are compared by identity; the name is for people and logs. */
export function event<Payload>(name: string): Event<Payload> {
  return { kind: 'event', name }
}

/** Tells the listeners; resolves when the awaited ones are done, and never rejects because one of them failed. */
export type Emit = <Payload>(event: Event<Payload>, payload: Payload) => Promise<void>
