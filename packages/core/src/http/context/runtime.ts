import type { Clock } from '../../foundation/clock.ts'
import type { Environment } from '../../foundation/environment.ts'
import type { Emit } from '../../foundation/events/event.ts'
import type { Logger } from '../../foundation/logging/logger.ts'
import type { Service, Use } from '../../foundation/services/service.ts'

/** Where request-lifetime services keep their values: one for each request. */
export interface RequestScope {
  readonly scope: Map<Service<unknown>, unknown>
}

/** The running application as requests and stages see it. */
export interface Runtime {
  readonly name: string
  readonly version: string
  readonly environment: Environment
  readonly clock: Clock
  readonly log: Logger
  readonly use: Use
  /** As `use`, and request-lifetime services are found too. */
  useIn<T>(token: Service<T>, request: RequestScope): T
  readonly emit: Emit
}
