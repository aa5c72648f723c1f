import type { Listener } from '../foundation/events/listen.ts'
import type { Provider } from '../foundation/services/provide.ts'
import { service, type Service } from '../foundation/services/service.ts'
import type { Settings } from '../foundation/settings/define-settings.ts'
import type { RouteOption } from '../http/context/route-option.ts'
import type { RouteTree } from '../http/context/route.ts'
import type { OpenApiAddition, OpenApiTools } from '../http/openapi/openapi-addition.ts'
import type { HealthCheck } from '../operate/health/health-check.ts'
import type { AuthStrategy } from '../traffic/access/strategy.ts'
import type { Command } from './command.ts'
import type { SecurityCheck } from './security-check.ts'

/**
 * A part that an application adds with one line: any of services, routes, route options, strategies of authentication,
 * settings, listeners, health checks and commands. Its version is the version of its own package.
 */
export interface Extension {
  readonly name: string
  readonly settings?: Settings
  readonly services?: readonly Provider[]
  readonly routes?: RouteTree
  readonly options?: readonly RouteOption[]
  /** Ways to authenticate that routes may name in `auth`. */
  readonly strategies?: readonly AuthStrategy[]
  readonly listeners?: readonly Listener[]
  readonly health?: readonly HealthCheck[]
  readonly commands?: readonly Command[]
  /** Names of fields that nothing written down shows, besides those that are secret by their names. */
  readonly redact?: { readonly names?: readonly string[] }
  /** What the OpenAPI document says besides routes. */
  readonly openapi?: (tools: OpenApiTools) => OpenApiAddition
  /** What `glueful security check` should look for because of the extension. */
  readonly securityChecks?: readonly SecurityCheck[]
}

/** Declares an extension; the value itself is all there is to it. */
export function defineExtension<const E extends Extension>(extension: E): E {
  return extension
}

/** The extensions of the application, for one that works with what the others bring, such as their migrations. */
export const Extensions: Service<readonly Extension[]> = service<readonly Extension[]>('extensions')
