import type { BuiltInCommand } from './command-definition.ts'

export interface RegistryEntry {
  readonly summary: string
  /** Imported when the command is asked for, so that `--help` stays quick. */
  readonly load: () => Promise<{ readonly command: BuiltInCommand }>
}

/** The commands by name; help, dispatch and the reference in docs/cli.md are made from this one list. */
export const registry: Readonly<Record<string, RegistryEntry>> = {
  dev: { summary: 'Run with reload on change and readable logs', load: () => import('./commands/dev.ts') },
  serve: { summary: 'Serve for production, in one process or several', load: () => import('./commands/serve.ts') },
  routes: { summary: 'List what is served, with which options', load: () => import('./commands/routes.ts') },
  openapi: { summary: 'Print the OpenAPI document', load: () => import('./commands/openapi.ts') },
  'api diff': { summary: 'Name the changes that break clients of an OpenAPI document', load: () => import('./commands/api-diff.ts') },
  'api version list': { summary: 'List the versions of the API', load: () => import('./commands/api-version-list.ts') },
  'api version deprecate': { summary: 'Announce the end of a version', load: () => import('./commands/api-version-deprecate.ts') },
  'cache inspect': { summary: 'Show what is cached', load: () => import('./commands/cache-inspect.ts') },
  'cache clear': { summary: 'Clear the cache, or what carries a tag', load: () => import('./commands/cache-clear.ts') },
  'env check': { summary: 'Compare settings, .env.example and the environment', load: () => import('./commands/env-check.ts') },
  'env sync': { summary: 'Write .env.example from the settings', load: () => import('./commands/env-sync.ts') },
  'env diff': { summary: 'Compare the names in two .env files', load: () => import('./commands/env-diff.ts') },
  'env encrypt': { summary: 'Encrypt a settings file, to be kept with the source', load: () => import('./commands/env-encrypt.ts') },
  'env decrypt': { summary: 'Show or write an encrypted settings file', load: () => import('./commands/env-decrypt.ts') },
  'security check': { summary: 'Audit configuration and routes; fails on critical findings', load: () => import('./commands/security-check.ts') },
  'security scan': { summary: 'Audit, and ask the registry about vulnerabilities and updates', load: () => import('./commands/security-scan.ts') },
  'security report': { summary: 'Write the audit to a file, whatever it finds', load: () => import('./commands/security-report.ts') },
  doctor: { summary: 'Check runtime, settings, routes, port and health', load: () => import('./commands/doctor.ts') },
}
