import type { Clock } from '../foundation/clock.ts'
import type { Environment } from '../foundation/environment.ts'
import type { Listener } from '../foundation/events/listen.ts'
import type { Provider } from '../foundation/services/provide.ts'
import type { Service } from '../foundation/services/service.ts'
import type { LogDestination } from '../foundation/logging/line-writer.ts'
import type { TrustProxy } from '../http/context/proxy-trust.ts'
import type { RouteOption } from '../http/context/route-option.ts'
import type { RouteOptions } from '../http/context/route-options.ts'
import type { RouteTree } from '../http/context/route.ts'
import type { ErrorOptions } from '../http/problem/error-renderer.ts'
import type { HealthCheck } from '../operate/health/health-check.ts'
import type { DoorLimits } from '../server/node-door.ts'
import type { AuthStrategy } from '../traffic/access/strategy.ts'
import type { ApiVersions } from '../traffic/version/api-versions.ts'
import type { Settings } from '../foundation/settings/define-settings.ts'
import type { SecretSource } from '../foundation/settings/secret-source.ts'
import type { ErrorReporter } from '../operate/error-reporting/error-reporter.ts'
import type { Command } from './command.ts'
import type { Extension } from './extension.ts'

export interface ServerOptions {
  /** Default: TRUST_PROXY, or no proxy. */
  readonly trustProxy?: TrustProxy
  /** `/cars/` for `/cars`: another resource (`strict`, 404), the same (`ignore`, the default) or a 308 (`redirect`). */
  readonly trailingSlash?: 'ignore' | 'strict' | 'redirect'
  /** Limits of the socket door. */
  readonly limits?: Partial<DoorLimits>
}

/** An application as one value; every member but `name` and `routes` may be left out. */
export interface AppDefinition<Routes extends RouteTree = RouteTree> {
  readonly name: string
  /** Shown in OpenAPI, health and logs. Default: `0.0.0`. */
  readonly version?: string
  readonly description?: string
  readonly settings?: Settings
  /** Where secret settings come from that the environment does not give, such as a vault; asked in this order at the start. */
  readonly secretSources?: readonly SecretSource[]
  readonly routes: Routes
  readonly extensions?: readonly Extension[]
  readonly services?: readonly Provider[]
  readonly listeners?: readonly Listener[]
  readonly health?: readonly HealthCheck[]
  /** Route options of the application's own. */
  readonly options?: readonly RouteOption[]
  /** Ways to authenticate of the application's own; where a route names none they are tried before those of extensions. */
  readonly strategies?: readonly AuthStrategy[]
  /** Options for every route that does not say otherwise. */
  readonly defaults?: RouteOptions
  readonly errors?: ErrorOptions
  /** Told about each unexpected error, with the request it happened in. */
  readonly reportError?: ErrorReporter
  readonly server?: ServerOptions
  readonly openapi?: OpenApiInfo
  /** Versions of the API that are served side by side. Default: none. */
  readonly versions?: ApiVersions
  /** More names of fields, and paths such as `body.iban`, that no log shows. */
  readonly redact?: { readonly names?: readonly string[]; readonly paths?: readonly string[] }
  readonly commands?: readonly Command[]
  /**
   * Findings of `glueful security check` about settings and extensions that are meant to be so, each with the reason; those
   * about routes are accepted where the routes are.
   */
  readonly acceptRisks?: Readonly<Record<string, string>>
}

/** Every member, so that others can be refused. */
export const appMembers: Readonly<Record<keyof AppDefinition, true>> = {
  name: true,
  version: true,
  description: true,
  settings: true,
  secretSources: true,
  routes: true,
  extensions: true,
  services: true,
  listeners: true,
  health: true,
  options: true,
  strategies: true,
  defaults: true,
  errors: true,
  reportError: true,
  server: true,
  openapi: true,
  versions: true,
  redact: true,
  commands: true,
  acceptRisks: true,
}

export interface OpenApiInfo {
  readonly title?: string
  readonly description?: string
  readonly servers?: readonly { readonly url: string; readonly description?: string }[]
  readonly license?: { readonly name: string; readonly url?: string; readonly identifier?: string }
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string }
}

/** What a test or a command changes in an application that it starts. */
export interface AppOverrides {
  readonly environment?: Environment
  /** Instead of the process environment and the `.env` files. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where `.env` files are read. Default: the working directory. */
  readonly directory?: string
  readonly clock?: Clock
  readonly logDestination?: LogDestination
  readonly swaps?: readonly Swap[]
}

export interface Swap<T = unknown> {
  readonly token: Service<T>
  readonly value: T
}
