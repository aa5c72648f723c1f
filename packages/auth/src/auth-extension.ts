import { defineExtension, refuseUnknownOptions } from 'glueful'
import type { Policy } from './access/policy.ts'
import type { Roles } from './access/roles.ts'
import { auditCommands } from './audit/audit-commands.ts'
import { auditMigrations } from './audit/audit-tables.ts'
import { authServices } from './auth-services.ts'
import { authSettings } from './auth-settings.ts'
import { apiKeyCommands } from './commands/api-key-commands.ts'
import { keyCommands } from './commands/key-commands.ts'
import { checkAuth } from './check-auth.ts'
import { authSecurityChecks } from './security/auth-security-checks.ts'
import { apiKeyStrategy } from './strategies/api-key-strategy.ts'
import { jwtStrategy } from './strategies/jwt-strategy.ts'
import { sessionStrategy } from './strategies/session-strategy.ts'
import { authMigrations } from './tables.ts'
import type { UserStore } from './users/user-store.ts'

export interface AuthOptions {
  /** Where the application keeps its users. */
  readonly users: UserStore
  /** Permissions by role, added to those of the standard roles. */
  readonly roles?: Roles
  /** Who may do what with one instance of a class. */
  readonly policies?: readonly Policy[]
  /** False where the application provides an `AuditLog` of its own. Default: true, in the database. */
  readonly audit?: boolean
}

/**
 * Logins, tokens, sessions, API keys, roles, policies and the audit log: the strategies `session`, `jwt` and `apiKey` for routes, what
 * decides about `can`, and the commands `key`, `apikey` and `audit`. Needs `database()`; mount `authRoutes()` for the routes.
 *
 * @example
 * createApp({ name: 'shop', extensions: [database(), auth({ users })], routes: { ...authRoutes(), orders } })
 */
export function auth(options: AuthOptions) {
  refuseUnknownOptions<AuthOptions>('auth()', options, { users: true, roles: true, policies: true, audit: true })
  return defineExtension({
    name: 'auth',
    settings: authSettings,
    migrations: [...authMigrations, ...auditMigrations],
    sealed: [{ table: 'auth_keys', key: 'kid', columns: ['private_key'], purpose: 'token keys', placed: true }],
    services: authServices(options),
    strategies: [sessionStrategy, jwtStrategy, apiKeyStrategy],
    health: [{ name: 'auth', check: checkAuth }],
    commands: [...keyCommands, ...apiKeyCommands, ...auditCommands],
    securityChecks: authSecurityChecks(options.roles),
  })
}
