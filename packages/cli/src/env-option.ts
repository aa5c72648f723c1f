import type { Environment } from 'glueful'
import { fail } from './errors.ts'

const environments: readonly string[] = ['development', 'test', 'production']

export const environmentOption = {
  environment: { type: 'string', description: 'Whose settings (default: production)', valueHint: 'NAME' },
} as const

/** @throws `COMMAND_OPTION_INVALID` */
export function environmentOf(given: unknown): Environment {
  const name = given ?? 'production'
  if (!environments.includes(name as string))
    throw fail('COMMAND_OPTION_INVALID', { option: 'environment', found: String(name), expected: environments.join(', ') })
  return name as Environment
}
