import { AuditLog, covers } from 'glueful'
import type { SecurityCheck } from 'glueful/security'
import type { Roles } from '../access/roles.ts'

/** What the application grants, and whether anybody writes down who used it. */
export function roleChecks(roles: Roles = {}): readonly SecurityCheck[] {
  return [
    {
      id: 'ROLE_ALL_POWERFUL',
      severity: 'high',
      title: 'A role besides admin may do everything',
      references: ['API5:2023', 'ASVS 8.2.1'],
      find: () =>
        Object.entries(roles)
          .filter(([role, permissions]) => role !== 'admin' && role !== 'anonymous' && covers(permissions, 'no.such.permission'))
          .map(([role]) => ({
            subject: `role ${role}`,
            reason: "It is granted '*', and with it all that is ever added.",
            remedy: 'Grant what it needs, such as orders.*.',
          })),
    },
    {
      id: 'ANONYMOUS_MAY_CHANGE',
      severity: 'critical',
      title: 'Callers whom nobody knows may change things',
      references: ['API5:2023', 'ASVS 8.2.1'],
      find: () =>
        (roles['anonymous'] ?? [])
          .filter((permission) => !permission.endsWith('.view') && !permission.endsWith('.list'))
          .map((permission) => ({
            subject: 'role anonymous',
            reason: `It is granted '${permission}'.`,
            remedy: 'Grant it nothing but permissions to look, which end with .view or .list.',
          })),
    },
    {
      id: 'NO_AUDIT_LOG',
      severity: 'medium',
      title: 'Nobody writes down who logged in and who was refused',
      references: ['API2:2023', 'ASVS 16.3.1'],
      find: ({ provides }) =>
        provides(AuditLog)
          ? []
          : [
              {
                subject: 'auth()',
                reason: 'It is told audit: false, and the application provides no AuditLog.',
                remedy: 'Leave audit out, or provide AuditLog.',
              },
            ],
    },
  ]
}
