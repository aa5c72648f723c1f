import { statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { FoundRisk, SecurityCheck, SecurityTarget } from 'glueful/security'
import { parseConnectionUrl, type ConnectionTarget } from '../connection/connection-url.ts'

/** What connects, and the variable that says where. */
export interface ConfiguredConnection {
  readonly setting: string
  readonly urls: readonly string[]
}

/** Of the file systems of Linux that are gone with the power (statfs(2)): tmpfs and ramfs. */
const volatile: ReadonlySet<number> = new Set([0x01021994, 0x858458f6])

/** Where the databases are, and who else can get at them. */
export function connectionChecks(connectionsOf: (target: SecurityTarget) => readonly ConfiguredConnection[]): readonly SecurityCheck[] {
  const each = (target: SecurityTarget, risk: (found: ConnectionTarget) => Omit<FoundRisk, 'subject'> | undefined): FoundRisk[] =>
    connectionsOf(target).flatMap(({ setting, urls }) =>
      urls.flatMap((url) => {
        const found = risk(parseConnectionUrl(url, setting))
        return found === undefined ? [] : [{ subject: `setting ${setting}`, ...found }]
      }),
    )
  return [
    {
      id: 'DATABASE_UNVERIFIED',
      severity: 'high',
      title: 'A database whose certificate nobody looks at',
      references: ['API8:2023', 'ASVS 12.3.2'],
      find: (target) =>
        each(target, (found) =>
          found.dialect !== 'sqlite' && isUnverified(found.url)
            ? {
                reason: 'The connection is encrypted to whoever answers: its certificate is not verified, so that somebody in between reads all.',
                remedy: found.dialect === 'postgres' ? 'Ask for sslmode=verify-full.' : 'Ask for ssl=true, with the authority in NODE_EXTRA_CA_CERTS.',
              }
            : undefined,
        ),
    },
    {
      id: 'DATABASE_FILE_EXPOSED',
      severity: 'high',
      title: 'A database file that others on the machine can read',
      references: ['API8:2023', 'ASVS 13.2.2'],
      find: (target) =>
        each(target, (found) => {
          if (found.dialect !== 'sqlite' || found.file === ':memory:' || process.platform === 'win32') return undefined
          const stats = statSync(resolve(target.directory, found.file), { throwIfNoEntry: false })
          return stats === undefined || (stats.mode & 0o006) === 0
            ? undefined
            : { reason: `${found.file} can be read or written by every user of the machine.`, remedy: `chmod 600 ${found.file}, and run with UMask=0077.` }
        }),
    },
    {
      id: 'DATABASE_VOLATILE',
      severity: 'critical',
      title: 'A database that is gone with the process or the machine',
      references: ['API8:2023'],
      find: (target) =>
        each(target, (found) => {
          if (found.dialect !== 'sqlite') return undefined
          if (found.file === ':memory:') return { reason: 'It is in the memory of one process.', remedy: 'Name a file, or a server.' }
          const folder = nearestFolder(resolve(target.directory, found.file))
          return volatile.has(statfsSync(folder).type)
            ? { reason: `${found.file} is on a file system in memory (${folder}).`, remedy: 'Name a file on a disk that is backed up.' }
            : undefined
        }),
    },
  ]
}

/** Encrypted, and without a look at the certificate. */
function isUnverified({ protocol, searchParams }: URL): boolean {
  const mode = searchParams.get('sslmode') ?? ''
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') return [mode, searchParams.get('ssl')].includes('no-verify')
  // libpq takes any certificate for these two, and the driver does as libpq does where it is asked to.
  return mode === 'no-verify' || (searchParams.get('uselibpqcompat') === 'true' && ['require', 'prefer'].includes(mode) && !searchParams.has('sslrootcert'))
}

/** The folder of a file, or the nearest above it that is there yet. */
function nearestFolder(path: string): string {
  const folder = dirname(path)
  return folder === path || statSync(folder, { throwIfNoEntry: false }) !== undefined ? folder : nearestFolder(folder)
}
