import type { SecurityCheck } from 'glueful/security'
import { authSettings } from '../auth-settings.ts'
import { settingRisk } from './setting-risk.ts'

const day = 86_400_000

/** The cookie of a session, and how long a session lasts. One without Secure does not start in production. */
export const sessionChecks: readonly SecurityCheck[] = [
  {
    id: 'SESSION_COOKIE_CROSS_SITE',
    severity: 'medium',
    title: 'A session cookie that other sites send along',
    references: ['API2:2023', 'ASVS 3.3.2'],
    find: ({ valuesOf }) =>
      valuesOf(authSettings).session.sameSite === 'none'
        ? [settingRisk('SESSION_COOKIE_SAMESITE', 'It is none, so that only the check of origins stands against forged requests.', 'Set it to lax, or strict.')]
        : [],
  },
  {
    id: 'SESSION_LONG',
    severity: 'medium',
    title: 'Sessions that last for months',
    references: ['API2:2023', 'ASVS 7.3.1', 'ASVS 7.3.2'],
    find({ valuesOf }) {
      const { idle, lifetime } = valuesOf(authSettings).session
      return [
        ...(idle > 7 * day
          ? [settingRisk('SESSION_IDLE_TIMEOUT', 'It is more than seven days: a device that was left behind stays logged in.', 'Set it to 1d or less.')]
          : []),
        ...(lifetime > 30 * day
          ? [settingRisk('SESSION_LIFETIME', 'It is more than thirty days, in which nobody proves who they are.', 'Set it to 30d or less.')]
          : []),
      ]
    },
  },
  {
    id: 'CSRF_ORIGIN_UNSAFE',
    severity: 'high',
    title: 'Pages that anybody can make are trusted',
    references: ['API2:2023', 'ASVS 3.5.1'],
    find: ({ valuesOf }) =>
      valuesOf(authSettings)
        .trustedOrigins.filter((origin) => !/^https:\/\/[^*]+$/.test(origin))
        .map((origin) =>
          settingRisk(
            'CSRF_TRUSTED_ORIGINS',
            `It has '${origin}', which is not the origin of one site over HTTPS.`,
            'Name origins such as https://admin.example.com.',
          ),
        ),
  },
]
