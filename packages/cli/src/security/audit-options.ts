import { appOption, jsonOption } from '../command-definition.ts'

/** Options of the `security` commands. */
export const auditOptions = {
  ...appOption,
  ...jsonOption,
  production: { type: 'boolean', description: 'Judge it as production, whatever APP_ENV says' },
  sarif: { type: 'boolean', description: 'Print SARIF 2.1.0, for code scanning' },
  output: { type: 'string', description: 'Write to a file instead', valueHint: 'FILE' },
} as const
