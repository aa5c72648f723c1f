import { hasSeveralProcesses } from '../foundation/redis/choose-store.ts'
import { Redis } from '../foundation/redis/redis-connection.ts'
import type { CoreSettings } from '../foundation/settings/core-settings.ts'
import type { RouteOptions } from '../http/context/route-options.ts'
import type { Runtime } from '../http/context/runtime.ts'
import { DatabaseLimitStore } from '../traffic/rate-limit/limit-store.ts'

/** What the settings make of routes that do not say otherwise. */
export function defaultOptions(settings: CoreSettings, provides: Runtime['provides']): RouteOptions {
  const countsTogether = !hasSeveralProcesses(settings) || provides(Redis) || provides(DatabaseLimitStore)
  return {
    errorThrottle: settings.errorThrottle ?? (settings.environment === 'production' && countsTogether),
    loadShedding: settings.loadShedding,
    timeout: settings.requestTimeout,
    ...(settings.tracing ? {} : { trace: false }),
    bodyLimit: settings.bodyLimit,
    ...(settings.forceHttps ? { forceHttps: true } : {}),
    ...(settings.allowedHosts.length === 0 ? {} : { hosts: settings.allowedHosts }),
    ...(settings.corsAllowOrigins.length === 0 ? {} : { cors: { origins: settings.corsAllowOrigins } }),
  }
}
