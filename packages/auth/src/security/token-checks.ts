import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SecurityCheck } from 'glueful/security'
import { authSettings } from '../auth-settings.ts'
import { settingRisk } from './setting-risk.ts'

const hour = 3_600_000

/** Access and refresh tokens, and the keys that sign them. Without APP_KEY or keys of its own production does not start. */
export const tokenChecks: readonly SecurityCheck[] = [
  {
    id: 'ACCESS_TOKEN_LONG',
    severity: 'medium',
    title: 'Access tokens that last for hours',
    references: ['API2:2023', 'ASVS 7.4.2'],
    find: ({ valuesOf }) =>
      valuesOf(authSettings).token.lifetime > hour
        ? [
            settingRisk(
              'ACCESS_TOKEN_LIFETIME',
              'It is more than an hour, in which a stolen token works, and roles that were taken away still count.',
              'Set it to 15m; clients refresh.',
            ),
          ]
        : [],
  },
  {
    id: 'REFRESH_TOKEN_LONG',
    severity: 'medium',
    title: 'Refresh tokens that wait for months',
    references: ['API2:2023', 'ASVS 7.3.1'],
    find: ({ valuesOf }) =>
      valuesOf(authSettings).token.refreshLifetime > 30 * 24 * hour
        ? [settingRisk('REFRESH_TOKEN_LIFETIME', 'It is more than thirty days: what lies on a lost device works as long.', 'Set it to 7d.')]
        : [],
  },
  {
    id: 'TOKEN_CLOCK_SKEW_LARGE',
    severity: 'low',
    title: 'Tokens work long after they have expired',
    references: ['API2:2023', 'ASVS 9.2.1'],
    find: ({ valuesOf }) =>
      valuesOf(authSettings).token.skew > 60_000 ? [settingRisk('JWT_CLOCK_SKEW', 'It is more than a minute.', 'Keep clocks by NTP, and set it to 5s.')] : [],
  },
  {
    id: 'TOKEN_SECRET_SHARED',
    severity: 'high',
    title: 'Whoever verifies tokens can make them',
    references: ['API2:2023', 'ASVS 9.1.2', 'ASVS 11.1.1'],
    find({ valuesOf }) {
      const { secret, issuer, audience } = valuesOf(authSettings).token
      return secret !== undefined && (issuer !== undefined || audience !== undefined)
        ? [
            settingRisk(
              'JWT_SECRET',
              'Tokens are signed by HS256 and name an issuer or audience for other services, each of which needs the secret and so could sign for everybody.',
              'Remove JWT_SECRET: key pairs are made by themselves, and others verify by /.well-known/jwks.json.',
            ),
          ]
        : []
    },
  },
  {
    id: 'TOKEN_SECRET_KEPT',
    severity: 'low',
    title: 'A token secret that should be gone',
    references: ['API2:2023', 'ASVS 13.3.4'],
    find: ({ valuesOf }) =>
      valuesOf(authSettings).token.previousSecret === undefined
        ? []
        : [
            settingRisk(
              'JWT_PREVIOUS_SECRET',
              'It is set: the secret before still verifies tokens, which is needed for ACCESS_TOKEN_LIFETIME after a change.',
              'Remove it when the last of its tokens has expired.',
            ),
          ],
  },
  {
    id: 'TOKEN_KEY_FILE_EXPOSED',
    severity: 'high',
    title: 'A private key that others on the machine can read',
    references: ['API2:2023', 'ASVS 13.3.2'],
    find: ({ valuesOf, directory }) =>
      valuesOf(authSettings)
        .token.keyFiles.filter((file) => isReadableByOthers(resolve(directory, file)))
        .map((file) => settingRisk('JWT_KEY_FILES', `${file} can be read by other users of the machine.`, `chmod 600 ${file}`)),
  },
]

/** False for files that are not here: the audit may run elsewhere. */
function isReadableByOthers(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false })
  // Windows has no such bits; what it reports are the owner's for all.
  return found !== undefined && process.platform !== 'win32' && (found.mode & 0o044) !== 0
}
