import type { Service, Use } from './service.ts'

export interface ProvideOptions<T> {
  /** One value for the application, or one for each request that asks. Default: `singleton`. */
  readonly lifetime?: 'singleton' | 'request'
  /** Connects; awaited at boot, after the services that the factory used. Singletons only. */
  readonly start?: (value: T) => void | Promise<void>
  /** Closes; awaited at shutdown, before the services that the factory used. Default: the value's own dispose method. */
  readonly stop?: (value: T) => void | Promise<void>
}

/** How a service comes to be; made by `provide`. */
export interface Provider<T = unknown> {
  readonly kind: 'provider'
  readonly token: Service<T>
  readonly create: (tools: { readonly use: Use }) => T
  readonly lifetime: 'singleton' | 'request'
  readonly start: ((value: T) => void | Promise<void>) | undefined
  readonly stop: ((value: T) => void | Promise<void>) | undefined
}

/**
 * Says how a service is made. The factory only constructs; what it asks for by `use` is its dependencies. Connecting
 * belongs into `start`, closing into `stop`.
 *
 * @example
 * provide(Mailer, ({ use }) => new SmtpMailer(use(settings).smtpUrl), { start: (mailer) => mailer.connect(), stop: (mailer) => mailer.close() })
 */
export function provide<T>(token: Service<T>, create: (tools: { readonly use: Use }) => T, options: ProvideOptions<T> = {}): Provider {
  const provider: Provider<T> = { kind: 'provider', token, create, lifetime: options.lifetime ?? 'singleton', start: options.start, stop: options.stop }
  // A list of providers holds values of all types; each is only ever called with its own.
  return provider as unknown as Provider
}
