import type { Service, Use } from './service.ts'

export interface StartTools {
  /** Aborted when the start deadline has passed or the application is told to stop. */
  readonly signal: AbortSignal
}

export interface SingletonOptions<T> {
  /** One value for the application (`singleton`, the default), or one for each request that asks (`request`). */
  readonly lifetime?: 'singleton'
  /** Connects; awaited at boot, after the services that the factory used. */
  readonly start?: (value: T, tools: StartTools) => void | Promise<void>
  /** Closes; awaited at shutdown, before the services that the factory used. Default: the value's own dispose method. */
  readonly stop?: (value: T) => void | Promise<void>
}

export interface RequestLifetimeOptions<T> {
  readonly lifetime: 'request'
  /** There is nothing to start: the value is made when a request first asks for it. */
  readonly start?: never
  /** Closes; called when the request has ended. Default: the value's own dispose method. */
  readonly stop?: (value: T) => void | Promise<void>
}

export type ProvideOptions<T> = SingletonOptions<T> | RequestLifetimeOptions<T>

/** How a service comes to be; made by `provide`. */
export interface Provider<T = unknown> {
  readonly kind: 'provider'
  readonly token: Service<T>
  readonly create: (tools: { readonly use: Use }) => T
  readonly lifetime: 'singleton' | 'request'
  readonly start: ((value: T, tools: StartTools) => void | Promise<void>) | undefined
  readonly stop: ((value: T) => void | Promise<void>) | undefined
}

/**
 * Says how a service is made. The factory is synchronous and only constructs; what it asks for by `use` while it runs is
 * what it depends on. Connecting belongs into `start`, closing into `stop`; a value with `Symbol.asyncDispose` or
 * `Symbol.dispose` needs no `stop`.
 *
 * @example
 * provide(Mailer, ({ use }) => new SmtpMailer(use(Smtp)), { start: (mailer) => mailer.connect(), stop: (mailer) => mailer.close() })
 */
export function provide<T>(token: Service<T>, create: (tools: { readonly use: Use }) => T, options: ProvideOptions<T> = {}): Provider {
  const { lifetime = 'singleton', start, stop } = options
  const provider: Provider<T> = { kind: 'provider', token, create, lifetime, start, stop }
  // A list of providers holds values of all types; each is only ever called with its own.
  return provider as unknown as Provider
}
