import { inspect } from 'node:util'

const shown = '[secret]'

/**
 * A value that is used but never shown: logs, JSON, templates and the console print `[secret]`.
 *
 * @example
 * new Stripe(use(settings).stripeKey.reveal())
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself; keep it out of messages. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  [inspect.custom](): string {
    return shown
  }
}
