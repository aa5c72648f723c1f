import { defineSecurityCheck, type FoundRisk, type SecurityCheck } from '../../app/security-check.ts'

const shortest = 16
const placeholder = /^(change.?me|default|example|insecure|password|passwd|placeholder|secret|test|your[-_ ].*|xxx+|12345\d*|admin|root|letmein|qwerty)\W*\d*$/i
const commonUsers: ReadonlySet<string> = new Set(['root', 'postgres', 'admin', 'sa', 'guest', 'test'])
// What verifies no certificate is encrypted too; that it is no proof of who answers is a finding of the package that connects.
const postgresTls = (url: URL) =>
  /^(require|verify-ca|verify-full|no-verify)$/.test(url.searchParams.get('sslmode') ?? '') || /^(1|true)$/.test(url.searchParams.get('ssl') ?? '')
const mysqlTls = (url: URL) => !['false', 'disable'].includes(url.searchParams.get('ssl') ?? url.searchParams.get('sslmode') ?? 'false')
const encrypted: Readonly<Record<string, (url: URL) => boolean>> = {
  'postgres:': postgresTls,
  'postgresql:': postgresTls,
  'mysql:': mysqlTls,
  'mariadb:': mysqlTls,
  'redis:': () => false,
  'amqp:': () => false,
  'mongodb:': (url) => url.searchParams.get('tls') === 'true',
  'http:': () => false,
}

/** Keys, passwords and addresses with passwords. */
export const secretChecks: readonly SecurityCheck[] = [
  defineSecurityCheck({
    id: 'SECRET_WEAK',
    severity: 'critical',
    title: 'A secret that can be guessed',
    references: ['API2:2023', 'API8:2023', 'ASVS 13.2.3', 'ASVS 11.5.1'],
    find: ({ secrets }) =>
      secrets.flatMap(({ name, value }): FoundRisk[] => {
        // Addresses are looked at below; those of files hold nothing secret.
        if ((URL.canParse(value) && value.includes('://')) || /^(sqlite|file|):/.test(value)) return []
        const reason = weakness(value)
        return reason === undefined
          ? []
          : [{ subject: `setting ${name}`, reason, remedy: `Set ${name} to random text, such as openssl rand -base64 32 prints.` }]
      }),
  }),
  defineSecurityCheck({
    id: 'SERVICE_PASSWORD_WEAK',
    severity: 'critical',
    title: 'A service with a password that can be guessed',
    references: ['API8:2023', 'ASVS 13.2.3'],
    find: ({ secrets }) =>
      remote(secrets).flatMap(({ name, url }): FoundRisk[] => {
        const password = decodeURIComponent(url.password)
        const bad =
          password === ''
            ? 'has no password'
            : placeholder.test(password) || password === decodeURIComponent(url.username)
              ? 'has a password that everybody tries first'
              : undefined
        return bad === undefined ? [] : [{ subject: `setting ${name}`, reason: `The address in it ${bad}.`, remedy: 'Give the account a random password.' }]
      }),
  }),
  defineSecurityCheck({
    id: 'SERVICE_WITHOUT_TLS',
    severity: 'high',
    title: 'A service is reached without TLS',
    references: ['API8:2023', 'ASVS 12.3.1'],
    find: ({ secrets }) =>
      remote(secrets)
        .filter(({ url }) => encrypted[url.protocol]?.(url) === false)
        .map(({ name, url }) => ({
          subject: `setting ${name}`,
          reason: `The connection to it (${url.protocol.slice(0, -1)}) is not encrypted.`,
          remedy: url.protocol === 'redis:' ? `Use rediss:// in ${name}.` : `Ask for TLS in ${name}, such as ?sslmode=verify-full for PostgreSQL.`,
        })),
  }),
  defineSecurityCheck({
    id: 'SERVICE_ACCOUNT_PRIVILEGED',
    severity: 'medium',
    title: 'The application is its database’s administrator',
    references: ['API8:2023', 'ASVS 13.2.2'],
    find: ({ secrets }) =>
      remote(secrets)
        .filter(({ url }) => /^(postgres|postgresql|mysql|mariadb):$/.test(url.protocol) && commonUsers.has(decodeURIComponent(url.username)))
        .map(({ name, url }) => ({
          subject: `setting ${name}`,
          reason: `It logs in as ${decodeURIComponent(url.username)}.`,
          remedy: 'Make an account that may do what the application does, and no more.',
        })),
  }),
  defineSecurityCheck({
    id: 'SECRET_SHARED',
    severity: 'high',
    title: 'Two secrets are one',
    references: ['API8:2023', 'ASVS 11.1.1'],
    find: ({ secrets }) => {
      const byValue = Map.groupBy(secrets, ({ value }) => value)
      return [...byValue.values()]
        .filter((same) => same.length > 1)
        .map((same) => ({
          subject: `settings ${same.map(({ name }) => name).join(', ')}`,
          reason: 'They have the same value, so whoever learns one has the others.',
          remedy: 'Give each its own.',
        }))
    },
  }),
]

function weakness(value: string): string | undefined {
  if (placeholder.test(value)) return 'It is a text that stands in examples.'
  if (value.length < shortest) return `It has ${value.length} characters; at least ${shortest} random ones are needed.`
  if (new Set(value).size < 8) return 'It repeats a few characters.'
  return undefined
}

/** Addresses of services on other machines. */
function remote(secrets: readonly { readonly name: string; readonly value: string }[]): { name: string; url: URL }[] {
  return secrets.flatMap(({ name, value }) =>
    // Some settings are lists, such as that of replicas.
    value.split(/,\s*(?=[a-z][a-z\d+.-]*:\/\/)/i).flatMap((address) => {
      if (!address.includes('://') || !URL.canParse(address)) return []
      const url = new URL(address)
      const { hostname } = url
      const local = hostname === '' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
      return local ? [] : [{ name, url }]
    }),
  )
}
