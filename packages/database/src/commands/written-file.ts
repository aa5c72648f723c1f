import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { CommandInput } from 'glueful'
import { fail } from '../errors.ts'

export const writeOptions = { force: 'Write over a file that is there', 'dry-run': 'Print what would be written' } as const

/** The folder that the application's sources are in. */
export function sourceFolder(): string {
  return existsSync('src/app.ts') && !existsSync('app.ts') ? 'src' : '.'
}

/**
 * Writes a new file, and says so.
 * @throws `COMMAND_FILE_EXISTS` where there is one and `--force` is not said
 */
export function writeFile({ options, print }: CommandInput, file: string, content: string): void {
  const shown = relative('.', file)
  if (options['dry-run'] === true) {
    print(`-- ${shown}\n${content}`)
    return
  }
  if (existsSync(file) && options['force'] !== true) throw fail('COMMAND_FILE_EXISTS', { file: shown })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  print(`written  ${shown}`)
}

/** Adds an export to the index of a folder, where it is not there yet. */
export function addToIndex({ options, print }: CommandInput, folder: string, file: string): void {
  const index = join(folder, 'index.ts')
  const line = `export * from './${file}'\n`
  if (options['dry-run'] === true || (existsSync(index) && readFileSync(index, 'utf8').includes(line.trim()))) return
  const before = existsSync(index) ? readFileSync(index, 'utf8') : ''
  appendFileSync(index, before === '' || before.endsWith('\n') ? line : `\n${line}`)
  print(`added    ${relative('.', index)}`)
}
