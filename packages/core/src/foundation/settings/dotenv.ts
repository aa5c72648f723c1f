import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../environment.ts'
import { fail } from '../errors/catalog.ts'
import { parseDotenv } from './parse-dotenv.ts'

/**
 * The `.env` files of a folder, later ones overriding: `.env`, `.env.<environment>`, `.env.local` (not in tests, which
 * must not depend on whose machine they run on). Files that are not there are passed over.
 * @throws `DOTENV_MALFORMED`, `DOTENV_UNREADABLE`
 */
export function readDotenvFiles(directory: string, environment: Environment): Record<string, string> {
  const names = ['.env', `.env.${environment}`, ...(environment === 'test' ? [] : ['.env.local'])]
  return Object.fromEntries(names.flatMap((name) => Object.entries(readDotenvFile(directory, name))))
}

/**
 * One `.env` file; empty when there is none.
 * @throws `DOTENV_MALFORMED`, `DOTENV_UNREADABLE`
 */
export function readDotenvFile(directory: string, name: string): Record<string, string> {
  let text: string
  try {
    text = readFileSync(join(directory, name), 'utf8')
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    throw fail('DOTENV_UNREADABLE', { file: join(directory, name), reason: code }, { cause: error })
  }
  return parseDotenv(text, name)
}
