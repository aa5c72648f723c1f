import type { SecurityCheck } from 'glueful/security'
import type { Roles } from '../access/roles.ts'
import { passwordChecks } from './password-checks.ts'
import { roleChecks } from './role-checks.ts'
import { sessionChecks } from './session-checks.ts'
import { storedKeyChecks } from './stored-key-checks.ts'
import { tokenChecks } from './token-checks.ts'

/** What `glueful security check` looks for because of `auth()`, in the order of the documentation. */
export function authSecurityChecks(roles?: Roles): readonly SecurityCheck[] {
  return [...sessionChecks, ...tokenChecks, ...passwordChecks, ...roleChecks(roles), ...storedKeyChecks]
}
