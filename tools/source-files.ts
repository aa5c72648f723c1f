import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A violation of a rule: where, and what to do. */
export interface Violation {
  readonly file: string
  readonly message: string
}

/** Files of a checkout that git tracks or would track; of a plain folder all. Paths are relative, with slashes. */
export function listFiles(root: string): string[] {
  const listed = existsSync(join(root, '.git'))
    ? execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\n')
    : readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  return listed.filter((file) => file !== '' && existsSync(join(root, file))).sort()
}

export function read(root: string, file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

export const isSource = (file: string) => /^(packages|extensions)\/[^/]+\/src\/.*\.ts$/.test(file)
export const isTest = (file: string) => file.endsWith('.test.ts')

/** What a file imports at run time, as written. */
export function importsOf(text: string): string[] {
  const withoutTypes = text.replace(/^(?:import|export) type [^;]*?from\s+'[^']+'$/gms, '')
  return [...withoutTypes.matchAll(/(?:^|\n)(?:import|export)\s[^'"]*?from\s+'([^']+)'|(?:^|\n)import\s+'([^']+)'/g)].map(
    (match) => (match[1] ?? match[2]) as string,
  )
}
