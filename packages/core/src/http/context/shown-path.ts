import { redacted } from '../../foundation/logging/redact-text.ts'
import type { Context } from './context.ts'
import type { CompiledRoute } from './route.ts'

const secretParams = new WeakMap<CompiledRoute, boolean>()

/** The path of a request for logs, traces and audit: what a parameter with a hidden name holds (`/links/:token`) is masked. */
export function shownPath({ path, params, route, runtime }: Context): string {
  if (route === undefined) return path
  const { hides } = runtime.redact
  let secret = secretParams.get(route)
  if (secret === undefined) {
    secret = [...route.path.matchAll(/[:*](\w+)/g)].some(([, name]) => hides(name ?? ''))
    secretParams.set(route, secret)
  }
  if (!secret) return path
  const values = params as Readonly<Record<string, unknown>> | undefined
  return route.path.replaceAll(/[:*](\w+)\??/g, (_, name: string) => (hides(name) ? redacted : String(values?.[name] ?? '')))
}
