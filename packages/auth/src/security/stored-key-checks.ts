import { RuntimeService } from 'glueful'
import type { FoundRisk, SecurityCheck, StartedApp } from 'glueful/security'
import { ApiKeys, type ApiKey } from '../api-keys/api-keys.ts'
import { KeyRings } from '../tokens/key-ring.ts'

const day = 86_400_000

/** Keys that are in force, by what is wrong with them, as one finding: there may be thousands. */
async function keysThat({ use }: StartedApp, are: (key: ApiKey, now: number) => boolean, what: string, remedy: string): Promise<FoundRisk[]> {
  const now = use(RuntimeService).clock.now()
  const inForce = (await use(ApiKeys).list()).filter(({ revokedAt, expiresAt }) => revokedAt === undefined && (expiresAt === undefined || expiresAt > now))
  const found = inForce.filter((key) => are(key, now))
  if (found.length === 0) return []
  const named = found.slice(0, 5).map(({ shown, name }) => `${shown}… (${name})`)
  const more = found.length > named.length ? ` and ${found.length - named.length} more` : ''
  return [{ subject: `${found.length} of ${inForce.length} API keys`, reason: `${what}: ${named.join(', ')}${more}.`, remedy }]
}

/** The keys that are stored: of programs, and of tokens. Looked at by `glueful security scan --live`. */
export const storedKeyChecks: readonly SecurityCheck[] = [
  {
    id: 'API_KEY_ENDLESS',
    severity: 'medium',
    title: 'API keys that never expire',
    references: ['API2:2023', 'ASVS 13.3.4'],
    inspect: (app) => keysThat(app, ({ expiresAt }) => expiresAt === undefined, 'They have no expiry', 'glueful apikey create --expires=90d, and rotate.'),
  },
  {
    id: 'API_KEY_OLD',
    severity: 'medium',
    title: 'API keys of more than a year',
    references: ['API2:2023', 'ASVS 13.3.4'],
    inspect: (app) => keysThat(app, ({ createdAt }, now) => now - createdAt > 365 * day, 'They were made more than a year ago', 'glueful apikey rotate ID'),
  },
  {
    id: 'API_KEY_UNUSED',
    severity: 'low',
    title: 'API keys that nobody uses',
    references: ['API2:2023', 'ASVS 13.3.1'],
    inspect: (app) =>
      keysThat(
        app,
        ({ createdAt, lastUsedAt }, now) => now - (lastUsedAt ?? createdAt) > 90 * day,
        'They have not been used for ninety days, and would not be missed where they are stolen',
        'glueful apikey revoke ID',
      ),
  },
  {
    id: 'API_KEY_ALL_POWERFUL',
    severity: 'medium',
    title: 'API keys with every scope',
    references: ['API5:2023', 'ASVS 8.2.1'],
    inspect: (app) => keysThat(app, ({ scopes }) => scopes.includes('*'), "They have the scope '*'", 'Make keys with the scopes that their programs need.'),
  },
  {
    id: 'TOKEN_KEY_OLD',
    severity: 'medium',
    title: 'A token key that has signed for half a year',
    references: ['API2:2023', 'ASVS 13.3.4'],
    async inspect({ use }) {
      const { kid, activeFrom } = use(KeyRings).current()
      const age = use(RuntimeService).clock.now() - activeFrom
      // Keys of files and secrets have no date; their ring counts them from 1.
      return activeFrom > day && age > 180 * day
        ? [
            {
              subject: `key ${kid}`,
              reason: `It has signed tokens for ${Math.floor(age / day)} days.`,
              remedy: 'glueful key rotate, which refuses no valid token.',
            },
          ]
        : []
    },
  },
]
