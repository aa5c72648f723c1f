import { isSecretName, redacted } from '../../foundation/logging/redact.ts'
import type { Context } from './context.ts'
import type { CompiledRoute } from './route.ts'

const secretParams = new WeakMap<CompiledRoute, boolean>()

/** The path of a request for logs, traces and audit: what a parameter named like a secret holds (`/links/:token`) is masked. */
export function shownPath({ path, params, route }: Context): string {
  if (route === undefined) return path
  let secret = secretParams.get(route)
  if (secret === undefined) {
    secret = [...route.path.matchAll(/[:*](\w+)/g)].some(([, name]) => isSecretName(name ?? ''))
    secretParams.set(route, secret)
  }
  if (!secret) return path
  const values = params as Readonly<Record<string, unknown>> | undefined
  return route.path.replaceAll(/[:*](\w+)\??/g, (_, name: string) => (isSecretName(name) ? redacted : String(values?.[name] ?? '')))
}
