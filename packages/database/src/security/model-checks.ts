import type { FoundRisk, SecurityCheck } from 'glueful/security'
import type { ModelTable } from '../schema/model-tables.ts'

const secretName =
  /^(pass(word|wd|phrase)?|secret|token|otp|pin|cvv|ssn|(password|token|secret|key|otp|pin)_?hash|hash(ed)?_?(password|token|secret)|(api|private|secret|access|signing|encryption)_?key|(access|refresh|reset|session|auth|bearer|api|csrf|verification|remember)_?token|(client|totp|mfa|webhook|shared)_?secret|recovery_?codes?)$/i

/** What the application's models keep, and show. */
export function modelChecks(modelsOf: () => readonly ModelTable[]): readonly SecurityCheck[] {
  const columns = () =>
    modelsOf().flatMap(({ name, columns: all }) => Object.entries(all).map(([column, { facts }]) => ({ subject: `model ${name}`, column, facts })))
  return [
    {
      id: 'ENCRYPTION_KEY_MISSING',
      severity: 'critical',
      title: 'Nothing to encrypt columns with',
      references: ['API8:2023', 'ASVS 13.3.1'],
      find: ({ settings }) =>
        settings.appKey === undefined
          ? columns()
              .filter(({ facts }) => facts.type === 'encrypted')
              .map(({ subject, column }): FoundRisk => ({
                subject,
                reason: `Its column '${column}' is encrypted, and APP_KEY is not set, so it can be neither read nor written.`,
                remedy: 'Set APP_KEY to what openssl rand -base64 32 prints.',
              }))
          : [],
    },
    {
      id: 'SECRET_COLUMN_SHOWN',
      severity: 'high',
      title: 'A column with a secret that answers show',
      references: ['API3:2023', 'ASVS 15.3.1'],
      find: () =>
        columns()
          .filter(({ column, facts }) => !facts.hidden && secretName.test(column))
          .map(({ subject, column }): FoundRisk => ({
            subject,
            reason: `Its column '${column}' is part of every record that is answered.`,
            remedy: 'Say hidden(), or encrypted() where it has to be read again.',
          })),
    },
  ]
}
