export { auditSecurity, coreSecurityChecks, type AuditOptions } from './audit-security.ts'
export {
  defineSecurityCheck,
  severities,
  type FoundRisk,
  type SecurityCheck,
  type SecurityTarget,
  type Severity,
  type StartedApp,
} from '../app/security-check.ts'
export type { SecurityFinding, SecurityReport } from './security-report.ts'
export { renderSarif } from './render-sarif.ts'
export { renderSecurityText } from './render-text.ts'
