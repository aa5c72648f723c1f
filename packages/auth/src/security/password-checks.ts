import type { FoundRisk, SecurityCheck } from 'glueful/security'
import { authSettings } from '../auth-settings.ts'
import { settingRisk } from './setting-risk.ts'

const day = 86_400_000

/** Passwords, how often they may be guessed, and the links that replace them. */
export const passwordChecks: readonly SecurityCheck[] = [
  {
    id: 'PASSWORDS_SHORT',
    severity: 'medium',
    title: 'Short passwords are allowed',
    references: ['API2:2023', 'ASVS 6.2.1'],
    find({ valuesOf }) {
      const { minLength } = valuesOf(authSettings).password
      return minLength < 12 ? [settingRisk('PASSWORD_MIN_LENGTH', `It is ${minLength}.`, 'Leave it at 12, or set it to 15.')] : []
    },
  },
  {
    id: 'PASSWORDS_KNOWN',
    severity: 'medium',
    title: 'Passwords that everybody knows are allowed',
    references: ['API2:2023', 'ASVS 6.2.4', 'ASVS 6.2.12'],
    find: ({ valuesOf }) =>
      valuesOf(authSettings).password.breachedFile === undefined
        ? [
            settingRisk(
              'PASSWORD_BREACHED_FILE',
              'It is not set, so nobody is kept from the passwords that attackers try first.',
              'Set it to a list of them: one a line, or the sorted hashes of Have I Been Pwned.',
            ),
          ]
        : [],
  },
  {
    id: 'LOCKOUT_WEAK',
    severity: 'high',
    title: 'Passwords may be guessed for long',
    references: ['API2:2023', 'ASVS 6.3.1'],
    find({ valuesOf }) {
      const { maxAttempts, maxAttemptsPerAddress, lockoutSeconds } = valuesOf(authSettings).login
      const risks: (FoundRisk | false)[] = [
        maxAttempts > 10 && settingRisk('LOGIN_MAX_ATTEMPTS', `${maxAttempts} passwords may be tried before an account is locked.`, 'Set it to 5.'),
        maxAttemptsPerAddress > 500 &&
          settingRisk('LOGIN_MAX_ATTEMPTS_PER_ADDRESS', `One address may try ${maxAttemptsPerAddress} passwords, one of each account.`, 'Set it to 50.'),
        lockoutSeconds < 60 &&
          settingRisk('LOGIN_LOCKOUT_TTL_SECONDS', `A lock lasts ${lockoutSeconds} seconds, and failures are forgotten as soon.`, 'Set it to 900.'),
      ]
      return risks.filter((risk) => risk !== false)
    },
  },
  {
    id: 'LINKS_LONG',
    severity: 'medium',
    title: 'Links in letters that work for days',
    references: ['API2:2023', 'ASVS 6.4.1'],
    find({ valuesOf }) {
      const { password, verificationLifetime } = valuesOf(authSettings)
      const risks: (FoundRisk | false)[] = [
        password.resetLifetime > day &&
          settingRisk('PASSWORD_RESET_LIFETIME', 'It is more than a day: who reads old mail takes the account over.', 'Set it to 1h.'),
        verificationLifetime > 7 * day && settingRisk('EMAIL_VERIFICATION_LIFETIME', 'It is more than a week.', 'Set it to 1d.'),
      ]
      return risks.filter((risk) => risk !== false)
    },
  },
]
