import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors/catalog.ts'
import { parseDotenv } from './parse-dotenv.ts'

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
