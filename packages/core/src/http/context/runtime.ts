import type { Clock } from '../../foundation/clock.ts'
import type { Environment } from '../../foundation/environment.ts'
import type { Emit } from '../../foundation/events/event.ts'
import type { Logger } from '../../foundation/logging/logger.ts'
import type { Redactor } from '../../foundation/logging/redact.ts'
import type { RequestScope } from '../../foundation/services/container.ts'
import { service, type Service, type Use } from '../../foundation/services/service.ts'
import type { Draining } from './draining.ts'

/** Where a request comes from, after what trusted proxies say. */
export interface Origin {
  readonly ip: string
  readonly protocol: 'http' | 'https'
  readonly host: string
}

/** The other end of the connection. */
export interface Peer {
  /** Empty when unknown; an unknown address is never allowed or trusted. */
  readonly address: string
  readonly encrypted: boolean
  readHeader(name: string): string | undefined
}

/** The running application as requests and stages see it. */
export interface Runtime {
  readonly name: string
  readonly version: string
  readonly environment: Environment
  readonly clock: Clock
  readonly log: Logger
  /** Masks what must not be written down; the service `Redaction` is the same. */
  readonly redact: Redactor
  readonly use: Use
  /** Whether a service is provided: how an option works with what another package may bring. */
  readonly provides: (token: Service<unknown>) => boolean
  /** As `use`, and request-lifetime services are found too. */
  useIn<T>(token: Service<T>, request: RequestScope): T
  /** Disposes the request-lifetime services that a request used. */
  endRequest(request: RequestScope): Promise<void>
  readonly emit: Emit
  /** Who asks, by the socket or by the proxies that the application trusts. */
  readonly origin: (peer: Peer) => Origin
  /** The shape of error bodies; `own` is a function of the application. */
  readonly errorFormat: 'problem' | 'envelope' | 'own'
  /** Whether the application is closing: what goes on without end, ends then. */
  readonly draining: Draining
}

/** The running application, for services: its clock, environment, events, and what is provided. Keep it; ask it later. */
export const RuntimeService: Service<Runtime> = service<Runtime>('runtime')
