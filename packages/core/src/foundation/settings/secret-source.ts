import { withTimeout } from '../concurrency/with-timeout.ts'
import { parseDuration, type Duration } from '../duration.ts'
import type { Environment } from '../environment.ts'
import { fail } from '../errors/catalog.ts'
import { redactText } from '../logging/redact-text.ts'
import { listSettings, type Settings } from './define-settings.ts'
import { isGiven, type EnvironmentVariables, type SettingsSource } from './read-settings.ts'

/** What a source of secrets is asked. */
export interface SecretRequest {
  /** Secret settings that the environment does not give: `['STRIPE_KEY']`. */
  readonly names: readonly string[]
  readonly environment: Environment
  /** Aborted when the time is over. */
  readonly signal: AbortSignal
}

/** A place that keeps secrets, such as a vault; asked once when the application starts. */
export interface SecretSource {
  /** For messages. */
  readonly name: string
  /** How long it may take. Default: `10s`. */
  readonly timeout?: Duration
  /** Values by the names of settings; what it does not have it leaves out, and what nobody asked for is passed over. */
  readonly read: (request: SecretRequest) => Promise<EnvironmentVariables> | EnvironmentVariables
}

const usualTimeout = 10_000

/**
 * Asks sources in their order for the secrets that are not given yet. The environment comes first, so that one value can
 * be replaced without the source.
 * @returns the variables, completed
 * @throws `SECRET_SOURCE_FAILED`, `SECRET_SOURCE_INVALID`
 */
export async function askSecretSources(sources: readonly SecretSource[], definitions: readonly Settings[], source: SettingsSource): Promise<SettingsSource> {
  const { environment } = source
  const variables: Record<string, string | undefined> = { ...source.variables }
  const secrets = [...new Set(listSettings(definitions).flatMap(({ name, secret }) => (secret ? [name] : [])))]
  for (const one of sources) {
    const names = secrets.filter((name) => !isGiven(variables[name]) && !isGiven(variables[`${name}_FILE`]))
    if (names.length === 0) break
    const found = await ask(one, { names, environment })
    for (const name of names) {
      const value: unknown = found[name]
      if (value === undefined) continue
      if (typeof value !== 'string') throw fail('SECRET_SOURCE_INVALID', { source: one.name, reason: `what it has for ${name} is no text` })
      variables[name] = value
    }
  }
  return { environment, variables }
}

async function ask({ name, timeout, read }: SecretSource, request: Omit<SecretRequest, 'signal'>): Promise<EnvironmentVariables> {
  const limit = timeout === undefined ? usualTimeout : parseDuration(timeout, `timeout of the secret source ${name}`)
  let found: unknown
  try {
    found = await withTimeout(async (signal) => read({ ...request, signal }), limit)
  } catch (error) {
    // Its error is not handed on: nobody knows what it holds.
    throw fail('SECRET_SOURCE_FAILED', { source: name, reason: reasonOf(error) })
  }
  if (typeof found !== 'object' || found === null) throw fail('SECRET_SOURCE_INVALID', { source: name, reason: 'it answered no object' })
  return found as EnvironmentVariables
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'it threw something that is no error'
  return redactText(text.slice(0, 300)).replace(/\.+$/, '')
}
