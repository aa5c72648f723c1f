import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineSecurityCheck, type SecurityCheck } from '../../app/security-check.ts'

const lockFiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb']
/** Even versions of Node that get security fixes; https://nodejs.org/en/about/previous-releases */
const oldestSupported = 24

/** What the application is made of. Known vulnerabilities are asked of the registry by `glueful security scan`. */
export const dependencyChecks: readonly SecurityCheck[] = [
  defineSecurityCheck({
    id: 'DEPENDENCIES_NOT_LOCKED',
    severity: 'medium',
    title: 'Every installation may bring other code',
    references: ['API8:2023', 'ASVS 15.2.4'],
    find: ({ directory }) =>
      above(directory).some((folder) => lockFiles.some((file) => existsSync(join(folder, file))))
        ? []
        : [
            {
              subject: 'dependencies',
              reason: 'There is no lock file beside the application or above it.',
              remedy: 'Commit package-lock.json and install with npm ci.',
            },
          ],
  }),
  defineSecurityCheck({
    id: 'RUNTIME_OUTDATED',
    severity: 'high',
    title: 'A Node without security fixes',
    references: ['API8:2023', 'ASVS 15.2.1'],
    find: () => outdated(process.versions.node),
  }),
]

/** Apart from the check, because the Node that runs it is what it is. */
export function outdated(version: string) {
  const major = Number(version.split('.')[0])
  return major >= oldestSupported && major % 2 === 0
    ? []
    : [{ subject: 'runtime', reason: `Node ${version} gets no security fixes for long.`, remedy: `Run on an even version of Node from ${oldestSupported} on.` }]
}

function above(directory: string): string[] {
  const parent = dirname(directory)
  return parent === directory ? [directory] : [directory, ...above(parent)]
}
