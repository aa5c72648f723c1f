/**
 * A typed name for something that parts of an application share. An extension provides it, handlers ask for it with
 * `ctx.use(token)`, tests swap it with `app.swap(token, fake)`.
 *
 * @example
 * interface Mailer { send(to: string, text: string): Promise<void> }
 * const Mailer = service<Mailer>('mailer')
 */
export interface Service<T> {
  readonly kind: 'service'
  readonly name: string
  /** Carries `T` for inference; never present at run time. */
  readonly type?: T
}

/** Declares a service token. Tokens are compared by identity; the name is for people. */
export function service<T>(name: string): Service<T> {
  return { kind: 'service', name }
}

/** How a part asks for a service. */
export type Use = <T>(token: Service<T>) => T
