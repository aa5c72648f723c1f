import type { Service } from '../foundation/services/service.ts'
import type { CoreSettings } from '../foundation/settings/core-settings.ts'
import type { Settings } from '../foundation/settings/define-settings.ts'
import type { CompiledRoute } from '../http/context/route.ts'
import type { DoorLimits } from '../server/node-door.ts'

/** How bad a finding is; `critical` ones make `glueful security check` fail. */
export const severities = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

/** The application as checks see it: configured, its routes compiled, nothing started. */
export interface SecurityTarget {
  readonly settings: CoreSettings
  /** The values of settings that the application or an extension declares. */
  readonly valuesOf: <Values>(settings: Settings<Values>) => Values
  /** The application's routes and those of its extensions, without the framework's own. */
  readonly routes: readonly CompiledRoute[]
  /** Secrets that are set, of all definitions. Checks never repeat a value. */
  readonly secrets: readonly { readonly name: string; readonly value: string }[]
  readonly limits: DoorLimits
  readonly provides: (token: Service<unknown>) => boolean
  /** What the application accepts besides its routes, by check, with the reason. */
  readonly accepted: Readonly<Record<string, string>>
  /** The folder of the application. */
  readonly directory: string
}

/** What a check found, as it says it. */
export interface FoundRisk {
  readonly route?: CompiledRoute
  /** What it is about, where it is no route: `setting CORS_ALLOW_ORIGINS`. */
  readonly subject?: string
  /** What was found and why it matters. */
  readonly reason: string
  /** What to do: an option, a setting or a command. */
  readonly remedy: string
}

/**
 * One thing to look for. Extensions bring theirs as `securityChecks`, so that what is known about a feature stays with it.
 */
export interface SecurityCheck {
  /** Stable, in capitals: routes accept a risk by it. */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** OWASP API Security Top 10 2023 (`API2:2023`) and ASVS 5.0 (`ASVS 6.3.1`). */
  readonly references: readonly string[]
  readonly find?: (target: SecurityTarget) => Iterable<FoundRisk>
  /** Looks at what the application keeps, such as old keys: asked of the started application, by `glueful security scan --live`. */
  readonly inspect?: (app: StartedApp) => Promise<Iterable<FoundRisk>>
}

/** What a started application gives to those who inspect what it keeps. */
export interface StartedApp {
  readonly use: <T>(token: Service<T>) => T
}

/** Declares a check; the value itself is all there is to it. */
export function defineSecurityCheck(check: SecurityCheck): SecurityCheck {
  return check
}
