import type { SecurityFinding } from 'glueful/security'
import { askNpm } from './ask-npm.ts'

interface Outdated {
  /** Missing where the package is not installed here. */
  readonly current?: string
  readonly latest?: string
  readonly type?: string
}

interface Failure {
  readonly summary?: string
  readonly code?: string
}

const about = { route: undefined, references: ['API8:2023', 'ASVS 15.2.1'], accepted: undefined } as const

/** Dependencies that run in production and are a major version behind, which fixes seldom reach; a finding too where nobody could be asked. */
export function outdatedDependencies(directory: string, run = npmOutdated): readonly SecurityFinding[] {
  let answer: Readonly<Record<string, Outdated | readonly Outdated[]>> | undefined
  try {
    answer = JSON.parse(run(directory)) as NonNullable<typeof answer>
  } catch {
    answer = undefined
  }
  const failure = answer === undefined ? { summary: 'npm outdated gave no answer' } : failureOf(answer['error'])
  if (answer === undefined || failure !== undefined) {
    return [
      {
        ...about,
        id: 'UPDATES_UNKNOWN',
        severity: 'low',
        title: 'Updates could not be looked up',
        subject: 'dependencies',
        reason: `Whether dependencies are out of date could not be asked: ${failure?.summary ?? failure?.code ?? 'no reason given'}.`,
        remedy: 'Run npm outdated where the registry can be reached.',
      },
    ]
  }
  return Object.entries(answer).flatMap(([name, found]) => {
    // A package of several workspaces is listed once for each.
    const behind = [found as Outdated | readonly Outdated[]]
      .flat()
      .find(({ current, latest, type }) => type === 'dependencies' && majorOf(current) < majorOf(latest))
    if (behind === undefined) return []
    return [
      {
        ...about,
        id: 'DEPENDENCY_OUTDATED',
        severity: 'low',
        title: 'A dependency that is a major version behind',
        subject: `package ${name}`,
        reason: `${behind.current ?? ''} is installed and ${behind.latest ?? ''} is out; fixes of earlier majors end sooner or later.`,
        remedy: `Read its changelog and update: npm install ${name}@latest.`,
      } satisfies SecurityFinding,
    ]
  })
}

/** What npm says instead of an answer; there is a package of that name as well. */
function failureOf(error: unknown): Failure | undefined {
  return typeof error === 'object' && error !== null && !Array.isArray(error) && !('latest' in error) ? error : undefined
}

/** NaN, which is behind nothing, where it is not known. */
function majorOf(version: string | undefined): number {
  return Number(/^(\d+)\./.exec(version ?? '')?.[1] ?? Number.NaN)
}

function npmOutdated(directory: string): string {
  return askNpm(directory, ['outdated', '--json', '--long'])
}
