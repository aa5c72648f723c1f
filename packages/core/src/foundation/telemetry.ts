import { createRequire } from 'node:module'
import type * as Api from '@opentelemetry/api'

/** Where every copy of @opentelemetry/api keeps what was registered with any of them. */
const registry = Symbol.for('opentelemetry.js.api.1')
let api: typeof Api | undefined

/**
 * OpenTelemetry's API where a provider, a propagator or a context manager is registered, else undefined: programs that
 * nobody traces do without loading its 40 modules.
 */
export function telemetry(): typeof Api | undefined {
  if ((globalThis as { [registry]?: object })[registry] === undefined) return undefined
  return (api ??= createRequire(import.meta.url)('@opentelemetry/api') as typeof Api)
}

/** The file of OpenTelemetry's API, for threads, which find no module by its name where they run. */
export function telemetryFile(): string {
  return createRequire(import.meta.url).resolve('@opentelemetry/api')
}
