import type { EnvironmentVariables } from './read-settings.ts'

/** Names of variables that one of two sets lacks, sorted; never values. */
export interface EnvDifference {
  readonly onlyLeft: readonly string[]
  readonly onlyRight: readonly string[]
}

/** Compares two sets of variables by name, as the environments of staging and production. */
export function diffEnv(left: EnvironmentVariables, right: EnvironmentVariables): EnvDifference {
  const missing = (from: EnvironmentVariables, to: EnvironmentVariables) =>
    Object.keys(from)
      .filter((name) => from[name] !== undefined && !(Object.hasOwn(to, name) && to[name] !== undefined))
      .sort()
  return { onlyLeft: missing(left, right), onlyRight: missing(right, left) }
}
